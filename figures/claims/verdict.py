"""What a rule concludes, and how several parts make one verdict."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from experiments.estimators.intervals import Interval

HOLDS, VIOLATED, INCONCLUSIVE, SKIPPED = "holds", "violated", "inconclusive", "skipped"


@dataclass(frozen=True)
class Outcome:
    """A verdict with its reason and its evidence.

    `estimates` are named intervals; `counts` whole numbers such as violations; `n` the rows looked at.
    """

    verdict: str
    reason: str
    n: int = 0
    estimates: Mapping[str, Interval] = field(default_factory=dict)
    counts: Mapping[str, int] = field(default_factory=dict)

    def evidence(self) -> dict[str, Any]:
        """Return the evidence as claims.json holds it."""
        estimates = [{"name": name} | i.to_dict() for name, i in self.estimates.items()]
        return {"n": self.n, "estimates": estimates, "counts": dict(self.counts)}


def joint(verdicts: Sequence[str]) -> str:
    """Return one verdict for a family: violated if any part is, holds if every part does, else inconclusive."""
    if VIOLATED in verdicts:
        return VIOLATED
    return HOLDS if verdicts and set(verdicts) == {HOLDS} else INCONCLUSIVE


def above(estimate: Interval, threshold: float) -> str:
    """Return holds for an interval above the threshold, violated for one below it."""
    return HOLDS if estimate.low > threshold else VIOLATED if estimate.high < threshold else INCONCLUSIVE


def below(estimate: Interval, threshold: float) -> str:
    """Return holds for an interval below the threshold, violated for one above it."""
    return HOLDS if estimate.high < threshold else VIOLATED if estimate.low > threshold else INCONCLUSIVE


def inside(estimate: Interval, low: float, high: float) -> str:
    """Return holds for an interval in [low, high], violated for one that does not meet it."""
    if low <= estimate.low and estimate.high <= high:
        return HOLDS
    return VIOLATED if estimate.high < low or estimate.low > high else INCONCLUSIVE


def at(estimate: Interval, predicted: float, margin: float) -> str:
    """Return holds for an interval around the prediction of half-width below the margin, violated for one that misses it."""
    if not estimate.contains(predicted):
        return VIOLATED
    return HOLDS if estimate.half_width < margin else INCONCLUSIVE


def too_few(what: str) -> Outcome:
    """Return the outcome of a claim without enough data."""
    return Outcome(INCONCLUSIVE, f"not enough data: {what}")


def settled_by(estimate: Interval, threshold: float, replicates: int) -> str:
    """Say how many replicates would take the interval off the threshold, if the estimate stayed; empty where it is off.

    Half-widths fall as one over the root of the number of replicates.
    """
    if not estimate.low <= threshold <= estimate.high:
        return ""
    distance = abs(estimate.value - threshold)
    if distance == 0:
        return "; the estimate lies on the threshold, no number of replicates settles it"
    needed = replicates * (estimate.half_width / distance) ** 2
    return f"; about {float(f'{needed:.1g}'):,.0f} replicates at these sizes would settle it"
