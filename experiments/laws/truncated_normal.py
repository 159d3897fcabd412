"""The normal law cut to an interval."""

from dataclasses import dataclass
from typing import Any

from scipy import stats

from experiments.laws.base import Marginal
from experiments.registry import component, require


@component("law", "truncated_normal")
@dataclass(frozen=True)
class TruncatedNormal(Marginal):
    """Normal (mean, scale) conditioned to [low, high], coordinates independent."""

    mean: float = 0.5
    scale: float = 0.2
    low: float = 0.0
    high: float = 1.0

    def __post_init__(self) -> None:
        require(self.scale > 0, "scale", "a number > 0", self.scale)
        require(self.low < self.high, "high", f"a number above low = {self.low}", self.high)

    def distribution(self) -> Any:
        """Return the truncated normal distribution."""
        cut = ((self.low - self.mean) / self.scale, (self.high - self.mean) / self.scale)
        return stats.truncnorm(*cut, loc=self.mean, scale=self.scale)
