"""Two sentences that a manager understands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from experiments.audit.catalogue import CATALOGUE
from experiments.audit.utility import ModelResult, Ranking
from experiments.estimators.intervals import Interval

Answer = Literal["yes", "no", "undecided"]


@dataclass(frozen=True)
class Verdict:
    """May we train on it, and may we choose a model with it?

    Parameters
    ----------
    train, choose : str
        `yes`, `no` or `undecided`.
    train_sentence, choose_sentence : str
        The same in words and numbers.
    skill : float
        What the best model gains over the plain guess after real training, in units of the risk.
    tolerance : float
        Largest acceptable loss, in units of the risk.
    """

    train: Answer
    choose: Answer
    train_sentence: str
    choose_sentence: str
    skill: float
    tolerance: float


def judge(
    models: list[ModelResult], ranks: Ranking | None, guess: float, classification: bool, share: float
) -> Verdict:
    """Judge from the gap of the best model and the regret of choosing by synthetic training.

    Parameters
    ----------
    models : list of ModelResult
        All models.
    ranks : Ranking, optional
        Their ranking; None for a single model.
    guess : float
        Risk of the plain guess after real training.
    classification : bool
        The task, which sets the units.
    share : float
        Tolerance as a share of the skill.
    """
    risk = "error" if classification else "rmse"
    best = min(models, key=lambda m: m.measures[risk].real)
    found, skill = best.measures[risk], guess - best.measures[risk].real
    if best.beats_guess["real"].low <= 0:
        sentence = "No model trained on the real table predicts the target clearly better than a plain guess"
        first = f"{sentence}, so nothing can be said of the synthetic table's use for training."
        return Verdict(
            "undecided", "undecided", first, "For the same reason no model can be chosen.", skill, share * skill
        )
    tolerance = share * skill
    train = _answer(found.gap, tolerance)
    choose = "undecided" if ranks is None else _answer(ranks.regret, tolerance)
    write = _Writer(classification)
    return Verdict(
        train,
        choose,
        _train_sentence(train, best, risk, write),
        _choose_sentence(choose, ranks, write),
        skill,
        tolerance,
    )


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
        told, start, end = (plain(x, "+") for x in (interval.value, interval.low, interval.high))
        return f"{told} ({interval.level:.0%} interval {start} to {end})"


def _train_sentence(answer: Answer, best: ModelResult, risk: str, write: _Writer) -> str:
    found, label = best.measures[risk], CATALOGUE[best.name].label
    start = {
        "yes": "The synthetic table can stand in for the real one in training",
        "no": "Do not train on the synthetic table in place of the real one",
        "undecided": "These data do not settle whether the synthetic table can stand in for the real one in training",
    }[answer]
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
        "undecided": "These data do not settle whether it can be used to choose a model",
    }[answer]
    chosen, best = CATALOGUE[ranks.chosen].label, CATALOGUE[ranks.best].label
    counts = {v: sum(p.verdict == v for p in ranks.pairs) for v in ("same order", "flipped", "undecided")}
    pick = f"it picks the {chosen}" + (", as the real table does" if chosen == best else f", the real table the {best}")
    return (
        f"{start}: {pick}, which costs {write.cost(ranks.regret)} after real training; of {len(ranks.pairs)} pairs of "
        f"models {counts['same order']} keep their order, {counts['flipped']} flip and {counts['undecided']} are open."
    )
