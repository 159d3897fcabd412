"""Regression functions of one feature."""

from dataclasses import dataclass

import numpy as np

from experiments.config.registry import component, require
from experiments.tasks.base import Array, RegressionTask, everywhere


@dataclass(frozen=True)
class UnivariateTask(RegressionTask):
    """A regression function of one feature."""

    @property
    def dim(self) -> int:
        """One feature."""
        return 1


@component("task", "parabola")
@dataclass(frozen=True)
class Parabola(UnivariateTask):
    """mu(x) = 4 (x - 1/2)^2 on [0, 1], p = 1; L = 4 at the ends."""

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


@component("task", "kinked")
@dataclass(frozen=True)
class Kinked(UnivariateTask):
    """mu(x) = slope |x - kink| on [0, 1], p = 1; L = slope."""

    kink: float = 0.5
    slope: float = 2.0

    def __post_init__(self) -> None:
        super().__post_init__()
        require(0 <= self.kink <= 1, "kink", "a number in [0, 1]", self.kink)
        require(self.slope > 0, "slope", "a number > 0", self.slope)

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


@component("task", "sine")
@dataclass(frozen=True)
class Sine(UnivariateTask):
    """mu(x) = sin(2 pi frequency x), p = 1; L = 2 pi frequency on all of R."""

    frequency: float = 1.0

    def __post_init__(self) -> None:
        super().__post_init__()
        require(self.frequency > 0, "frequency", "a number > 0", self.frequency)

    @property
    def lipschitz(self) -> float:
        """2 pi frequency, the slope at 0."""
        return 2 * np.pi * self.frequency

    @property
    def oscillation(self) -> float:
        """From -1 to 1."""
        return 2.0

    @property
    def domain(self) -> tuple[Array, Array]:
        """All of R."""
        return everywhere(1)

    def mu(self, x: Array) -> Array:
        """Return the wave at `x (..., 1)`."""
        return np.asarray(np.sin(2 * np.pi * self.frequency * x[..., 0]))
