"""A sum of tents: what a small ReLU network represents exactly, in any dimension."""

from dataclasses import dataclass

import numpy as np

from experiments.config.registry import component, require
from experiments.tasks.base import Array, RegressionTask


@component("task", "tents")
@dataclass(frozen=True)
class Tents(RegressionTask):
    """mu(x) = height sum_j w_j |2 x_j - 1| on [0, 1]^p, w_j proportional to 1/j, sum_j w_j^2 = 1.

    As |t| = relu(t) + relu(-t), one hidden layer of 2p ReLU units represents mu exactly. The gradient has coordinates
    +-2 height w_j, so L = 2 height whatever p; under the uniform law the variance is height^2 / 12. The first features
    count the most, as in most tables.
    """

    features: int = 2
    height: float = 2.0

    def __post_init__(self) -> None:
        super().__post_init__()
        require(self.features >= 1, "features", "a whole number >= 1", self.features)
        require(self.height > 0, "height", "a number > 0", self.height)

    @property
    def dim(self) -> int:
        """The number of features."""
        return self.features

    @property
    def lipschitz(self) -> float:
        """2 height."""
        return 2 * self.height

    @property
    def oscillation(self) -> float:
        """From 0 in the middle to the sum of all heights at the corners."""
        return float(self.height * self._weights.sum())

    @property
    def _weights(self) -> Array:
        raw = 1 / np.arange(1, self.features + 1)
        return np.asarray(raw / np.linalg.norm(raw))

    def mu(self, x: Array) -> Array:
        """Return the tents at `x (..., p)`."""
        return np.asarray(self.height * np.abs(2 * x - 1) @ self._weights)
