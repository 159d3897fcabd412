"""A class probability with quadratic log odds: right for quadratic logistic regression, wrong for the linear one."""

from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from experiments.config.registry import component, require
from experiments.tasks.base import Array, ClassTask


@component("task", "logit")
@dataclass(frozen=True)
class Logit(ClassTask):
    """Log odds of Y = 1: strength (8 (x - 1/2)^2 - 1) on [0, 1], p = 1; -strength in the middle, strength at the ends."""

    strength: float = 1.5

    def __post_init__(self) -> None:
        require(self.strength > 0, "strength", "a number > 0", self.strength)

    @property
    def dim(self) -> int:
        """One feature."""
        return 1

    @property
    def lipschitz(self) -> float:
        """At most 1/4 of the slope of the log odds, 8 strength at the ends."""
        return 2 * self.strength

    @property
    def oscillation(self) -> float:
        """From the middle to the ends."""
        return float(expit(self.strength) - expit(-self.strength))

    @property
    def low_noise(self) -> tuple[float, float]:
        """Exponent 1: the log odds cross 0 with a slope at x = 1/2 +- 1/sqrt(8).

        |2 eta - 1| = tanh(|v|/2) for log odds v = strength w; |w| <= s has probability sqrt((1 + s)/2) - sqrt((1 - s)/2)
        <= s, and tanh is concave, so tanh(strength s/2) >= s tanh(strength/2): A = 1/tanh(strength/2).
        """
        return 1.0, float(1 / np.tanh(self.strength / 2))

    def mu(self, x: Array) -> Array:
        """Return the class probability at `x (..., 1)`."""
        return np.asarray(expit(self.strength * (8 * (x[..., 0] - 0.5) ** 2 - 1)))
