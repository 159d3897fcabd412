"""What the audit claims, on pairs of tables between which nothing differs: disjoint draws from one large table.

Truth is known without a model. For each pair, real, synthetic and test rows are drawn afresh from one table, disjoint. Given
that table, pairs are independent: how many of 300 go wrong is a binomial count. Within a pair the real and the synthetic rows
can be exchanged: every expected gap is 0, and no two models change their order. Drawing without replacement makes nothing
easier for halves and whole tables: means of two disjoint draws of n rows differ with variance 2 S²/n, as independent ones do.
The test rows' part of the variance is smaller, by their share of the table: 6% in the smallest.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from itertools import combinations
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pandas as pd
import pytest

from experiments.audit.columns import CleanTables
from experiments.audit.encoding import EncodedTable, Problem, Schema, encode
from experiments.audit.jobs import without_harmless_warnings
from experiments.audit.metrics import full_fits, measures, risk_of
from experiments.audit.options import METRICS, available
from experiments.audit.utility import TABLES, ModelResult, Ranking, Trained, best_of, model_result, ranking
from experiments.datasets.files import VARIABLE, csv_frame
from experiments.datasets.tables import Adult
from experiments.estimators.intervals import Array
from experiments.measurements.base import Unavailable
from tests.audit.test_calibration import COVERED, PAPER, trained
from tests.audit.worlds import draw, schema

PAIRS = 300
CUTS = 10
SEED = 21
FAR = 10_000
"""Most rows on which the true risk of fitted models is taken."""


def encoded(frame: pd.DataFrame, target: str) -> tuple[Schema, EncodedTable]:
    numbers = list(frame.drop(columns=target).select_dtypes("number"))
    categories = [c for c in frame.columns if c not in (*numbers, target)]
    found, tables = encode(CleanTables({"real": frame}, numbers, categories, target, "classification"))
    return found, tables["real"]


def adult(share: float | None = None) -> tuple[Schema, EncodedTable]:
    """All of Adult, or with so few of its richer people that they are this share."""
    table = Adult().load(Path())
    poor, rich = np.flatnonzero(table.y == 0), np.flatnonzero(table.y == 1)
    kept = len(rich) if share is None else round(len(poor) * share / (1 - share))
    rows = np.r_[poor, np.random.default_rng(SEED).permutation(rich)[:kept]]
    return encoded(table.take(rows).frame(), table.response)


def fetched(name: str, digest: str, target: str, *codes: str) -> tuple[Schema, EncodedTable]:
    """A table of the data folder; `codes` are columns whose numbers stand for categories."""
    try:
        frame = csv_frame(Path(os.environ.get(VARIABLE, "data")) / "tables", f"{name}.csv", digest)
    except Unavailable as error:
        pytest.skip(str(error))
    return encoded(frame.assign(**{code: frame[code].astype(str) for code in codes}), target)


def simulated(task: str, heavy: bool = False) -> tuple[Schema, EncodedTable]:
    rng = np.random.default_rng([SEED, task == "regression"])
    table = draw(rng, 50_000, task)
    return schema(task), EncodedTable(table.features, table.target + heavy * rng.pareto(2.5, len(table)))


@dataclass(frozen=True)
class Setting:
    """A large table (a function and its arguments), the rows of each table drawn from it, and the audit's metric."""

    table: tuple[Any, ...]
    rows: int
    metric: str


SETTINGS = {
    "classes": Setting((simulated, "classification"), 300, "accuracy"),
    "numbers": Setting((simulated, "regression"), 300, "rmse"),
    "pareto": Setting((simulated, "regression", True), 300, "mae"),  # the remedy that the audit names under such tails
    "adult_24": Setting((adult,), 300, "accuracy"),
    "adult_8": Setting((adult, 0.08), 500, "log_loss"),  # the default where classes are rare
    "errors_8": Setting((adult, 0.08), 800, "accuracy"),  # some 64 cases; below 60 it settles nothing
    "benefits": Setting((fetched, "benefits", "151b604d1c26fb13", "ui", "state"), 300, "accuracy"),
    "flchain": Setting((fetched, "flchain", "7eb171133c5d684d", "death"), 300, "accuracy"),
}


@cache
def whole(setting: str) -> tuple[Schema, EncodedTable]:
    function, *arguments = SETTINGS[setting].table
    return function(*arguments)


def ends(results: list[ModelResult]) -> Array:
    """Gaps with intervals of all measures, shape (models, measures, 3)."""
    gaps = [[measure.gap for measure in result.measures.values()] for result in results]
    return np.array([[(gap.value, gap.low, gap.high) for gap in own] for own in gaps])


def said(ranks: Ranking | None) -> Array:
    """Signs of the differences after either training of each pair of models, 0 where it is left open: (pairs, 2)."""
    assert ranks is not None
    return np.array([(p.real.sign, p.synthetic.sign) if p.verdict != "undecided" else (0, 0) for p in ranks.pairs])


@without_harmless_warnings()
def report(setting: str, number: int, cuts: int) -> dict[str, Array]:
    """Claims of one pair in both modes, and what is true of the fits of the quick one: `far` (models, 2, measures)."""
    shape, table = whole(setting)
    rows, order = SETTINGS[setting].rows, np.random.default_rng([SEED, number]).permutation(len(table))
    dealt = [table.take(part) for part in (*order[: 3 * rows].reshape(3, rows), order[2 * rows :][:FAR])]
    tables, beyond = Problem(shape, *dealt[:3]), Problem(shape, *dealt[:2], dealt[3])
    risk, names = risk_of(tables, SETTINGS[setting].metric), available(shape.classification)
    full = {name: trained(tables, name, number, cuts) for name in names}
    quick = {name: Trained({t: full_fits(tables, name, t, 1, number) for t in TABLES}, None) for name in names}

    def results(models: Mapping[str, Trained]) -> Array:
        each = models | {"best": best_of(models, risk, number)}
        return ends([model_result(name, own, own, shape.classification, 0.95, risk) for name, own in each.items()])

    far = [[full_fits(beyond, name, t, 1, number).mean(axis=1, dtype=float) for t in TABLES] for name in names]
    return {
        "full": results(full),
        "quick": results(quick),
        "full said": said(ranking(full, 0.95, risk)),
        "quick said": said(ranking(quick, 0.95, risk)),
        "far": np.array(far),
    }


@cache
def reports(setting: str) -> dict[str, Array]:
    """The same of 300 pairs, stacked in front."""
    whole(setting)
    runs = joblib.Parallel(n_jobs=2)(joblib.delayed(report)(setting, number, CUTS) for number in range(PAIRS))
    return {name: np.stack([run[name] for run in runs]) for name in runs[0]}


def described(setting: str) -> tuple[list[str], list[str], int]:
    """Names of models and of measures, and the number of the risk among these."""
    classification = whole(setting)[0].classification
    known = list(measures(classification))
    return available(classification), known, known.index(METRICS[classification][SETTINGS[setting].metric])


EACH = pytest.mark.parametrize("setting", SETTINGS)


@pytest.mark.paper
@EACH
def test_paper_tables_coverage(setting):
    """Each model covers 0 in 91% of 300 pairs, intervals at most 1.5 times the oracle's; other measures are shown.

    At coverage 0.95 a model fails with probability 0.0013.
    """
    names, known, row = described(setting)
    found = reports(setting)["full"]
    value, low, high = np.moveaxis(found[:, : len(names)], -1, 0)
    covered = ((low <= 0) & (high >= 0)).sum(axis=0)
    ratio = (high - low).mean(axis=0) / 2 / (1.96 * value.std(axis=0, ddof=1))
    for i, name in enumerate(names):
        for j in (row, *(j for j in range(len(known)) if j != row)):
            shown = "" if j == row else "  (shown)"
            print(f"{setting:<10}{name:<13}{known[j]:<9}coverage {covered[i, j] / PAIRS:.3f}  width {ratio[i, j]:.2f}{shown}")
    COVERED.update({(setting, name): int(covered[i, row]) for i, name in enumerate(names)})
    assert covered[:, row].min() >= 0.91 * PAIRS
    assert ratio[:, row].max() <= 1.5


@pytest.mark.paper
@EACH
def test_paper_tables_quick_coverage(setting):
    """With one repeat, the gap of the two fits given, on all rows beyond their training, is covered in 91% by each model."""
    names, known, row = described(setting)
    found, far = reports(setting)["quick"][:, :-1], reports(setting)["far"]
    truth = far[:, :, 1] - far[:, :, 0]
    covered = ((found[..., 1] <= truth) & (truth <= found[..., 2])).sum(axis=0)
    for name, counts in zip(names, covered, strict=True):
        told = "  ".join(f"{measure} {count / PAIRS:.3f}" for measure, count in zip(known, counts, strict=True))
        print(f"{setting:<10}{name:<13}quick coverage  {told}")
    assert covered[:, row].min() >= 0.91 * PAIRS


@pytest.mark.paper
@EACH
def test_paper_tables_headline(setting):
    """0 is covered in 91%, the bias within 0.1 standard errors, 4 of 1/√300 allowed for.

    At coverage 0.95 and without bias it fails with probability 0.0013.
    """
    value, low, high = reports(setting)["full"][:, -1, described(setting)[2]].T
    bias, covered = value.mean() / value.std(ddof=1), np.mean((low <= 0) & (high >= 0))
    print(f"{setting:<10}headline  coverage {covered:.3f}  bias {bias:+.2f} standard errors")
    assert covered >= 0.91
    assert abs(bias) <= 0.1 + 4 / np.sqrt(PAIRS)


@pytest.mark.paper
@EACH
def test_paper_tables_pairs(setting):
    """At most 5% of reports say anything wrong of a pair of models, in either mode: fails with probability 0.004 where 2.5% do.

    By default expected risks are ranked, the same after either training: their signs are those of the means over all reports.
    With one repeat the given fits are ranked, by their risks on all rows beyond training.
    """
    names, _, row = described(setting)
    found, far = reports(setting), reports(setting)["far"][..., row]
    pairs = np.array(list(combinations(range(len(names)), 2))).T
    fits = np.sign(far[:, pairs[0]] - far[:, pairs[1]])
    mean = far.mean(axis=(0, 2))
    expected = np.sign(mean[pairs[0]] - mean[pairs[1]])[:, None]
    wrong = {}
    for mode, truth in (("full", expected), ("quick", fits)):
        signs = found[f"{mode} said"]
        wrong[mode] = (signs * truth < 0).any(axis=(1, 2)).sum()
        told = f"wrong reports {wrong[mode] / PAIRS:.3f}  pairs decided {(signs[..., 0] != 0).mean():.2f}"
        print(f"{setting:<10}{mode:<6}{told}")
    assert max(wrong.values()) <= 0.05 * PAIRS


@pytest.mark.paper
def test_paper_tables_pooled():
    """Over all settings and models, those of `test_calibration.py` too: at least 93.5%."""
    wanted = len(PAPER) + sum(len(available(SETTINGS[s].metric in METRICS[True])) for s in SETTINGS)
    if len(COVERED) < wanted:
        pytest.skip(f"{len(COVERED)} of {wanted} settings and models have been run")
    pooled = sum(COVERED.values()) / (PAIRS * wanted)
    print(f"pooled: {pooled:.4f}")
    assert pooled >= 0.935


def test_one_report():
    """Its parts, small: a row for each model and the best one, a statement for each pair of models."""
    found, models, known = report("numbers", 0, 1), len(available(False)), len(measures(False))
    assert found["full"].shape == found["quick"].shape == (models + 1, known, 3)
    assert found["full said"].shape == found["quick said"].shape == (models * (models - 1) // 2, 2)
    assert found["far"].shape == (models, 2, known)
