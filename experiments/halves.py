"""Random halves of a training table, from which intervals learn how a risk varies over tables (half_losses.py)."""

import numpy as np
from numpy.typing import NDArray


def half_splits(rows: int, splits: int, rng: np.random.Generator) -> NDArray[np.intp]:
    """Random cuts of a table into two disjoint halves.

    Parameters
    ----------
    rows : int, >= 2
        Rows of the training table; where odd, each cut leaves one random row out.
    splits : int, >= 1
        Number of independent cuts B.
    rng : numpy.random.Generator
        Source of randomness.

    Returns
    -------
    ndarray of int, shape (B, 2, rows // 2)
        Row numbers of both halves of every cut.

    Raises
    ------
    ValueError
        For fewer than two rows or no cut.
    """
    if rows < 2 or splits < 1:
        raise ValueError(f"rows, splits: expected rows >= 2 and splits >= 1, got {rows, splits}")
    half = rows // 2
    return np.stack([rng.permutation(rows)[: 2 * half].reshape(2, half) for _ in range(splits)])


STRATA = 2
"""Even and odd test rows are kept apart, so that what a rule finds in one half of them can be judged on the other."""


def compressed(differences: NDArray[np.float64]) -> NDArray[np.float64]:
    """Few numbers with the means, variances and covariances of many.

    With the QR decomposition (1, D') = Q R over the N rows of a stratum, the K columns of R after the first have the
    products of D: of any combination w'D of the models, the sum over the rows is √N times the first number of w'R, and
    the sum of squares that of all numbers of w'R.

    Parameters
    ----------
    differences : ndarray, shape (K, B, N), N >= 2
        For each of K models and B cuts: loss at N test rows of the fit on the first half, minus that on the second.

    Returns
    -------
    ndarray, shape (K, B, S, K + 1)
        The columns of R for each of S strata of the test rows. Exact but for rounding.
    """
    models, cuts, _ = differences.shape
    found = np.zeros((models, cuts, STRATA, models + 1))
    for k in range(STRATA):
        table = np.moveaxis(differences[:, :, k::STRATA], 0, -1)
        r = np.asarray(np.linalg.qr(np.concatenate([np.ones((*table.shape[:2], 1)), table], axis=2), mode="r"))
        r[:, 0] *= np.sign(r[:, 0, :1])
        found[:, :, k, : r.shape[1]] = np.moveaxis(r[:, :, 1:], -1, 0)
    return found
