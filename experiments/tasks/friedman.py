"""Friedman's first function, scaled to the unit interval's order."""

from dataclasses import dataclass

import numpy as np

from experiments.config.registry import component
from experiments.tasks.base import Array, RegressionTask


@component("task", "friedman")
@dataclass(frozen=True)
class Friedman(RegressionTask):
    """mu(x) = [10 sin(pi x_1 x_2) + 20 (x_3 - 1/2)^2 + 10 x_4 + 5 x_5] / 10 on [0, 1]^5 (Friedman 1991).

    The gradient of the bracket is (10 pi x_2 c, 10 pi x_1 c, 40 (x_3 - 1/2), 10, 5) with |c| <= 1; its squared norm
    is at most 200 pi^2 + 400 + 100 + 25.
    """

    @property
    def dim(self) -> int:
        """Five features."""
        return 5

    @property
    def lipschitz(self) -> float:
        """sqrt(200 pi^2 + 525) / 10."""
        return float(np.sqrt(200 * np.pi**2 + 525) / 10)

    @property
    def oscillation(self) -> float:
        """The bracket lies in [0, 10 + 5 + 10 + 5]."""
        return 3.0

    def mu(self, x: Array) -> Array:
        """Return the function at `x (..., 5)`."""
        waves = 10 * np.sin(np.pi * x[..., 0] * x[..., 1]) + 20 * (x[..., 2] - 0.5) ** 2
        return np.asarray((waves + 10 * x[..., 3] + 5 * x[..., 4]) / 10)
