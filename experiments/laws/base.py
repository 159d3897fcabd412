"""The contract of laws of features, and products of one-dimensional laws."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from experiments.config.registry import Component

Array = NDArray[np.float64]


class Law(Protocol):
    """A law on R^dim with density."""

    @property
    def dim(self) -> int:
        """Number of coordinates."""

    def log_density(self, x: Array) -> Array:
        """Return log densities `(...)` at points `x (..., dim)`; -inf outside the support."""

    def sample(self, rng: np.random.Generator, size: int) -> Array:
        """Return `size` independent draws `(size, dim)`; a shorter sample is the beginning of a longer one."""

    def support(self) -> tuple[Array, Array]:
        """Return the corners `(dim,)`, `(dim,)` of the smallest box around the support, with +-inf."""

    def box(self, lost: float) -> tuple[Array, Array]:
        """Return a finite box that misses at most mass `lost`; the support's box where that is finite."""


class LawFamily(Component, ABC):
    """A component of the group `law`: a law in any dimension."""

    def at(self, n: int) -> "LawFamily":
        """Return the law that goes with real samples of size `n`: itself, unless it drifts."""
        return self

    @abstractmethod
    def on(self, dim: int) -> Law:
        """Return the law in `dim` dimensions."""


class Marginal(LawFamily):
    """A one-dimensional law given by a frozen scipy distribution; in `dim` dimensions, the product of copies."""

    @abstractmethod
    def distribution(self) -> Any:
        """Return the scipy.stats frozen distribution."""

    def on(self, dim: int) -> "ProductLaw":
        """Return the product of `dim` copies."""
        return ProductLaw((self.distribution(),) * dim)


@dataclass(frozen=True)
class ProductLaw:
    """The product of one-dimensional laws, a frozen scipy distribution for each coordinate."""

    marginals: tuple[Any, ...]

    @property
    def dim(self) -> int:
        """Number of coordinates."""
        return len(self.marginals)

    def log_density(self, x: Array) -> Array:
        """Return log densities `(...)` at `x (..., dim)`."""
        with np.errstate(divide="ignore"):
            return np.asarray(sum(m.logpdf(x[..., j]) for j, m in enumerate(self.marginals)), dtype=float)

    def sample(self, rng: np.random.Generator, size: int) -> Array:
        """Return independent draws `(size, dim)`, coordinate by coordinate from spawned streams."""
        children = rng.spawn(self.dim)
        return np.stack([m.rvs(size=size, random_state=c) for m, c in zip(self.marginals, children)], axis=1)

    def support(self) -> tuple[Array, Array]:
        """Return the corners of the support's box."""
        ends = np.array([m.support() for m in self.marginals], dtype=float)
        return ends[:, 0], ends[:, 1]

    def box(self, lost: float) -> tuple[Array, Array]:
        """Return a box that misses at most mass `lost` (union bound over the 2 dim tails)."""
        tail = lost / (2 * self.dim)
        low, high = self.support()
        cut = np.array([(m.ppf(tail), m.isf(tail)) for m in self.marginals], dtype=float)
        return np.where(np.isfinite(low), low, cut[:, 0]), np.where(np.isfinite(high), high, cut[:, 1])
