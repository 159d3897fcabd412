"""Uniform coordinates, the first two of which move together."""

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr, ndtri

from experiments.config.registry import component, require
from experiments.laws.base import Array, LawFamily


@component("law", "copula")
@dataclass(frozen=True)
class Copula(LawFamily):
    """Uniform on [0, 1] in every coordinate; (x_1, x_2) has the Gaussian copula with correlation `rho`.

    Each feature by itself is distributed as under the uniform law: only their dependence differs. In one dimension this
    is the uniform law.
    """

    rho: float = 0.7

    def __post_init__(self) -> None:
        require(-1 < self.rho < 1, "rho", "a number in (-1, 1)", self.rho)

    def on(self, dim: int) -> "CopulaLaw":
        """Return the law on the cube of `dim` dimensions."""
        return CopulaLaw(self.rho if dim > 1 else 0.0, dim)


@dataclass(frozen=True)
class CopulaLaw:
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

    def support(self) -> tuple[Array, Array]:
        """Return the corners of the unit cube."""
        return np.zeros(self.dim), np.ones(self.dim)

    def box(self, lost: float) -> tuple[Array, Array]:
        """Return the support's box, which loses nothing."""
        return self.support()
