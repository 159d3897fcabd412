"""Losses of several models fitted on halves of one table, as far as intervals need them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from experiments.halves import STRATA, compressed
from experiments.intervals import Spread

Array = NDArray[np.float64]


@dataclass(frozen=True)
class HalfLosses:
    """How the losses of K models differ between the two halves of B cuts of the table that they share.

    Parameters
    ----------
    rows : tuple of int
        Test rows of each of S strata.
    values : ndarray, shape (K, B, S, K + 1)
        The differences of losses, compressed (:func:`experiments.halves.compressed`).
    """

    rows: tuple[int, ...]
    values: Array

    @classmethod
    def of(cls, losses: ArrayLike) -> HalfLosses:
        """Compress losses of shape (K, B, 2, N), N >= 2."""
        array = np.asarray(losses, dtype=np.float64)
        if array.ndim != 4 or array.shape[2] != 2 or array.shape[3] < STRATA:
            raise ValueError(f"losses: expected shape (K, B, 2, N) with N >= {STRATA}, got {array.shape}")
        return cls(strata(array.shape[3]), compressed(array[:, :, 0] - array[:, :, 1]))

    def stratum(self, number: int) -> HalfLosses:
        """Return what is known from the test rows of one stratum."""
        return HalfLosses(self.rows[number : number + 1], self.values[:, :, number : number + 1])

    def spread(self, weights: ArrayLike) -> Spread:
        """Return the spread over halves of a combination of the models' losses.

        Parameters
        ----------
        weights : array_like, shape (K,)
            1 at one model for its risk, 1 and -1 for a difference of two, 1/K for the mean.
        """
        combined = np.tensordot(np.asarray(weights, dtype=np.float64), self.values, axes=1)
        total = sum(self.rows)
        mean = combined[:, :, 0] @ np.sqrt(self.rows) / total
        square = (combined**2).sum(axis=(1, 2))
        return Spread(mean, np.maximum(square - total * mean**2, 0) / (total - 1), total)


def strata(rows: int) -> tuple[int, ...]:
    """Return how many of so many test rows each stratum has."""
    return tuple(len(range(k, rows, STRATA)) for k in range(STRATA))
