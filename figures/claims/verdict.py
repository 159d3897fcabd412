"""What a rule concludes."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from experiments.estimators.intervals import Interval

HOLDS, VIOLATED, INCONCLUSIVE, SKIPPED = "holds", "violated", "inconclusive", "skipped"


@dataclass(frozen=True)
class Outcome:
    """A verdict with its reason and its evidence.

    `estimates` are named intervals, `counts` whole numbers such as violations, `n` is the number of rows looked at, `groups`
    the verdict on each group where the rule has groups.
    """

    verdict: str
    reason: str
    n: int = 0
    estimates: Mapping[str, Interval] = field(default_factory=dict)
    counts: Mapping[str, int] = field(default_factory=dict)
    groups: Mapping[str, str] = field(default_factory=dict)

    def of_control(self) -> "Outcome":
        """Return what the same outcome says of a control, which must fail in every group: violated only if each of them is.

        The reason names the groups that hold, or are open.
        """
        kept = {verdict: [k for k, v in self.groups.items() if v == verdict] for verdict in (HOLDS, INCONCLUSIVE)}
        verdict = next((verdict for verdict, names in kept.items() if names), self.verdict)
        told = "".join(f"; {verdict}: {', '.join(names)}" for verdict, names in kept.items() if names)
        return replace(self, verdict=verdict, reason=self.reason + told)

    def evidence(self) -> dict[str, Any]:
        """Return the evidence as claims.json holds it."""
        estimates = [{"name": name} | i.to_dict() for name, i in self.estimates.items()]
        return {"n": self.n, "estimates": estimates, "counts": dict(self.counts)}


def too_few(what: str) -> Outcome:
    """Return the outcome of a claim without enough data."""
    return Outcome(INCONCLUSIVE, f"not enough data: {what}")
