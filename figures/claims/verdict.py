"""What a rule concludes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from experiments.estimators.intervals import Interval

HOLDS, VIOLATED, INCONCLUSIVE, SKIPPED = "holds", "violated", "inconclusive", "skipped"


@dataclass(frozen=True)
class Outcome:
    """A verdict with its reason and its evidence.

    `estimates` are named intervals, `counts` whole numbers such as violations, `n` is the number of rows looked at.
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


def too_few(what: str) -> Outcome:
    """Return the outcome of a claim without enough data."""
    return Outcome(INCONCLUSIVE, f"not enough data: {what}")
