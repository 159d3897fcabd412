"""Digests of rows: the same for the same content, whatever the order of rows or the names of labels."""

import hashlib
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

Digest = NDArray[np.uint64]


def mixed(words: Digest) -> Digest:
    """Return 64-bit words scrambled by the finaliser of SplitMix64 (Steele, Lea, Flood 2014), a bijection."""
    z = words + np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


def row_digests(columns: Iterable[NDArray[np.float64]], rows: int) -> Digest:
    """Digest of each row of a table given by its columns, all as floats.

    Parameters
    ----------
    columns : iterable of ndarray, each shape (rows,)
        Columns in a fixed order; -0 counts as 0, every NaN as one value.
    rows : int
        Number of rows.

    Returns
    -------
    ndarray of uint64, shape (rows,)
        Equal rows have equal digests; different rows collide with probability about rows² / 2^65.
    """
    digest = np.zeros(rows, dtype=np.uint64)
    for column in columns:
        values = np.where(np.isnan(column), np.nan, column + 0.0)  # -0 + 0 is 0; one NaN for all
        digest = mixed(digest ^ values.view(np.uint64))
    return digest


def content_hash(arrays: Iterable[NDArray[np.generic]]) -> str:
    """Return 20 hex digits of SHA-256 over the bytes, types and shapes of the arrays."""
    total = hashlib.sha256()
    for array in arrays:
        total.update(f"{array.dtype.str}{array.shape}".encode())
        total.update(np.ascontiguousarray(array).tobytes())
    return total.hexdigest()[:20]
