"""An additive regression function of any number of features."""

from dataclasses import dataclass

import numpy as np

from experiments.config.registry import component, require
from experiments.tasks.base import Array, RegressionTask


@component("task", "additive")
@dataclass(frozen=True)
class Additive(RegressionTask):
    """mu(x) = p^(-1/2) sum_j sin(2 pi frequency x_j) in p = `features` dimensions; L = 2 pi frequency.

    The gradient has p coordinates of size at most p^(-1/2) 2 pi frequency each. Under a product law with equal
    coordinates the variance of mu(X) does not depend on p.
    """

    features: int = 2
    frequency: float = 0.5

    def __post_init__(self) -> None:
        super().__post_init__()
        require(self.features >= 1, "features", "a whole number >= 1", self.features)
        require(self.frequency > 0, "frequency", "a number > 0", self.frequency)

    @property
    def dim(self) -> int:
        """`features`."""
        return self.features

    @property
    def lipschitz(self) -> float:
        """2 pi frequency."""
        return 2 * np.pi * self.frequency

    @property
    def oscillation(self) -> float:
        """From -sqrt(p) to sqrt(p)."""
        return float(2 * np.sqrt(self.features))

    @property
    def domain(self) -> tuple[Array, Array]:
        """The whole space."""
        return np.full(self.dim, -np.inf), np.full(self.dim, np.inf)

    def mu(self, x: Array) -> Array:
        """Return the sum of waves at `x (..., p)`."""
        return np.asarray(np.sin(2 * np.pi * self.frequency * x).sum(axis=-1) / np.sqrt(self.features))
