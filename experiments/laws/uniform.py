"""The uniform law on a box."""

from dataclasses import dataclass
from typing import Any

from scipy import stats

from experiments.laws.base import Marginal
from experiments.registry import component, require


@component("law", "uniform")
@dataclass(frozen=True)
class Uniform(Marginal):
    """Uniform on [low, high], in p dimensions on the cube."""

    low: float = 0.0
    high: float = 1.0

    def __post_init__(self) -> None:
        require(self.low < self.high, "high", f"a number above low = {self.low}", self.high)

    def distribution(self) -> Any:
        """Return the uniform distribution on [low, high]."""
        return stats.uniform(self.low, self.high - self.low)
