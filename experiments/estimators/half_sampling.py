"""Random halves of a training table: from the losses on them intervals learn how a risk varies over tables."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from experiments.estimators.gaps import Spread
from experiments.estimators.intervals import Array


def half_splits(rows: int, splits: int, rng: np.random.Generator) -> NDArray[np.intp]:
    """Cut a table at random into two disjoint halves, `splits` times, independently.

    Returns the row numbers of both halves of every cut, shape (splits, 2, rows // 2); where `rows` is odd, each cut leaves
    one random row out. Raises ``ValueError`` for fewer than two rows or no cut.
    """
    if rows < 2 or splits < 1:
        raise ValueError(f"rows, splits: expected rows >= 2 and splits >= 1, got {rows, splits}")
    half = rows // 2
    return np.stack([rng.permutation(rows)[: 2 * half].reshape(2, half) for _ in range(splits)])


def compressed(differences: Array) -> Array:
    """Few numbers with the means, variances and covariances of many.

    With the QR decomposition (1, D') = Q R over N rows, the K columns of R after the first have the products of D: of any
    combination w'D of the models, the sum over the rows is √N times the first number of w'R, and the sum of squares that of
    all numbers of w'R.

    Parameters
    ----------
    differences : ndarray, shape (K, B, N), N >= 2
        For each of K models and B cuts: loss at N test rows of the fit on the first half, minus that on the second.

    Returns
    -------
    ndarray, shape (K, B, K + 1)
        The columns of R. Exact but for rounding.
    """
    models, cuts, _ = differences.shape
    found = np.zeros((models, cuts, models + 1))
    table = np.moveaxis(differences, 0, -1)
    r = np.asarray(np.linalg.qr(np.concatenate([np.ones((*table.shape[:2], 1)), table], axis=2), mode="r"))
    r[:, 0] *= np.sign(r[:, 0, :1])
    found[:, :, : r.shape[1]] = np.moveaxis(r[:, :, 1:], -1, 0)
    return found


@dataclass(frozen=True)
class HalfLosses:
    """How the losses of K models differ between the two halves of B cuts of the table that they share.

    `values (K, B, K + 1)` are the differences of losses at so many test `rows`, `compressed`.
    """

    rows: int
    values: Array

    @classmethod
    def of(cls, losses: ArrayLike) -> HalfLosses:
        """Compress losses of shape (K, B, 2, N), N >= 2."""
        array = np.asarray(losses, dtype=np.float64)
        if array.ndim != 4 or array.shape[2] != 2 or array.shape[3] < 2:
            raise ValueError(f"losses: expected shape (K, B, 2, N) with N >= 2, got {array.shape}")
        return cls(array.shape[3], compressed(array[:, :, 0] - array[:, :, 1]))

    def spread(self, weights: ArrayLike) -> Spread:
        """Return the spread over halves of a combination of the models' losses.

        `weights (K,)`: 1 at one model for its risk, 1 and -1 for a difference of two, 1/K for the mean.
        """
        combined = np.tensordot(np.asarray(weights, dtype=np.float64), self.values, axes=1)
        mean = combined[:, 0] / np.sqrt(self.rows)
        square = (combined**2).sum(axis=1)
        return Spread(mean, np.maximum(square - self.rows * mean**2, 0) / (self.rows - 1), self.rows)
