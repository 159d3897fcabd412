"""Generators of numeric rows that are fitted to all replicates at once."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from experiments.config.registry import Component, NonNegative, component

Array = NDArray[np.float64]
BatchSampler = Callable[[int, np.random.Generator], Array]
"""`(m, rng) -> (R, m, p)`: m synthetic rows for each replicate, from one stream for all of them."""


class BatchedGenerator(Component, ABC):
    """A component of the group `generator` that is fitted to numeric rows, each replicate independently."""

    @abstractmethod
    def fit(self, rows: Array) -> BatchSampler:
        """Fit every replicate by itself to its training rows (R, n, p), n >= 2."""


@component("generator", "normal_fit")
@dataclass(frozen=True)
class NormalFit(BatchedGenerator):
    """Draw from N(mean, S), S the unbiased covariance of each replicate's rows."""

    def fit(self, rows: Array) -> BatchSampler:
        """Estimate mean and covariance."""
        mean = rows.mean(axis=1, keepdims=True)
        centred = rows - mean
        spread, directions = np.linalg.eigh(centred.transpose(0, 2, 1) @ centred / (rows.shape[1] - 1))
        root = directions * np.sqrt(np.maximum(spread, 0))[:, None]  # few distinct rows: S may be singular

        def sample(size: int, rng: np.random.Generator) -> Array:
            return np.asarray(mean + rng.standard_normal((len(rows), size, rows.shape[2])) @ root.transpose(0, 2, 1))

        return sample


@component("generator", "smoothed_rows")
@dataclass(frozen=True)
class SmoothedRows(BatchedGenerator):
    """Draw from the product-kernel density estimate with bandwidth h_j = factor s_j n^(-1/(4+p)).

    s_j is the sample's standard deviation in column j. At p = 1 and factor 1.06 this is the rule that minimises the
    integrated squared error for a normal law (Silverman 1986).
    """

    factor: NonNegative = 1.06

    def bandwidth(self, rows: Array) -> Array:
        """Return the bandwidths `(R, p)` for rows `(R, n, p)`."""
        _, n, p = rows.shape
        return np.asarray(self.factor * rows.std(axis=1, ddof=1) * n ** (-1 / (4 + p)))

    def fit(self, rows: Array) -> BatchSampler:
        """Keep the rows and their bandwidths."""
        width = self.bandwidth(rows)[:, None]

        def sample(size: int, rng: np.random.Generator) -> Array:
            chosen = rng.integers(rows.shape[1], size=(len(rows), size, 1))
            noise = rng.standard_normal((len(rows), size, rows.shape[2]))
            return np.asarray(np.take_along_axis(rows, chosen, axis=1) + width * noise)

        return sample
