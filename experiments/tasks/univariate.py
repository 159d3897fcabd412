"""Regression functions of one feature."""

from dataclasses import dataclass

import numpy as np

from experiments.config.registry import Positive, Probability, component
from experiments.tasks.base import Array, RegressionTask, everywhere


@component("task", "parabola")
@dataclass(frozen=True)
class Parabola(RegressionTask):
    """mu(x) = 4 (x - 1/2)^2 on [0, 1], p = 1; L = 4 at the ends."""

    lipschitz = 4.0  # |mu'(x)| = 8 |x - 1/2|
    oscillation = 1.0

    def mu(self, x: Array) -> Array:
        """Return the parabola at `x (..., 1)`."""
        return np.asarray(4 * (x[..., 0] - 0.5) ** 2)


@component("task", "kinked")
@dataclass(frozen=True)
class Kinked(RegressionTask):
    """mu(x) = slope |x - kink| on [0, 1], p = 1; L = slope."""

    kink: Probability = 0.5
    slope: Positive = 2.0

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
class Sine(RegressionTask):
    """mu(x) = sin(2 pi frequency x), p = 1; L = 2 pi frequency on all of R."""

    frequency: Positive = 1.0

    oscillation = 2.0

    @property
    def lipschitz(self) -> float:
        """2 pi frequency, the slope at 0."""
        return 2 * np.pi * self.frequency

    @property
    def domain(self) -> tuple[Array, Array]:
        """All of R."""
        return everywhere(1)

    def mu(self, x: Array) -> Array:
        """Return the wave at `x (..., 1)`."""
        return np.asarray(np.sin(2 * np.pi * self.frequency * x[..., 0]))
