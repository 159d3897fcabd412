"""Utility and ranking from the values per test row: risks, signed gaps, pairs of models, cost of a wrong choice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from experiments.audit.losses import measures
from experiments.estimators.gaps import Spread, paired_gap, risk_difference
from experiments.estimators.intervals import Interval, mean_interval, simultaneous_level
from experiments.estimators.rankings import Verdict, choice_regret, kendall_tau, pair_verdict

Array = NDArray[np.float64]
TABLES = ("real", "synthetic")


@dataclass(frozen=True)
class Trained:
    """What training one model gave.

    Parameters
    ----------
    full : dict of ndarray, each shape (measures, N)
        Values per test row after training on the `real` and the `synthetic` table.
    halves : dict of ndarray, each shape (B, 2, measures, N), or None
        The same after training on halves of them; None where nothing was refitted.
    """

    full: Mapping[str, Array]
    halves: Mapping[str, Array] | None


@dataclass(frozen=True)
class MeasureResult:
    """One measure of one model: means after real and synthetic training, the gap, and the gap of the given tables."""

    real: float
    synthetic: float
    gap: Interval
    gap_given: Interval


@dataclass(frozen=True)
class ModelResult:
    """One model: its measures by name, and whether it beats the plain guess after either training.

    `beats_guess` holds, for each table, the risk of the guess minus that of the model (positive is good), at the given
    tables.
    """

    name: str
    measures: dict[str, MeasureResult]
    beats_guess: dict[str, Interval]


@dataclass(frozen=True)
class PairResult:
    """Two models: the difference of their risks after training on either table, and the verdict."""

    first: str
    second: str
    real: Interval
    synthetic: Interval
    verdict: Verdict


@dataclass(frozen=True)
class Ranking:
    """How the models rank: pairs, Kendall's tau, the model chosen by synthetic training and what that costs."""

    pairs: list[PairResult]
    tau: Interval
    chosen: str
    best: str
    regret: Interval


def model_result(name: str, trained: Trained, guess: Trained, classification: bool, level: float) -> ModelResult:
    """Evaluate one model.

    Parameters
    ----------
    name : str
        Name in the catalogue.
    trained, guess : Trained
        Values of the model and of the plain guess.
    classification : bool
        The task.
    level : float
        Nominal coverage.
    """
    results = {}
    for row, measure in enumerate(measures(classification)):
        values = {table: trained.full[table][row].astype(np.float64) for table in TABLES}
        given = mean_interval(values["synthetic"] - values["real"], level)
        gap = given
        if trained.halves is not None:
            real, synthetic = (Spread.of(trained.halves[table][:, :, row]) for table in TABLES)
            gap = paired_gap(values["real"], values["synthetic"], real, synthetic, level)
        results[measure] = MeasureResult(float(values["real"].mean()), float(values["synthetic"].mean()), gap, given)
    beats = {t: mean_interval(guess.full["real"][0].astype(np.float64) - trained.full[t][0], level) for t in TABLES}
    return ModelResult(name, results, beats)


def ranking(trained: Mapping[str, Trained], level: float) -> Ranking | None:
    """Compare every pair of models by their risk; None for a single model.

    Parameters
    ----------
    trained : mapping
        Values of each model, by name.
    level : float
        Coverage of each pair's intervals, and joint coverage behind tau and regret.
    """
    names = list(trained)
    if len(names) < 2:
        return None
    pairs = {table: _pairs(list(trained.values()), table, level) for table in TABLES}
    results = [
        PairResult(names[i], names[j], real, pairs["synthetic"][i, j], pair_verdict(real, pairs["synthetic"][i, j]))
        for (i, j), real in pairs["real"].items()
    ]
    joint = simultaneous_level(2 * len(results), level)
    wide = {table: _pairs(list(trained.values()), table, joint) for table in TABLES}
    best, chosen = (int(np.argmin([t.full[table][0].mean() for t in trained.values()])) for table in TABLES)
    tau = kendall_tau(wide["real"], wide["synthetic"], level)
    return Ranking(results, tau, names[chosen], names[best], choice_regret(chosen, wide["real"], level))


def _pairs(trained: Sequence[Trained], table: str, level: float) -> dict[tuple[int, int], Interval]:
    return {(i, j): _difference(trained[i], trained[j], table, level) for i, j in combinations(range(len(trained)), 2)}


def _difference(first: Trained, second: Trained, table: str, level: float) -> Interval:
    """Risk of the first minus the second model, trained on the same table."""
    one, two = first.full[table][0].astype(np.float64), second.full[table][0].astype(np.float64)
    if first.halves is None or second.halves is None:
        return mean_interval(one - two, level)
    return risk_difference(one, two, Spread.of((first.halves[table] - second.halves[table])[:, :, 0]), level)
