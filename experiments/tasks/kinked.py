"""A regression function with a kink: Lipschitz, not differentiable."""

from dataclasses import dataclass

import numpy as np

from experiments.config.registry import component, require
from experiments.tasks.base import Array, RegressionTask


@component("task", "kinked")
@dataclass(frozen=True)
class Kinked(RegressionTask):
    """mu(x) = slope |x - kink| on [0, 1], p = 1; L = slope."""

    kink: float = 0.5
    slope: float = 2.0

    def __post_init__(self) -> None:
        super().__post_init__()
        require(0 <= self.kink <= 1, "kink", "a number in [0, 1]", self.kink)
        require(self.slope > 0, "slope", "a number > 0", self.slope)

    @property
    def dim(self) -> int:
        """One feature."""
        return 1

    @property
    def lipschitz(self) -> float:
        """The slope."""
        return self.slope

    @property
    def oscillation(self) -> float:
        """From 0 at the kink to the farther end."""
        return self.slope * max(self.kink, 1 - self.kink)

    def mu(self, x: Array) -> Array:
        """Return the function at `x (..., 1)`."""
        return np.asarray(self.slope * np.abs(x[..., 0] - self.kink))
