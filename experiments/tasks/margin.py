"""A class probability with a margin exponent and a margin constant to be set."""

from dataclasses import dataclass
from math import inf, isinf

import numpy as np

from experiments.config.registry import component, require
from experiments.tasks.base import Array, ClassTask


@component("task", "margin")
@dataclass(frozen=True)
class Margin(ClassTask):
    """eta(x) = 1/2 + (constant/2) sign(u) |u|^(1/gamma), u a triangle wave of x_1 with `crossings` zeros on [0, 1].

    For uniform features |u| is uniform on [0, 1], so P(|2 eta - 1| <= t) = (t/constant)^gamma for t <= constant: the
    low-noise condition with exponent gamma holds with A = constant^(-gamma), with equality. gamma = inf: eta jumps, and
    |2 eta - 1| = constant.
    """

    gamma: float = 1.0
    constant: float = 0.8
    crossings: int = 1
    features: int = 1

    def __post_init__(self) -> None:
        require(self.gamma > 0, "gamma", "a number > 0", self.gamma)
        require(0 < self.constant <= 1, "constant", "a number in (0, 1]", self.constant)
        require(self.crossings >= 1, "crossings", "a whole number >= 1", self.crossings)
        require(self.features >= 1, "features", "a whole number >= 1", self.features)

    @property
    def dim(self) -> int:
        """`features`, of which only the first matters."""
        return self.features

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
