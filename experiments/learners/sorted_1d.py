"""Sorted samples in one dimension, all replicates at once: ranks of queries, and sums over windows."""

import numpy as np

from experiments.learners.base import Array, Indices


def below(values: Array, points: Array) -> Indices:
    """Count the values below each query: `(R, N)`, from ascending rows `values (R, n)` and queries `(N,)` or `(R, N)`."""
    if points.ndim == 2:
        return np.stack([np.searchsorted(row, at) for row, at in zip(values, points)])
    # Shared queries are sorted once and every value is placed among them: one search for all replicates.
    order = np.argsort(points)
    rows, size = len(values), len(points)
    place = np.searchsorted(points[order], values.ravel(), side="right").reshape(values.shape)
    flat = place + np.arange(rows)[:, None] * (size + 1)
    counts = np.bincount(flat.ravel(), minlength=rows * (size + 1)).reshape(rows, size + 1)
    found = np.empty((rows, size), dtype=np.intp)
    found[:, order] = np.cumsum(counts[:, :-1], axis=1)
    return found


def by_position(x: Array, *columns: Array) -> tuple[Array, ...]:
    """Sort samples `x (R, n)` in each row and take the other columns `(R, n)` along."""
    order = np.argsort(x, axis=1)
    return tuple(np.take_along_axis(each, order, axis=1) for each in (x, *columns))


def running_sums(values: Array) -> Array:
    """Return sums of the first 0, 1, ..., n values of each row, shape `(R, n + 1)`."""
    sums = np.zeros((values.shape[0], values.shape[1] + 1))
    np.cumsum(values, axis=1, out=sums[:, 1:])
    return sums
