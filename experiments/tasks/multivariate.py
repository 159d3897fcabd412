"""Regression functions of several features."""

from dataclasses import dataclass

import numpy as np

from experiments.config.registry import Count, Positive, component
from experiments.tasks.base import Array, RegressionTask, everywhere


@component("task", "saddle")
@dataclass(frozen=True)
class Saddle(RegressionTask):
    """mu(x) = sin(pi x_1) cos(pi x_2), p = 2; L = pi on the plane.

    The squared gradient is pi^2 (cos^2 a cos^2 b + sin^2 a sin^2 b) <= pi^2, with equality at a = b = 0.
    """

    features = 2
    lipschitz = float(np.pi)
    oscillation = 2.0

    @property
    def domain(self) -> tuple[Array, Array]:
        """The plane."""
        return everywhere(2)

    def mu(self, x: Array) -> Array:
        """Return the saddle at `x (..., 2)`."""
        return np.asarray(np.sin(np.pi * x[..., 0]) * np.cos(np.pi * x[..., 1]))


@component("task", "friedman")
@dataclass(frozen=True)
class Friedman(RegressionTask):
    """mu(x) = [10 sin(pi x_1 x_2) + 20 (x_3 - 1/2)^2 + 10 x_4 + 5 x_5] / 10 on [0, 1]^5 (Friedman 1991).

    The gradient of the bracket is (10 pi x_2 c, 10 pi x_1 c, 40 (x_3 - 1/2), 10, 5) with |c| <= 1; its squared norm
    is at most 200 pi^2 + 400 + 100 + 25.
    """

    features = 5
    lipschitz = float(np.sqrt(200 * np.pi**2 + 525) / 10)
    oscillation = 3.0  # the bracket lies in [0, 10 + 5 + 10 + 5]

    def mu(self, x: Array) -> Array:
        """Return the function at `x (..., 5)`."""
        waves = 10 * np.sin(np.pi * x[..., 0] * x[..., 1]) + 20 * (x[..., 2] - 0.5) ** 2
        return np.asarray((waves + 10 * x[..., 3] + 5 * x[..., 4]) / 10)


@component("task", "additive")
@dataclass(frozen=True)
class Additive(RegressionTask):
    """mu(x) = p^(-1/2) sum_j sin(2 pi frequency x_j) in p = `features` dimensions; L = 2 pi frequency.

    The gradient has p coordinates of size at most p^(-1/2) 2 pi frequency each. Under a product law with equal
    coordinates the variance of mu(X) does not depend on p.
    """

    features: Count = 2
    frequency: Positive = 0.5

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
        """All of R^p."""
        return everywhere(self.dim)

    def mu(self, x: Array) -> Array:
        """Return the sum of waves at `x (..., p)`."""
        return np.asarray(np.sin(2 * np.pi * self.frequency * x).sum(axis=-1) / np.sqrt(self.features))


@component("task", "tents")
@dataclass(frozen=True)
class Tents(RegressionTask):
    """mu(x) = height sum_j w_j |2 x_j - 1| on [0, 1]^p, w_j proportional to 1/j, sum_j w_j^2 = 1.

    As |t| = relu(t) + relu(-t), one hidden layer of 2p ReLU units represents mu exactly. The gradient has coordinates
    +-2 height w_j, so L = 2 height whatever p; under the uniform law the variance is height^2 / 12. The first features
    count the most, as in most tables.
    """

    features: Count = 2
    height: Positive = 2.0

    @property
    def lipschitz(self) -> float:
        """2 height."""
        return 2 * self.height

    @property
    def oscillation(self) -> float:
        """From 0 in the middle to the sum of all heights at the corners."""
        return float(self.height * self._weights.sum())

    @property
    def _weights(self) -> Array:
        raw = 1 / np.arange(1, self.features + 1)
        return np.asarray(raw / np.linalg.norm(raw))

    def mu(self, x: Array) -> Array:
        """Return the tents at `x (..., p)`."""
        return np.asarray(self.height * np.abs(2 * x - 1) @ self._weights)
