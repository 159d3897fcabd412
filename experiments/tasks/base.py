"""What is to be learned: a regression function with known constants, and its noise."""

from abc import ABC, abstractmethod
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Task(ABC):
    """A component of the group `task`: Y = mu(X) + noise * e with e standard normal, independent of X.

    Subclasses give `mu`, the dimension `dim`, the Lipschitz constant `lipschitz` of mu on its domain, and the
    corners of that domain.
    """

    noise: float = 0.3

    def __post_init__(self) -> None:
        if self.noise < 0:
            raise ValueError(f"noise: expected a number >= 0, got {self.noise!r}")

    @property
    @abstractmethod
    def dim(self) -> int:
        """Number of features p."""

    @property
    @abstractmethod
    def lipschitz(self) -> float:
        """Lipschitz constant of mu on the domain, Euclidean norm."""

    @property
    @abstractmethod
    def oscillation(self) -> float:
        """An upper bound of max mu - min mu on the domain."""

    @property
    def domain(self) -> tuple[Array, Array]:
        """Corners `(dim,)`, `(dim,)` of the box where the constants hold; the unit cube unless said otherwise."""
        return np.zeros(self.dim), np.ones(self.dim)

    @abstractmethod
    def mu(self, x: Array) -> Array:
        """Return the regression function `(...)` at `x (..., dim)`."""

    def respond(self, mean: Array, rng: np.random.Generator) -> Array:
        """Draw responses `(n,)` whose regression function takes the values `mean (n,)`."""
        return np.asarray(mean + self.noise * rng.standard_normal(mean.shape))
