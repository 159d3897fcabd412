"""The uniform law on the unit cube, with its first coordinate restricted to a part, wholly or but for a leak."""

from dataclasses import dataclass

import numpy as np

from experiments.config.registry import component, require
from experiments.laws.base import Array, LawFamily


@component("law", "restricted")
@dataclass(frozen=True)
class Restricted(LawFamily):
    """With probability `leak` uniform on [0, 1]^p, else uniform on [low, high] x [0, 1]^(p-1).

    With leak = 0 the law does not cover the cube: a mass 1 - (high - low) of it is never seen.
    """

    low: float = 0.0
    high: float = 0.5
    leak: float = 0.0

    def __post_init__(self) -> None:
        require(0 <= self.low < self.high <= 1, "high", f"a number in (low, 1] with low = {self.low} >= 0", self.high)
        require(0 <= self.leak <= 1, "leak", "a number in [0, 1]", self.leak)

    def on(self, dim: int) -> "RestrictedLaw":
        """Return the law on the cube of `dim` dimensions."""
        return RestrictedLaw(self, dim)


@dataclass(frozen=True)
class RestrictedLaw:
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
        low, high = np.zeros(self.dim), np.ones(self.dim)
        if self.family.leak == 0:
            low[0], high[0] = self.family.low, self.family.high
        return low, high

    def box(self, lost: float) -> tuple[Array, Array]:
        """Return the support's box, which loses nothing."""
        return self.support()
