"""A polynomial task: right for polynomial classes of degree 2, wrong for linear ones."""

from dataclasses import dataclass

import numpy as np

from experiments.config.registry import component
from experiments.tasks.base import Array, RegressionTask


@component("task", "parabola")
@dataclass(frozen=True)
class Parabola(RegressionTask):
    """mu(x) = 4 (x - 1/2)^2 on [0, 1], p = 1; L = 4 at the ends."""

    @property
    def dim(self) -> int:
        """One feature."""
        return 1

    @property
    def lipschitz(self) -> float:
        """|mu'(x)| = 8 |x - 1/2| <= 4."""
        return 4.0

    @property
    def oscillation(self) -> float:
        """From 0 at 1/2 to 1 at the ends."""
        return 1.0

    def mu(self, x: Array) -> Array:
        """Return the parabola at `x (..., 1)`."""
        return np.asarray(4 * (x[..., 0] - 0.5) ** 2)
