"""The beta law on the unit interval."""

from dataclasses import dataclass
from typing import Any

from scipy import stats

from experiments.laws.base import Marginal
from experiments.registry import component, require


@component("law", "beta")
@dataclass(frozen=True)
class Beta(Marginal):
    """Beta(a, b) on [0, 1], coordinates independent; against the uniform law, Beta(a, 1) has d = 1/(a - 1)."""

    a: float = 2.0
    b: float = 1.0

    def __post_init__(self) -> None:
        require(self.a > 0, "a", "a number > 0", self.a)
        require(self.b > 0, "b", "a number > 0", self.b)

    def distribution(self) -> Any:
        """Return the beta distribution."""
        return stats.beta(self.a, self.b)
