"""Utility and ranking from the values per test row: risks, signed gaps, pairs of models, cost of a wrong choice, verdict."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Literal

import numpy as np

from experiments.audit.copies import VETO, Copies
from experiments.audit.metrics import Risk, measures
from experiments.audit.options import CATALOGUE, AuditOptions
from experiments.estimators import rankings
from experiments.estimators.gaps import Spread, paired_gap, risk_difference
from experiments.estimators.intervals import Array, Interval, mean_interval, simultaneous_level
from experiments.estimators.rankings import choice_regret, kendall_tau, pair_verdict
from experiments.rng import stream

Answer = Literal["yes", "no", "undecided"]
TABLES = ("real", "synthetic")

CHOICES = 10
"""Random cuts of the test rows into halves on which the best model is chosen and judged in turn."""

MOST_TIMES = 30
"""So many times as many rows are no longer called a way to settle a verdict."""


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


def best_of(trained: Mapping[str, Trained], risk: Risk, seed: int) -> Trained:
    """Values of the best model after either training, without the optimism of choosing it by the rows that judge it.

    The test rows are cut at random into halves. On each the model with the smallest risk is chosen, apart for either
    training, and its values are taken on the other half; averaged over `CHOICES` cuts.
    """
    rows = next(iter(trained.values())).full["real"].shape[-1]
    losses = {table: np.stack([risk.loss(t.full[table]) for t in trained.values()]) for table in TABLES}
    shares = {table: np.zeros((len(trained), rows)) for table in TABLES}
    for cut in range(CHOICES):
        order = stream(seed, "audit/choice", cut).permutation(rows)
        halves = order[: rows // 2], order[rows // 2 :]
        for table in TABLES:
            for chosen_on, judged_on in (halves, halves[::-1]):
                shares[table][losses[table][:, chosen_on].mean(axis=1).argmin(), judged_on] += 1

    def mixed(table: str, values: Sequence[Array]) -> Array:
        return np.asarray(sum(share * own for share, own in zip(shares[table], values, strict=True)) / CHOICES)

    full = {table: mixed(table, [t.full[table] for t in trained.values()]) for table in TABLES}
    halved = [t.halves for t in trained.values() if t.halves is not None]
    return Trained(full, {table: mixed(table, [h[table] for h in halved]) for table in TABLES} if halved else None)


def model_result(name: str, trained: Trained, guess: Trained, classification: bool, level: float, risk: Risk) -> ModelResult:
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
    beats = {t: mean_interval(risk.loss(guess.full["real"]) - risk.loss(trained.full[t]), level) for t in TABLES}
    return ModelResult(name, results, beats)


def ranking(trained: Mapping[str, Trained], level: float, risk: Risk) -> Ranking | None:
    """Compare every pair of models by their risk; None for a single model.

    `level` is the coverage of each pair's intervals, and the joint coverage behind tau and regret. Where nothing was refitted,
    intervals are narrow and all pairs' hold jointly, so that a report rarely has a pair in the wrong order.
    """
    names = list(trained)
    if len(names) < 2:
        return None
    joint = simultaneous_level(len(names) * (len(names) - 1), level)
    each = joint if next(iter(trained.values())).halves is None else level
    pairs = {table: _pairs(list(trained.values()), table, each, risk) for table in TABLES}
    results = []
    for (i, j), real in pairs["real"].items():
        synthetic = pairs["synthetic"][i, j]
        shown = real.scaled(risk.sign), synthetic.scaled(risk.sign)
        results.append(PairResult(names[i], names[j], *shown, pair_verdict(real, synthetic)))
    wide = {table: _pairs(list(trained.values()), table, joint, risk) for table in TABLES}
    best, chosen = (names.index(name) for name in picked(trained, risk).values())
    tau = kendall_tau(wide["real"], wide["synthetic"], level)
    return Ranking(results, tau, names[chosen], names[best], choice_regret(chosen, wide["real"], level))


def picked(trained: Mapping[str, Trained], risk: Risk) -> dict[str, str]:
    """Return the model with the smallest risk at the test rows after training on each table."""
    return {t: min(trained, key=lambda name: float(risk.loss(trained[name].full[t]).mean())) for t in TABLES}


def _pairs(trained: Sequence[Trained], table: str, level: float, risk: Risk) -> dict[tuple[int, int], Interval]:
    pairs = combinations(range(len(trained)), 2)
    return {(i, j): difference(trained[i], trained[j], table, level, risk) for i, j in pairs}


def difference(first: Trained, second: Trained, table: str, level: float, risk: Risk) -> Interval:
    """Risk of the first minus the second model, trained on the same table."""
    one, two = risk.loss(first.full[table]), risk.loss(second.full[table])
    if first.halves is None or second.halves is None:
        return mean_interval(one - two, level)
    return risk_difference(one, two, Spread.of(risk.loss(first.halves[table]) - risk.loss(second.halves[table])), level)


@dataclass(frozen=True)
class Verdict:
    """May we train on it, may we choose a model with it, and are its rows new ones?

    Copies make the first a "no". `skill` is what the best model gains over the plain guess after real training,
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


@dataclass(frozen=True)
class Terms:
    """What the verdict depends on besides the numbers.

    `few_cases`: whether intervals rest on too few cases to settle anything; `rows`: how many test rows there are.
    """

    options: AuditOptions
    few_cases: bool = False
    rows: int = 0

    def start(self, sentence: str, certain: bool = False) -> str:
        """Put before a sentence what it holds under: leaked rows flatter the synthetic table, so a no is `certain` of them."""
        unseen = "if the generator has not seen the test rows cut from the real table"
        under = ["for these two tables only"] * (self.options.repeats == 1) + [unseen] * (not self.options.test and not certain)
        joined = ", ".join([" and ".join(under), sentence[0].lower() + sentence[1:]] if under else [sentence])
        return joined[0].upper() + joined[1:]


def judge(
    best: ModelResult, names: Mapping[str, str], ranks: Ranking | None, guess: float, risk: Risk, copies: Copies, terms: Terms
) -> Verdict:
    """Judge from the gap of the best model, the regret of choosing by synthetic training, and the copies.

    `best` is the result of `best_of`, `names` those `picked` after either training; `guess` is the plain guess's value of
    the risk after real training.
    """
    new_rows, new_rows_sentence = _new_rows(copies)
    found = best.measures[risk.name]
    skill = risk.sign * (guess - found.real)
    tolerance = terms.options.tolerance * skill
    if best.beats_guess["real"].low <= 1e-9 * abs(guess):  # 0 up to rounding
        sentence = "No model trained on the real table predicts the target significantly better than a plain guess"
        first = f"{sentence}, so nothing can be said about the synthetic table's use for training."
        second = "For the same reason no model can be chosen."
        return Verdict("undecided", "undecided", new_rows, first, second, new_rows_sentence, skill, tolerance)
    cost = found.gap.scaled(risk.sign)
    train: Answer = "undecided" if terms.few_cases else _answer(cost, tolerance)
    choose: Answer = "undecided" if terms.few_cases or ranks is None else _answer(ranks.regret, tolerance)
    vetoed = new_rows == "no" and train != "no"
    start = VETOED + ", on test rows that it may have seen" * (not terms.options.test) if vetoed else TRAIN[train]
    told = f"{_errors(names, found, risk, ranks is None)}, which costs {cost_in_words(risk, cost, tolerance)}."
    if train == "undecided" and not terms.few_cases:
        told += to_settle(cost, found.gap_given.half_width, tolerance, terms.rows)
    train_sentence = f"{terms.start(start, vetoed or train == 'no')}: {told}"
    choose_sentence = _choose_sentence(choose, ranks, risk, tolerance, terms)
    answer: Answer = "no" if vetoed else train
    return Verdict(answer, choose, new_rows, train_sentence, choose_sentence, new_rows_sentence, skill, tolerance)


def to_settle(cost: Interval, given: float, tolerance: float, rows: int) -> str:
    """Say how many test rows would settle a verdict, if the cost is what it seems.

    The square of the half-width `given` the tables falls as 1/rows; the rest of the squared half-width only as the training
    rows grow too: k times as many of all leave k^(-2/3) of both at most (`estimators/gaps.py`).
    """
    off, half = abs(cost.value - tolerance), cost.half_width
    rest = max(half**2 - given**2, 0.0)
    least, times = off**2 - rest, (half / off) ** 3 if off > 0 else np.inf
    if least > 0 and given**2 / least <= MOST_TIMES:
        return f" If that is the true cost, about {float(f'{rows * given**2 / least:.2g}'):,.0f} test rows would settle it."
    if times <= MOST_TIMES:
        return f" If that is the true cost, {np.ceil(times):,.0f} times as many rows of all tables would settle it at most."
    return " The cost is so near to what is tolerated that no reasonable number of rows would settle it."


def _errors(names: Mapping[str, str], found: MeasureResult, risk: Risk, single: bool) -> str:
    first, second = (CATALOGUE[names[table]].label for table in TABLES)
    percent, values = risk.name == "error", (found.real, found.synthetic)
    real, synthetic = (f"on {value:.1%}" if percent else plain(value) for value in values)
    start = f"errs {real} of real cases" if percent else f"reaches {real} in {risk.label}"
    chosen = f" (chosen and judged on different test rows; on all of them: {first}{f' and {second}' * (first != second)})"
    told = f"{start} after real training and {synthetic} after synthetic training"
    return f"the {first} {told}" if single else f"the best model {told}{chosen}"


def _new_rows(copies: Copies) -> tuple[Answer, str]:
    """Say whether the synthetic rows are new ones, from `copies`."""
    told = (
        f"{copies.share.value:.1%} of the synthetic rows equal a real row (of fresh real rows {copies.by_chance.value:.1%}), "
        f"{copies.near.value:.1%} are copies or near copies of a training row (of fresh ones {copies.near_by_chance.value:.1%})"
    )
    if copies.beyond_chance(VETO):
        return "no", f"The synthetic table copies real rows: {told}."
    if copies.beyond_chance():
        return "undecided", f"Copies are few, but more frequent than chance explains: {told}."
    return "yes", f"Copies are not shown to be more frequent than by chance, which is no proof of privacy: {told}."


def _answer(cost: Interval, tolerance: float) -> Answer:
    if cost.high <= tolerance:
        return "yes"
    return "no" if cost.low > tolerance else "undecided"


def plain(value: float, sign: str = "") -> str:
    """Write a number with four digits, and without an exponent where people would not use one; `sign` may be `+`."""
    if value != 0 and not 1e-3 <= abs(value) < 1e9:
        return f"{value:{sign}.4g}"
    return f"{float(f'{value:.4g}') + 0.0:{sign},.10g}"


VETOED = "Do not put the synthetic table in place of the real one, since it copies real rows; as to training alone"
TRAIN: Mapping[Answer, str] = {
    "yes": "The synthetic table can stand in for the real one in training",
    "no": "Do not train on the synthetic table in place of the real one",
    "undecided": "These data leave open whether the synthetic table can stand in for the real one in training",
}
CHOOSE: Mapping[Answer, str] = {
    "yes": "It can be used to choose a model",
    "no": "Do not use it to choose a model",
    "undecided": "These data leave open whether it can be used to choose a model",
}


def cost_in_words(risk: Risk, interval: Interval, tolerance: float) -> str:
    """Say what a choice costs and what is tolerated, in the same units."""
    percent = risk.name == "error"
    numbers = (interval.value, interval.low, interval.high, tolerance)
    value, low, high, most = (f"{round(100 * x, 1) + 0.0:+.1f}" if percent else plain(x, "+") for x in numbers)
    unit = " percentage points" if percent else f" in {risk.label}"
    return f"{value}{unit} ({interval.level:.0%} interval {low} to {high}; up to {most} is tolerated)"


def _choose_sentence(answer: Answer, ranks: Ranking | None, risk: Risk, tolerance: float, terms: Terms) -> str:
    if ranks is None:
        return "With a single model there is nothing to choose."
    chosen, best = CATALOGUE[ranks.chosen].label, CATALOGUE[ranks.best].label
    counts = {v: sum(p.verdict == v for p in ranks.pairs) for v in ("same order", "flipped", "undecided")}
    pick = f"it picks the {chosen}" + (", as the real table does" if chosen == best else f", the real table the {best}")
    cost, start = cost_in_words(risk, ranks.regret, tolerance), terms.start(CHOOSE[answer], answer == "no")
    return (
        f"{start}: {pick}, which costs {cost} after real training; of {len(ranks.pairs)} pairs of models "
        f"{counts['same order']} keep their order, {counts['flipped']} flip and {counts['undecided']} are open."
    )
