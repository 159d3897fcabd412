"""What rules share: fix the joint level of groups, estimate each, compare it with a criterion, join the verdicts."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from math import inf, nan
from typing import Any, TypeVar

import pandas as pd

from experiments.estimators.intervals import Interval, simultaneous_level
from figures.claims.verdict import HOLDS, INCONCLUSIVE, VIOLATED, Outcome

T = TypeVar("T")
Group = tuple[str, ...]
Rule = Callable[..., Outcome]
RULES: dict[str, Rule] = {}


def rule(name: str) -> Callable[[Rule], Rule]:
    """Register a function of rows as the rule `name`.

    Its other arguments, keyword-only and annotated, are the rule's parameters: checked before a run by name and type. The
    first paragraph of its docstring is what claims.json says of it.
    """

    def register(function: Rule) -> Rule:
        if name in RULES:
            raise TypeError(f"rule {name!r} is defined twice")
        RULES[name] = function
        return function

    return register


@dataclass(frozen=True)
class Region:
    """Where an estimate must lie: between `low` and `high`, or at `target`, its interval within `margin`."""

    low: float = -inf
    high: float = inf
    target: float = nan
    margin: float = inf
    slack: float = 0.0
    """How far beyond `low` or `high` an interval must lie to be violated."""


@dataclass(frozen=True)
class Judgement:
    """What `judged` was asked: data of the groups, the level of each interval, its estimator, the region of each estimate."""

    groups: Mapping[str, Any]
    each: float
    estimator: Callable[[Any, float], Interval]
    regions: Mapping[str, Region]
    """Of groups whose criterion is one comparison of this module."""


_JUDGEMENTS: ContextVar[list[Judgement] | None] = ContextVar("judgements", default=None)
_REGIONS: ContextVar[list[Region] | None] = ContextVar("regions", default=None)


@contextmanager
def recorded() -> Iterator[list[Judgement]]:
    """Record what is judged within, for the simulation of its level."""
    asked: list[Judgement] = []
    judgements, regions = _JUDGEMENTS.set(asked), _REGIONS.set([])
    try:
        yield asked
    finally:
        _JUDGEMENTS.reset(judgements)
        _REGIONS.reset(regions)


@dataclass(frozen=True)
class Family:
    """Estimates of several groups, with intervals that hold jointly, and the verdict on each."""

    estimates: dict[str, Interval]
    verdicts: dict[str, str]

    @classmethod
    def of(cls, estimates: dict[str, Interval], criterion: Callable[[str, Interval], str]) -> "Family":
        """Compare each estimate with the criterion, a function of the group's name and its interval."""
        return cls(estimates, {name: criterion(name, estimate) for name, estimate in estimates.items()})

    @property
    def verdict(self) -> str:
        """The joint verdict."""
        return joint(self.verdicts)

    def worst(self, badness: Callable[[str, Interval], float]) -> tuple[str, Interval]:
        """Return the group, with its estimate, for which `badness` is largest."""
        return max(self.estimates.items(), key=lambda named: badness(*named))

    def count(self, verdict: str) -> int:
        """Return the number of groups with a verdict."""
        return list(self.verdicts.values()).count(verdict)

    def outcome(self, rows: pd.DataFrame, reason: str, nearest: tuple[Interval, float] | None = None, **counts: int) -> Outcome:
        """Return the outcome; `nearest`, an estimate and its threshold, tells how many replicates would resolve an open one."""
        if nearest and self.verdict == INCONCLUSIVE:
            reason += replicates_needed(*nearest, rows["replicate"].nunique())
        return Outcome(self.verdict, reason, len(rows), self.estimates, counts, self.verdicts)


def judged(
    groups: Mapping[str, T], level: float, estimator: Callable[[T, float], Interval], criterion: Callable[[str, Interval], str],
    statements: int | None = None,
) -> Family:  # fmt: skip
    """Estimate every group, at a level that makes all intervals hold jointly (Bonferroni), and compare with the criterion.

    `estimator` goes from a group's data and a level to an interval, `criterion` from its name and interval to a verdict.
    `statements` is the number of intervals that hold jointly, where others are judged beside these groups.
    """
    each = simultaneous_level(len(groups) if statements is None else statements, level)
    found = Family.of({name: estimator(data, each) for name, data in groups.items()}, criterion)
    if (judgements := _JUDGEMENTS.get()) is not None:
        regions = {name: region for name, e in found.estimates.items() if (region := _region(criterion, name, e))}
        judgements.append(Judgement(groups, each, estimator, regions))
    return found


def _region(criterion: Callable[[str, Interval], str], name: str, estimate: Interval) -> Region | None:
    """The region that the criterion compares with, None where there are none or several."""
    seen = _REGIONS.get() or []
    seen.clear()
    criterion(name, estimate)
    return seen[0] if len(seen) == 1 else None


def _seen(region: Region) -> None:
    if (regions := _REGIONS.get()) is not None:
        regions.append(region)


def joint(verdicts: Mapping[Any, str]) -> str:
    """Return one verdict for a family: violated if any part is, holds if every part does, else inconclusive."""
    if VIOLATED in verdicts.values():
        return VIOLATED
    return HOLDS if set(verdicts.values()) == {HOLDS} else INCONCLUSIVE


def above(estimate: Interval, threshold: float, slack: float = 0.0) -> str:
    """Return holds for an interval above the threshold, violated for one below it by more than the slack."""
    _seen(Region(low=threshold, slack=slack))
    return HOLDS if estimate.low > threshold else VIOLATED if estimate.high < threshold - slack else INCONCLUSIVE


def below(estimate: Interval, threshold: float, slack: float = 0.0) -> str:
    """Return holds for an interval below the threshold, violated for one above it by more than the slack."""
    _seen(Region(high=threshold, slack=slack))
    return HOLDS if estimate.high < threshold else VIOLATED if estimate.low > threshold + slack else INCONCLUSIVE


def kept_or_flipped(probability: Interval, kept: bool, threshold: float) -> str:
    """Return holds for an interval above the threshold, or if not `kept` below 1 - threshold; violated for one beyond 1/2."""
    slack = threshold - 0.5
    return above(probability, threshold, slack) if kept else below(probability, 1 - threshold, slack)


def inside(estimate: Interval, low: float, high: float) -> str:
    """Return holds for an interval in [low, high], violated for one that does not meet it."""
    _seen(Region(low, high))
    if low <= estimate.low and estimate.high <= high:
        return HOLDS
    return VIOLATED if estimate.high < low or estimate.low > high else INCONCLUSIVE


def contains(estimate: Interval, predicted: float, margin: float) -> str:
    """Return holds for an interval that contains the prediction and lies within the margin of it, violated for a miss."""
    _seen(Region(target=predicted, margin=margin))
    if not estimate.contains(predicted):
        return VIOLATED
    return HOLDS if farthest(estimate, predicted) < margin else INCONCLUSIVE


def farthest(estimate: Interval, number: float) -> float:
    """Return how far from a number an interval reaches."""
    return max(estimate.high - number, number - estimate.low)


def bracketed(estimate: Interval, digits: str) -> str:
    """Return an estimate with the ends of its interval, in a number format such as `.2f`."""
    return f"{estimate.value:{digits}} [{estimate.low:{digits}}, {estimate.high:{digits}}]"


def plus_minus(estimate: Interval, digits: str) -> str:
    """Return an estimate with its half-width, in a number format such as `.2f`."""
    return f"{estimate.value:{digits}} ± {estimate.half_width:{digits}}"


def replicates_needed(estimate: Interval, threshold: float, replicates: int) -> str:
    """Say how many replicates would move the interval off the threshold if the estimate stayed; empty where it is off.

    Half-widths fall as one over the root of the number of replicates.
    """
    if not estimate.low <= threshold <= estimate.high:
        return ""
    distance = abs(estimate.value - threshold)
    if distance == 0:
        return "; the estimate lies on the threshold, no number of replicates resolves it"
    return about(replicates * (estimate.half_width / distance) ** 2)


def about(replicates: float) -> str:
    """Say that about so many replicates would do, to one digit."""
    return f"; about {float(f'{replicates:.1g}'):,.0f} replicates at these sizes would resolve it"
