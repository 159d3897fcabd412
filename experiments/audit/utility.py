"""Utility and ranking from the values per test row: risks, signed gaps, pairs of models, cost of a wrong choice, verdict."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Literal

import numpy as np

from experiments.audit.copies import Copies
from experiments.audit.metrics import measures
from experiments.audit.options import CATALOGUE
from experiments.estimators import rankings
from experiments.estimators.gaps import Spread, paired_gap, risk_difference
from experiments.estimators.intervals import Array, Interval, mean_interval, simultaneous_level
from experiments.estimators.rankings import choice_regret, kendall_tau, pair_verdict

Answer = Literal["yes", "no", "undecided"]
TABLES = ("real", "synthetic")


@dataclass(frozen=True)
class Trained:
    """What training one model gave.

    `full` holds for the `real` and the `synthetic` table the values per test row, shape (measures, N); `halves` the same
    for B random splits into halves, shape (B, 2, measures, N), or None where nothing was refitted.
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
    """Two models: the difference of their risks after training on either table, and whether the order is the same."""

    first: str
    second: str
    real: Interval
    synthetic: Interval
    verdict: rankings.Verdict


@dataclass(frozen=True)
class Ranking:
    """How the models rank: pairs, Kendall's tau, the model chosen by synthetic training and what that costs."""

    pairs: list[PairResult]
    tau: Interval
    chosen: str
    best: str
    regret: Interval


def model_result(name: str, trained: Trained, guess: Trained, classification: bool, level: float) -> ModelResult:
    """Evaluate the model called `name` by its values, beside those of the plain guess."""
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

    `level` is the coverage of each pair's intervals, and the joint coverage behind tau and regret.
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


@dataclass(frozen=True)
class Verdict:
    """May we train on it, may we choose a model with it, and are its rows new ones?

    Copies veto a "yes" to the first. `skill` is what the best model gains over the plain guess after real training,
    `tolerance` the largest acceptable loss, both in units of the risk.
    """

    train: Answer
    choose: Answer
    new_rows: Answer
    train_sentence: str
    choose_sentence: str
    new_rows_sentence: str
    skill: float
    tolerance: float


def judge(
    models: list[ModelResult],
    ranks: Ranking | None,
    guess: float,
    classification: bool,
    share: float,
    copies: Copies,
    cut: bool,
) -> Verdict:
    """Judge from the gap of the best model, the regret of choosing by synthetic training, and the copies.

    `guess` is the risk of the plain guess after real training, `share` the tolerance as a share of the skill; `cut`: whether
    the test rows were cut from the real table, so that the generator may have seen them.
    """
    new_rows, new_rows_sentence = _new_rows(copies)
    risk = "error" if classification else "rmse"
    best = min(models, key=lambda m: m.measures[risk].real)
    found, skill = best.measures[risk], guess - best.measures[risk].real
    tolerance = share * skill
    if best.beats_guess["real"].low <= 0:
        sentence = "No model trained on the real table predicts the target significantly better than a plain guess"
        first = f"{sentence}, so nothing can be said about the synthetic table's use for training."
        second = "For the same reason no model can be chosen."
        return Verdict("undecided", "undecided", new_rows, first, second, new_rows_sentence, skill, tolerance)
    train, choose = _answer(found.gap, tolerance), "undecided" if ranks is None else _answer(ranks.regret, tolerance)
    write = _Writer(classification)
    vetoed = new_rows == "no" and train == "yes"
    sentences = _train_sentence(train, best, risk, write, vetoed, cut), _choose_sentence(choose, ranks, write)
    return Verdict("no" if vetoed else train, choose, new_rows, *sentences, new_rows_sentence, skill, tolerance)


def _new_rows(copies: Copies) -> tuple[Answer, str]:
    """Say whether the synthetic rows are new ones, from `copies`."""
    told = (
        f"{copies.share.value:.1%} of the synthetic rows equal a real row (of fresh real rows {copies.by_chance.value:.1%}), "
        f"{copies.near.value:.1%} are copies or near copies of a training row (of fresh ones {copies.near_by_chance.value:.1%})"
    )
    if copies.vetoed:
        return "no", f"The synthetic table copies real rows: {told}."
    if copies.suspicious:
        return "undecided", f"Some synthetic rows are copies of real ones: {told}."
    return "yes", f"Copies are no more frequent than chance explains, which is no proof of privacy: {told}."


def _answer(cost: Interval, tolerance: float) -> Answer:
    if cost.high <= tolerance:
        return "yes"
    return "no" if cost.low > tolerance else "undecided"


def plain(value: float, sign: str = "") -> str:
    """Write a number with four digits, and without an exponent where people would not use one; `sign` may be `+`."""
    if value != 0 and not 1e-3 <= abs(value) < 1e9:
        return f"{value:{sign}.4g}"
    return f"{float(f'{value:.4g}'):{sign},.10g}"


@dataclass(frozen=True)
class _Writer:
    """Risks in words: per cent of cases, or an error in the target's units."""

    classification: bool

    def risk(self, value: float) -> str:
        return f"on {value:.1%} of real cases" if self.classification else f"by {plain(value)} (RMSE)"

    def cost(self, interval: Interval) -> str:
        if self.classification:
            value, low, high = (100 * x for x in (interval.value, interval.low, interval.high))
            return f"{value:+.1f} percentage points ({interval.level:.0%} interval {low:+.1f} to {high:+.1f})"
        cost, start, end = (plain(x, "+") for x in (interval.value, interval.low, interval.high))
        return f"{cost} ({interval.level:.0%} interval {start} to {end})"


def _train_sentence(answer: Answer, best: ModelResult, risk: str, write: _Writer, vetoed: bool, cut: bool) -> str:
    found, label = best.measures[risk], CATALOGUE[best.name].label
    start = {
        "yes": "The synthetic table can stand in for the real one in training",
        "no": "Do not train on the synthetic table in place of the real one",
        "undecided": "These data leave open whether the synthetic table can stand in for the real one in training",
    }[answer]
    if vetoed:
        start = "Do not put the synthetic table in place of the real one, since it copies real rows; as to training alone"
    if cut and answer != "no":  # rows that the generator has seen flatter the synthetic table
        caveat = "If the generator has not seen the test rows, which were cut from the real table"
        start = f"{caveat}, {start[0].lower()}{start[1:]}"
    return (
        f"{start}: the best model ({label}) errs {write.risk(found.real)} after real training and "
        f"{write.risk(found.synthetic)} after synthetic training, a difference of {write.cost(found.gap)}."
    )


def _choose_sentence(answer: Answer, ranks: Ranking | None, write: _Writer) -> str:
    if ranks is None:
        return "With a single model there is nothing to choose."
    start = {
        "yes": "It can be used to choose a model",
        "no": "Do not use it to choose a model",
        "undecided": "These data leave open whether it can be used to choose a model",
    }[answer]
    chosen, best = CATALOGUE[ranks.chosen].label, CATALOGUE[ranks.best].label
    counts = {v: sum(p.verdict == v for p in ranks.pairs) for v in ("same order", "flipped", "undecided")}
    pick = f"it picks the {chosen}" + (", as the real table does" if chosen == best else f", the real table the {best}")
    return (
        f"{start}: {pick}, which costs {write.cost(ranks.regret)} after real training; of {len(ranks.pairs)} pairs of "
        f"models {counts['same order']} keep their order, {counts['flipped']} flip and {counts['undecided']} are open."
    )
