"""Normal laws whose coordinates are correlated: stretched along one diagonal, a rotated normal."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import stats

from experiments.config.registry import component, require
from experiments.laws.base import Array, LawFamily


@component("law", "correlated_normal")
@dataclass(frozen=True)
class CorrelatedNormal(LawFamily):
    """Normal, every coordinate with the given mean and scale, every pair with the given correlation.

    The covariance scale^2 [(1 - c) I + c 1 1'] has the axes of a rotated normal: variance scale^2 (1 + (p - 1) c) along the
    diagonal (1, ..., 1), scale^2 (1 - c) across it. Positive definite for -1/(p - 1) < c < 1.
    """

    mean: float = 0.0
    scale: float = 1.0
    correlation: float = 0.5

    def __post_init__(self) -> None:
        require(self.scale > 0, "scale", "a number > 0", self.scale)
        require(-1 < self.correlation < 1, "correlation", "a number in (-1, 1)", self.correlation)

    def on(self, dim: int) -> "CorrelatedNormalLaw":
        """Return the law in `dim` dimensions."""
        least = -1 / (dim - 1) if dim > 1 else -1
        require(self.correlation > least, "correlation", f"a number in ({least:g}, 1) for p = {dim}", self.correlation)
        return CorrelatedNormalLaw(self, dim)


@dataclass(frozen=True)
class CorrelatedNormalLaw:
    """The correlated normal in `dim` dimensions."""

    family: CorrelatedNormal
    dim: int

    @cached_property
    def _root(self) -> Array:
        """Cholesky factor of the covariance."""
        c = self.family.correlation
        return np.asarray(self.family.scale * np.linalg.cholesky((1 - c) * np.eye(self.dim) + c))

    def log_density(self, x: Array) -> Array:
        """Return log densities `(...)` at `x (..., dim)`."""
        z = np.linalg.solve(self._root, (x.reshape(-1, self.dim) - self.family.mean).T)
        scale = np.log(np.diag(self._root)).sum() + self.dim / 2 * np.log(2 * np.pi)
        return np.asarray(-0.5 * (z**2).sum(axis=0) - scale).reshape(x.shape[:-1])

    def sample(self, rng: np.random.Generator, size: int) -> Array:
        """Return independent draws `(size, dim)`."""
        return np.asarray(self.family.mean + rng.standard_normal((size, self.dim)) @ self._root.T)

    def support(self) -> tuple[Array, Array]:
        """Return infinite corners."""
        return np.full(self.dim, -np.inf), np.full(self.dim, np.inf)

    def box(self, lost: float) -> tuple[Array, Array]:
        """Return a cube that misses at most mass `lost` (union bound over the 2 dim tails)."""
        reach = self.family.scale * stats.norm.isf(lost / (2 * self.dim))
        return np.full(self.dim, self.family.mean - reach), np.full(self.dim, self.family.mean + reach)
