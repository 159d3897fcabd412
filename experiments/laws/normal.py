"""The normal law."""

from dataclasses import dataclass
from typing import Any

from scipy import stats

from experiments.laws.base import Marginal
from experiments.registry import component, require


@component("law", "normal")
@dataclass(frozen=True)
class Normal(Marginal):
    """Normal with the given mean and standard deviation, coordinates independent."""

    mean: float = 0.0
    scale: float = 1.0

    def __post_init__(self) -> None:
        require(self.scale > 0, "scale", "a number > 0", self.scale)

    def distribution(self) -> Any:
        """Return the normal distribution."""
        return stats.norm(self.mean, self.scale)
