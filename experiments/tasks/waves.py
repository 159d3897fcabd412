"""A class probability that is an average of waves, one for each feature."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from scipy.integrate import quad
from scipy.special import j0

from experiments.config.registry import component, require
from experiments.tasks.base import Array, ClassTask


@component("task", "waves")
@dataclass(frozen=True)
class Waves(ClassTask):
    """eta(x) = (mean_j sin(2 pi x_j) + 1)/2 on [0, 1]^p, p = `features` even, >= 4.

    With p = 4 it is the class probability of an earlier study of the first author's, on the privacy of labels.
    """

    features: int = 4

    def __post_init__(self) -> None:
        even = self.features >= 4 and self.features % 2 == 0
        require(even, "features", "an even number >= 4", self.features)

    @property
    def dim(self) -> int:
        """The number of features."""
        return self.features

    @property
    def lipschitz(self) -> float:
        """Pi / sqrt p: each coordinate of the gradient is at most pi / p."""
        return float(np.pi / np.sqrt(self.features))

    @property
    def oscillation(self) -> float:
        """From 0 to 1."""
        return 1.0

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
