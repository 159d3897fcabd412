"""An interaction of two features."""

from dataclasses import dataclass

import numpy as np

from experiments.config.registry import component
from experiments.tasks.base import Array, RegressionTask


@component("task", "saddle")
@dataclass(frozen=True)
class Saddle(RegressionTask):
    """mu(x) = sin(pi x_1) cos(pi x_2), p = 2; L = pi, on the whole plane.

    The squared gradient is pi^2 (cos^2 a cos^2 b + sin^2 a sin^2 b) <= pi^2, with equality at a = b = 0.
    """

    @property
    def dim(self) -> int:
        """Two features."""
        return 2

    @property
    def lipschitz(self) -> float:
        """Pi."""
        return float(np.pi)

    @property
    def oscillation(self) -> float:
        """From -1 to 1."""
        return 2.0

    @property
    def domain(self) -> tuple[Array, Array]:
        """The whole plane."""
        return np.full(2, -np.inf), np.full(2, np.inf)

    def mu(self, x: Array) -> Array:
        """Return the saddle at `x (..., 2)`."""
        return np.asarray(np.sin(np.pi * x[..., 0]) * np.cos(np.pi * x[..., 1]))
