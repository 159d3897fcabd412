"""A wave on the line."""

from dataclasses import dataclass

import numpy as np

from experiments.config.registry import component, require
from experiments.tasks.base import Array, RegressionTask


@component("task", "sine")
@dataclass(frozen=True)
class Sine(RegressionTask):
    """mu(x) = sin(2 pi frequency x), p = 1; L = 2 pi frequency, on the whole line."""

    frequency: float = 1.0

    def __post_init__(self) -> None:
        super().__post_init__()
        require(self.frequency > 0, "frequency", "a number > 0", self.frequency)

    @property
    def dim(self) -> int:
        """One feature."""
        return 1

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
        """The whole line."""
        return np.array([-np.inf]), np.array([np.inf])

    def mu(self, x: Array) -> Array:
        """Return the wave at `x (..., 1)`."""
        return np.asarray(np.sin(2 * np.pi * self.frequency * x[..., 0]))
