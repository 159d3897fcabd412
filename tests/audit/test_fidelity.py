"""Discriminator, lowered curve, constants and formats, where the truth is known."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from scipy import stats

from experiments.audit import fidelity
from experiments.audit.columns import Warnings
from experiments.audit.core import _warn_of_results
from experiments.audit.encoding import EncodedTable, Problem, Schema
from experiments.audit.fidelity import fidelity_of, own_distance
from experiments.audit.formatting import findings, grid, single_precision, unified
from experiments.audit.metrics import auc_values
from experiments.audit.summaries import _cramer, dependence, marginals
from experiments.estimators.discriminator import placements
from experiments.estimators.intervals import Interval
from experiments.rng import stream
from tests.audit.worlds import problem

pytestmark = pytest.mark.filterwarnings("ignore")


def answers(tables, *questions):
    return {q: fidelity.discriminate(tables, q, 1) for q in questions}


@pytest.fixture(scope="module")
def shifted():
    """Features N(0, 1) against N(1, 1) in one column, the other column and the response alike."""
    rng = np.random.default_rng(0)

    def table(rows, shift):
        return EncodedTable(rng.normal(size=(rows, 2)) + np.array([shift, 0.0]), rng.normal(size=rows))

    return Problem(Schema(("x", "z"), (), (), (), "y"), table(3000, 0), table(3000, 1), table(1000, 0))


def test_fidelity_of_shifted_normals(shifted):
    scores = answers(shifted, "features", "joint", "null")
    found = fidelity_of(shifted, scores, 0.95)
    best = stats.norm.cdf(1 / np.sqrt(2))  # AUC of the likelihood ratio
    assert best - 0.05 < found.auc["features"].value < best + 0.02
    assert found.auc["null"].low < 0.5 < found.auc["null"].high + 0.02
    assert found.told_apart
    assert found.given_away_by == "x"
    assert found.columns[0]["column"] == "x"
    assert found.columns[0]["drop"] > 5 * abs(found.columns[-1]["drop"])
    # Lower estimates lie below the truth, and not absurdly so.
    truth = 2 * stats.norm.cdf(0.5) - 1
    assert 0.5 * truth < found.total_variation < truth
    alpha, beta = np.array(found.lowered).T
    assert (beta <= stats.norm.cdf(stats.norm.ppf(alpha) + 1) + 1e-5).all()
    assert [t["b"] >= t["a"] for t in found.transfer] == [True] * len(found.transfer)
    d1 = next(c["V"] for c in found.constants if c["d"] == 1)
    ratios = np.exp(np.linspace(-3, 5, 2001))
    truth = np.max(ratios * stats.norm.cdf(0.5 - np.log(ratios)))  # sup C P(r > C), log r = 1/2 - x
    assert 0.5 <= d1 < truth  # 1/2: what every covered pair has at d = 1


REMEDY = "leave it out: audit.ignore=[x]"


@pytest.mark.parametrize(
    ("column", "by_features", "told"), [("x", True, REMEDY), ("x", False, "column 'x': "), ("y", True, "'y' (the target): ")]
)
def test_only_a_feature_that_gives_the_table_away_without_the_target_is_to_be_left_out(column, by_features, told):
    apart = SimpleNamespace(given_away_by=column, told_apart=by_features, auc={"joint": Interval(0.9, 0.85, 0.95, 0.95)})
    none = Interval(0.0, 0.0, 0.0, 0.95)
    warnings = Warnings()
    _warn_of_results([], SimpleNamespace(share=none, by_chance=none, left_out=0), apart, "y", warnings)
    (note,) = warnings.notes
    assert told in note
    assert ("audit.ignore" in note) == (told == REMEDY)


def test_two_columns_that_share_the_difference_give_nothing_away_alone():
    """Both shifted by 1: AUC Φ(1) = 0.84, and Φ(1/2) = 0.69 with one shuffled, so 44% of the advantage goes with it."""
    rng = np.random.default_rng(0)
    sets = (EncodedTable(rng.normal(size=(n, 2)) + s, rng.normal(size=n)) for n, s in ((2000, 0), (2000, 1), (500, 0)))
    tables = Problem(Schema(("x", "z"), (), (), (), "y"), *sets)
    found = fidelity_of(tables, answers(tables, "features", "joint", "null"), 0.95)
    assert found.auc["joint"].low > 0.7
    assert found.given_away_by is None


def test_same_law_is_not_told_apart():
    """AUC of held-out scores on 500 + 500 rows; the null's interval misses with probability about 5% once, fixed seed."""
    tables = problem(np.random.default_rng(1), "classification", rows=1000)
    scores = answers(tables, "features", "joint", "null")
    found = fidelity_of(tables, scores, 0.95)
    assert not found.told_apart
    assert found.total_variation < 0.1


def test_the_area_of_cross_fitted_scores_covers_chance_where_nothing_tells_the_kinds_apart():
    """The score is the projection on the difference of means, of 20 normals, in two folds; DeLong's own reach is √2 too short.

    300 tables at 95%: fewer than 268 or more than 298 covered have probability below 1e-3; at √½ of the reach 83% would be.
    """
    assert stats.binom.cdf(267, 300, 0.95) + stats.binom.sf(298, 300, 0.95) < 1e-3
    rng, covered, real, fold = np.random.default_rng(9), 0, np.arange(120) < 60, np.arange(120) % 2
    for x in rng.normal(size=(300, 120, 20)):
        placed = np.empty(120)
        for k in (0, 1):
            held = fold == k
            score = x @ (x[~held & real].mean(axis=0) - x[~held & ~real].mean(axis=0))
            placed[held & real], placed[held & ~real] = placements(score[held & real], score[held & ~real])
        covered += fidelity.area({"placed_real": placed[real], "placed_synthetic": placed[~real]}, 0.95).contains(0.5)
    assert 268 <= covered <= 298


def test_an_area_stays_within_its_bounds():
    placed = {"placed_real": np.array([1.0, 1.0, 0.9]), "placed_synthetic": np.array([1.0, 1.0, 0.9])}
    found = fidelity.area(placed, 0.95)
    assert (found.value, found.high) == (pytest.approx(1 - 1 / 30), 1.0)


def test_equal_rows_share_a_fold():
    tables = problem(np.random.default_rng(3), "classification", rows=200)
    doubled = replace(tables, synthetic=tables.real)
    pool = fidelity.pooled(doubled, "joint", 1)
    folds = {}
    for row, fold in zip(map(bytes, pool.features), pool.fold, strict=True):
        assert folds.setdefault(row, fold) == fold


def test_grid():
    rng = np.random.default_rng(4)
    assert grid(rng.integers(0, 99, 500).astype(float)) == 1
    assert grid(rng.integers(1, 99, 500) * 100.0) == 100
    assert grid(np.round(rng.normal(size=500) * 1e4, 2)) == 0.01
    assert grid(rng.normal(size=500)) == 0
    assert grid(np.array([0.0, np.nan])) == 0
    assert single_precision(rng.normal(size=500).astype(np.float32).astype(float))
    assert not single_precision(rng.normal(size=500))


def test_formatting_alone_gives_the_table_away_until_it_is_unified():
    """Whole numbers against the same numbers with a little noise, and a category in capitals."""
    rng = np.random.default_rng(5)

    def table(rows):
        features = np.column_stack([rng.integers(0, 50, rows), rng.integers(0, 2, rows)])
        return EncodedTable(features.astype(float), rng.normal(size=rows))

    real, synthetic, test = table(800), table(800), table(200)
    synthetic.features[:, 0] += 0.2 * (rng.random(800) - 0.5)
    synthetic.features[synthetic.features[:, 1] == 1, 1] = 2
    tables = Problem(Schema(("n",), ("k",), (("a", "b", "B"),), (), "y"), real, synthetic, test)
    told = {(f["column"], f["real"], f["mendable"]) for f in findings(tables)}
    assert ("n", "whole numbers", True) in told
    assert ("k", "'b'", True) in told
    assert findings(unified(tables)) == []
    scores = answers(tables, "joint", "mended")
    auc = {q: fidelity.area(s, 0.95) for q, s in scores.items()}
    assert auc["joint"].low > 0.85
    assert auc["mended"].contains(0.5)


def test_distances_and_dependence():
    rng = np.random.default_rng(7)
    a, b = rng.normal(size=400), rng.normal(1, 1, 300)
    assert own_distance(a, b) == pytest.approx(stats.ks_2samp(a, b).statistic)
    assert own_distance(np.array([np.nan, 1.0]), np.array([1.0, 1.0])) == 0.5
    codes = rng.integers(0, 4, 4000)
    assert _cramer(codes, codes) == pytest.approx(1, abs=1e-3)
    assert _cramer(codes, rng.integers(0, 4, 4000)) < 0.05
    tables = problem(rng, "classification", "features", rows=500)
    pictures = marginals(tables, [])
    assert pictures[0]["column"] == "x1"
    for entry in pictures:
        assert len(entry["labels"]) == len(entry["real"]) == len(entry["synthetic"])
        assert sum(entry["real"]) == pytest.approx(1, abs=1e-3)
    found = dependence(tables)
    assert np.array(found["real"]).shape == (5, 5)
    assert np.diag(found["real"])[:4] == pytest.approx(np.ones(4), abs=0.01)


@pytest.mark.parametrize("task", ["classification", "regression"])
def test_drops_are_those_of_whole_predictions_on_shuffled_columns(task):
    tables = problem(np.random.default_rng(0), task, "features", 400)
    tables.real.features[::7, 1:] = np.nan
    found, pool = fidelity.discriminate(tables, "joint", 3), fidelity.pooled(tables, "joint", 3)
    wanted = []
    for fold in range(fidelity.SHUFFLED_FOLDS):
        held, rng = pool.fold == fold, stream(3, "audit/shuffle", fold)
        model = fidelity.fitted(pool.schema, 3)(pool.features[~held], pool.real[~held])
        real = pool.real[held]
        tried = [pool.features[held].copy() for _ in range(1 + pool.features.shape[1])]
        for column, features in enumerate(tried[1:]):
            features[:, column] = rng.permutation(features[:, column])
        areas = [auc_values(model.predict_proba(features)[:, 1], real).mean() for features in tried]
        wanted.append(areas[0] - np.array(areas[1:]))
    np.testing.assert_array_equal(found["drops"], np.mean(wanted, axis=0))
