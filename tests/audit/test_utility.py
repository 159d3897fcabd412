"""The headline has no winner's curse, and the risk is the one asked for; from values whose truth is known."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from experiments.audit.encoding import EncodedTable, Problem, Schema
from experiments.audit.metrics import Risk, few_cases, risk_of, swayed
from experiments.audit.options import AuditOptions, InputError
from experiments.audit.utility import Terms, Trained, best_of, model_result, picked, ranking
from tests.audit.conftest import audit, write
from tests.audit.worlds import problem

ERROR, AUC = Risk("error", 0, 1), Risk("auc", 3, -1)


def noise(rng, models=6, rows=100):
    """Models that are all equally good after either training: every measure of every row is pure noise around 0."""
    values = rng.normal(size=(models, 2, 4, rows)).astype(np.float32)
    return {f"m{k}": Trained(dict(zip(("real", "synthetic"), v, strict=True)), None) for k, v in enumerate(values)}


@pytest.mark.parametrize("risk", [ERROR, AUC])
def test_the_best_models_gap_is_unbiased_where_the_best_by_the_same_rows_is_not(risk):
    """The mean of 400 gaps, of truth 0, within 4.5 standard errors: false alarm below 1e-5. A tenth of sd 1 per row each."""
    found, naive = [], []
    for seed in range(400):
        trained = noise(np.random.default_rng([1, seed]))
        values = best_of(trained, risk, seed).full
        found.append(risk.loss(values["synthetic"]).mean() - risk.loss(values["real"]).mean())
        best = trained[picked(trained, risk)["real"]].full
        naive.append(risk.loss(best["synthetic"]).mean() - risk.loss(best["real"]).mean())
    error = np.std(found, ddof=1) / 20
    assert abs(np.mean(found)) < 4.5 * error
    # E max of six normals is 1.267: so much, times sd 1/10, does the best by the same rows seem to lose.
    assert np.mean(naive) == pytest.approx(0.1267, abs=4.5 * np.std(naive, ddof=1) / 20)


def test_the_best_models_gap_is_that_between_the_best_of_either_training():
    """Risks 0.2 and 0.3 after real, 0.5 and 0.4 after synthetic training, hardly any noise: 0.4 - 0.2."""
    rng = np.random.default_rng(0)
    means = {"a": {"real": 0.2, "synthetic": 0.5}, "b": {"real": 0.3, "synthetic": 0.4}}
    full = {name: {t: m + 0.01 * rng.normal(size=(4, 50)) for t, m in own.items()} for name, own in means.items()}
    halves = {name: {t: np.full((3, 2, 4, 50), m) for t, m in own.items()} for name, own in means.items()}
    trained = {name: Trained(full[name], halves[name]) for name in means}
    mixed = best_of(trained, ERROR, 1)
    assert picked(trained, ERROR) == {"real": "a", "synthetic": "b"}
    gap = model_result("best", mixed, mixed, True, 0.95, ERROR).measures["error"].gap
    assert gap.value == pytest.approx(0.2, abs=0.01)
    assert mixed.halves["synthetic"] == pytest.approx(np.full((3, 2, 4, 50), 0.4))
    assert picked(trained, AUC) == {"real": "b", "synthetic": "a"}  # larger is better
    assert ranking(trained, 0.95, AUC).chosen == "a"


def test_without_refits_few_reports_have_a_pair_in_the_wrong_order():
    """The order is plain after real training, a tie after synthetic: 15 pairs at 95% each would flip in about a fifth of 200.

    At 5% of reports at most, more than 27 have probability below 1e-5.
    """
    assert stats.binom.sf(27, 200, 0.05) < 1e-5
    flips = 0
    for seed in range(200):
        trained = noise(np.random.default_rng([2, seed]))
        for k, own in enumerate(trained.values()):
            own.full["real"][0] += k
        flips += any(p.verdict == "flipped" for p in ranking(trained, 0.95, ERROR).pairs)
    assert flips <= 27


def classes(share, rows=1000):
    target = (np.arange(rows) < share * rows).astype(float)
    table = EncodedTable(np.zeros((rows, 1)), target)
    return Problem(Schema(("x",), (), (), ("no", "yes"), "y"), table, table, table)


@pytest.mark.parametrize(
    ("tables", "metric", "expected"),
    [
        (classes(0.24), "auto", ERROR), (classes(0.05), "auto", Risk("log_loss", 1, 1)), (classes(0.05), "accuracy", ERROR),
        (classes(0.24), "auc", AUC), (problem(np.random.default_rng(0), "regression"), "auto", Risk("rmse", 0, 1)),
        (problem(np.random.default_rng(0), "regression"), "r2", Risk("r2", 2, -1)),
    ],
)
def test_the_risk_is_what_was_asked_for_and_a_proper_one_where_classes_are_rare(tables, metric, expected):
    assert risk_of(tables, metric) == expected


@pytest.mark.parametrize(("cases", "risk", "few"), [(59, ERROR, True), (60, ERROR, False), (59, AUC, False)])
def test_few_cases_are_told_where_a_model_may_never_predict_them(cases, risk, few):
    told = few_cases(classes(cases / 500, 500), risk)
    assert (told is not None) == few
    assert told is None or f"only {cases} rows of the real training table" in told


@pytest.mark.parametrize(
    ("largest", "risk", "told"),
    [
        (4.0, Risk("rmse", 0, 1), None), (10.0, Risk("rmse", 0, 1), "28% of the variance of the target: RMSE"),
        (10.0, Risk("r2", 2, -1), "28% of the variance of the target: R²"), (10.0, Risk("mae", 1, 1), None),
    ],
)
def test_a_row_that_sways_means_of_squares_is_told(largest, risk, told):
    """160 responses ±1 and two at ± the largest L: each has L²/(160 + 2L²) of the variance, 8% at 4 and 28% at 10."""
    target = np.r_[np.tile([1.0, -1.0], 80), largest, -largest]
    table = EncodedTable(np.zeros((162, 1)), target)
    found = swayed(Problem(Schema(("x",), (), (), (), "y"), table, table, table), risk)
    assert (found is None) == (told is None)
    assert told is None or told in found


def test_few_cases_settle_nothing(tmp_path):
    """Responses turned round would be a no; here the real table has 50 cases at most."""
    paths = write(tmp_path, "classification", "responses", rows=600)
    table = pd.read_csv(paths["real"])
    table.drop(index=table.index[table["y"] == "yes"][50:]).to_csv(paths["real"], index=False)
    result = audit(paths, tmp_path, metric="accuracy", repeats=1)
    assert (result.verdict.train, result.verdict.choose) == ("undecided", "undecided")
    assert "rows of the real training table are outside the largest class" in result.notes[0]


def test_a_metric_of_the_other_task_is_refused():
    with pytest.raises(InputError, match=r"audit.metric: rmse does not suit classification; choose among accuracy"):
        risk_of(classes(0.5), "rmse")


@pytest.mark.parametrize(("metric", "words"), [("auc", "reaches"), ("log_loss", "log loss")])
def test_wrong_responses_are_found_by_every_metric(metric, words, tmp_path):
    paths = write(tmp_path, "classification", "responses", rows=1200)
    result = audit(paths, tmp_path, models=["linear", "neighbours"], metric=metric)
    assert result.verdict.train == "no"
    assert words in result.verdict.train_sentence
    gap = result.best.measures[metric].gap
    assert gap.high < 0 if metric == "auc" else gap.low > 0
    assert {e.cause for e in result.causes.values()} == {"responses"}


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"test": "t.csv"}, "It can"),
        ({"test": "t.csv", "repeats": 1}, "For these two tables only, it can"),
        ({}, "If the generator has not seen the test rows cut from the real table, it can"),
    ],
)
def test_sentences_start_with_what_they_hold_under(options, expected):
    assert Terms(AuditOptions("r.csv", "s.csv", "y", **options)).start("It can") == expected
