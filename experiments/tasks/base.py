"""What is to be learned: a regression function or a class probability with known constants."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from experiments.config.registry import Component, NonNegative

Array = NDArray[np.float64]


class Task(Component, ABC):
    """A component of the group `task`: mu(x) = E[Y | X = x], and the noise of Y about it.

    Subclasses give `mu`, the number of `features`, the noise, and the constants of mu on its domain: as class attributes,
    or as properties where they depend on options.
    """

    binary: ClassVar[bool] = False
    """Whether Y is 0 or 1 and mu its probability, called eta then."""

    features = 1
    """Number of features p, unless it is an option."""

    @property
    def dim(self) -> int:
        """Number of features p."""
        return self.features

    @property
    @abstractmethod
    def lipschitz(self) -> float:
        """Lipschitz constant of mu on the domain, Euclidean norm; `inf` where there is none."""

    @property
    @abstractmethod
    def oscillation(self) -> float:
        """An upper bound of max mu - min mu on the domain."""

    @property
    @abstractmethod
    def noise_variance(self) -> float:
        """An upper bound of Var(Y | X), and a variance proxy: E exp(t (Y - mu)) <= exp(t^2 noise_variance / 2)."""

    @property
    def domain(self) -> tuple[Array, Array]:
        """Corners `(dim,)`, `(dim,)` of the box where the constants hold; the unit cube by default."""
        return np.zeros(self.dim), np.ones(self.dim)

    @abstractmethod
    def mu(self, x: Array) -> Array:
        """Return the regression function `(...)` at `x (..., dim)`."""

    @abstractmethod
    def respond(self, mean: Array, rng: np.random.Generator, noise_ratio: float = 1.0) -> Array:
        """Draw responses `(n,)` whose regression function takes the values `mean (n,)`.

        The standard deviation of the noise is `noise_ratio` times the task's own; the ratio is 1 where the task is binary.
        """


def everywhere(dim: int) -> tuple[Array, Array]:
    """Return the domain of a task whose constants hold on all of R^dim."""
    return np.full(dim, -np.inf), np.full(dim, np.inf)


@dataclass(frozen=True)
class RegressionTask(Task):
    """Y = mu(X) + noise * e, with e standard normal and independent of X."""

    noise: NonNegative = 0.3

    @property
    def noise_variance(self) -> float:
        """The square of `noise`."""
        return self.noise**2

    def respond(self, mean: Array, rng: np.random.Generator, noise_ratio: float = 1.0) -> Array:
        """Add normal noise; see `Task.respond`."""
        return np.asarray(mean + noise_ratio * self.noise * rng.standard_normal(mean.shape))


class ClassTask(Task):
    """Y = 1 with probability eta(X), else 0."""

    binary: ClassVar[bool] = True

    @property
    def noise_variance(self) -> float:
        """1/4: the largest variance, and Hoeffding's variance proxy, of a variable in [0, 1]."""
        return 0.25

    @property
    @abstractmethod
    def low_noise(self) -> tuple[float, float]:
        """Exponent gamma and constant A of P(0 < |2 eta(X) - 1| <= t) <= A t^gamma for X uniform on the domain.

        For gamma = inf, where |2 eta - 1| is bounded away from 0, A is one over its least value.
        """

    def respond(self, mean: Array, rng: np.random.Generator, noise_ratio: float = 1.0) -> Array:
        """Draw 0 or 1; see `Task.respond`."""
        return (rng.random(mean.shape) < mean).astype(float)
