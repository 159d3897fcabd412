"""Random halves of a training table, from which intervals learn how a risk varies over tables (intervals.py)."""

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
