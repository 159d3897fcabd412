"""Laws on R^p that are given as a whole: Gaussian copula, correlated normal, uniform with a restricted coordinate."""

from dataclasses import dataclass
from functools import cached_property
from typing import Annotated

import numpy as np
from scipy import stats
from scipy.special import ndtr, ndtri

from experiments.config.registry import Positive, Probability, Range, component, require
from experiments.laws.base import Array, LawFamily

Correlation = Annotated[float, Range("a number in (-1, 1)", lambda rho: -1 < rho < 1)]


class CubeLaw:
    """What laws on the unit cube share; subclasses give `dim`, `log_density` and `sample`."""

    dim: int

    def support(self) -> tuple[Array, Array]:
        """Return the corners of the unit cube."""
        return np.zeros(self.dim), np.ones(self.dim)

    def box(self, lost: float) -> tuple[Array, Array]:
        """Return the support's box, which loses nothing."""
        return self.support()


@component("law", "copula")
@dataclass(frozen=True)
class Copula(LawFamily):
    """Uniform on [0, 1] in every coordinate; (x_1, x_2) has the Gaussian copula with correlation `rho`.

    Each feature by itself is distributed as under the uniform law: only their dependence differs. In one dimension this
    is the uniform law.
    """

    rho: Correlation = 0.7

    def on(self, dim: int) -> "CopulaLaw":
        """Return the law on the cube of `dim` dimensions."""
        return CopulaLaw(self.rho if dim > 1 else 0.0, dim)


@dataclass(frozen=True)
class CopulaLaw(CubeLaw):
    """The law in `dim` dimensions."""

    rho: float
    dim: int

    def log_density(self, x: Array) -> Array:
        """Return log densities `(...)` at `x (..., dim)`: the binormal density over the product of its marginals."""
        inside = ((x >= 0) & (x <= 1)).all(axis=-1)
        density = np.zeros(x.shape[:-1])
        if self.rho != 0:
            # exactly on the faces the normal scores are infinite and the density has no limit
            score = ndtri(np.clip(x[..., :2], 1e-300, 1 - 2**-53))
            u, v, rest = score[..., 0], score[..., 1], 1 - self.rho**2
            density = -0.5 * np.log(rest) - (self.rho**2 * (u**2 + v**2) - 2 * self.rho * u * v) / (2 * rest)
        return np.where(inside, density, -np.inf)

    def sample(self, rng: np.random.Generator, size: int) -> Array:
        """Return independent draws `(size, dim)`."""
        cube, pair = rng.spawn(2)
        x = cube.random((size, self.dim))
        if self.rho != 0:
            score = pair.standard_normal((size, 2))
            score[:, 1] = self.rho * score[:, 0] + (1 - self.rho**2) ** 0.5 * score[:, 1]
            x[:, :2] = ndtr(score)
        return x


@component("law", "correlated_normal")
@dataclass(frozen=True)
class CorrelatedNormal(LawFamily):
    """Normal, every coordinate with the given mean and scale, every pair with the given correlation.

    The covariance scale^2 [(1 - c) I + c 1 1'] has the axes of a rotated normal: variance scale^2 (1 + (p - 1) c) along the
    diagonal (1, ..., 1), scale^2 (1 - c) across it. Positive definite for -1/(p - 1) < c < 1.
    """

    mean: float = 0.0
    scale: Positive = 1.0
    correlation: Correlation = 0.5

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


@component("law", "restricted")
@dataclass(frozen=True)
class Restricted(LawFamily):
    """With probability `leak` uniform on [0, 1]^p, else uniform on [low, high] x [0, 1]^(p-1).

    With leak = 0 the law does not cover the cube: a mass 1 - (high - low) of it is never seen.
    """

    low: float = 0.0
    high: float = 0.5
    leak: Probability = 0.0

    def __post_init__(self) -> None:
        super().__post_init__()
        require(0 <= self.low < self.high <= 1, "high", f"a number in (low, 1] with low = {self.low} >= 0", self.high)

    def on(self, dim: int) -> "RestrictedLaw":
        """Return the law on the cube of `dim` dimensions."""
        return RestrictedLaw(self, dim)


@dataclass(frozen=True)
class RestrictedLaw(CubeLaw):
    """The restricted law in `dim` dimensions."""

    family: Restricted
    dim: int

    def log_density(self, x: Array) -> Array:
        """Return log densities `(...)` at `x (..., dim)`."""
        f = self.family
        in_cube = ((x >= 0) & (x <= 1)).all(axis=-1)
        in_part = (x[..., 0] >= f.low) & (x[..., 0] <= f.high)
        with np.errstate(divide="ignore"):
            return np.log(in_cube * (f.leak + (1 - f.leak) * in_part / (f.high - f.low)))

    def sample(self, rng: np.random.Generator, size: int) -> Array:
        """Return independent draws `(size, dim)`."""
        f = self.family
        cube, coin = rng.spawn(2)
        x = cube.random((size, self.dim))
        kept = coin.random(size) >= f.leak
        x[kept, 0] = f.low + (f.high - f.low) * x[kept, 0]
        return x

    def support(self) -> tuple[Array, Array]:
        """Return the corners of the support's box."""
        low, high = super().support()
        if self.family.leak == 0:
            low[0], high[0] = self.family.low, self.family.high
        return low, high
