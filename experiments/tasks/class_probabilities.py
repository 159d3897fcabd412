"""Class probabilities whose low-noise exponent and constant are known."""

from dataclasses import dataclass
from itertools import pairwise
from math import inf, isinf
from typing import Annotated

import numpy as np
from scipy.integrate import quad
from scipy.special import expit, j0

from experiments.config.registry import Count, Positive, Range, component, require
from experiments.tasks.base import Array, ClassTask


@component("task", "logit")
@dataclass(frozen=True)
class Logit(ClassTask):
    """Log odds of Y = 1: strength (8 (x - 1/2)^2 - 1) on [0, 1], p = 1; -strength in the middle, strength at the ends."""

    strength: Positive = 1.5

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


@component("task", "margin")
@dataclass(frozen=True)
class Margin(ClassTask):
    """eta(x) = 1/2 + (constant/2) sign(u) |u|^(1/gamma), u a triangle wave of x_1 with `crossings` zeros on [0, 1].

    For uniform features |u| is uniform on [0, 1], so P(|2 eta - 1| <= t) = (t/constant)^gamma for t <= constant: the
    low-noise condition with exponent gamma holds with A = constant^(-gamma), with equality. gamma = inf: eta jumps, and
    |2 eta - 1| = constant.
    """

    gamma: Positive = 1.0
    constant: Annotated[float, Range("a number in (0, 1]", lambda v: 0 < v <= 1)] = 0.8
    crossings: Count = 1
    features: Count = 1

    @property
    def lipschitz(self) -> float:
        """Crossings * constant / gamma, at |u| = 1; none for gamma > 1, where eta is steep at its crossings."""
        return self.crossings * self.constant / self.gamma if self.gamma <= 1 else inf

    @property
    def oscillation(self) -> float:
        """From (1 - constant)/2 to (1 + constant)/2."""
        return self.constant

    @property
    def low_noise(self) -> tuple[float, float]:
        """Gamma and constant^(-gamma); 1/constant at gamma = inf."""
        return self.gamma, 1 / self.constant if isinf(self.gamma) else self.constant**-self.gamma

    def mu(self, x: Array) -> Array:
        """Return the class probability at `x (..., p)`."""
        wave = self._wave(x[..., 0])
        size = np.ones_like(wave) if isinf(self.gamma) else np.abs(wave) ** (1 / self.gamma)
        return np.asarray(0.5 + self.constant / 2 * np.sign(wave) * size)

    def _wave(self, x: Array) -> Array:
        """Straight from -1 to 1, back to -1, and so on, `crossings` times."""
        run = np.clip(np.floor(self.crossings * x), 0, self.crossings - 1)
        return np.asarray(np.where(run % 2 == 0, 1, -1) * (2 * (self.crossings * x - run) - 1))


@component("task", "waves")
@dataclass(frozen=True)
class Waves(ClassTask):
    """eta(x) = (mean_j sin(2 pi x_j) + 1)/2 on [0, 1]^p, p = `features` even, >= 4.

    With p = 4 it is the class probability of an earlier study of the first author's, on the privacy of labels.
    """

    features: int = 4

    oscillation = 1.0

    def __post_init__(self) -> None:
        even = self.features >= 4 and self.features % 2 == 0
        require(even, "features", "an even number >= 4", self.features)

    @property
    def lipschitz(self) -> float:
        """Pi / sqrt p: each coordinate of the gradient is at most pi / p."""
        return float(np.pi / np.sqrt(self.features))

    @property
    def low_noise(self) -> tuple[float, float]:
        """Gamma = 1, and A = 2 f(0), f the density of 2 eta(X) - 1.

        The sine of a uniform angle has the characteristic function J_0, so the mean of p of them has the density
        f(0) = (p/pi) int_0^inf J_0(u)^p du at 0 (infinite for p = 2). With p even f is a symmetric density convolved with
        itself, hence largest at 0 (Cauchy and Schwarz).
        """
        ends = 2 * np.pi * np.arange(201)
        pieces = [quad(lambda u: j0(u) ** self.features, low, high)[0] for low, high in pairwise(ends)]
        return 1.0, float(2 * self.features / np.pi * sum(pieces))

    def mu(self, x: Array) -> Array:
        """Return the class probability at `x (..., p)`."""
        return np.asarray((np.sin(2 * np.pi * x).mean(axis=-1) + 1) / 2)
