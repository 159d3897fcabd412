"""k nearest neighbours, k by a rate rule; in one dimension all replicates at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from math import ceil
from typing import Annotated

import numpy as np
from scipy.spatial import cKDTree

from experiments.config.registry import Positive, component, whole
from experiments.learners.base import Array, Learner, Predictor, one_by_one
from experiments.learners.sorted_1d import below, by_position, running_sums


@component("learner", "knn")
@dataclass(frozen=True)
class KNearestNeighbours(Learner):
    """Mean response of the k nearest neighbours, k = ceil(factor n^(2/(2+p))) unless `k` is given.

    The rate rule balances variance sigma^2/k against squared bias. In one dimension, with uniform features, the bias is at most
    L k/(4n), so k = 2 (sigma/L)^(2/3) n^(2/3) is best: 0.26 n^(2/3) for sigma = 0.3 and L = 2 pi.
    """

    factor: Positive = 0.25
    k: Annotated[int | None, whole(1)] = None

    def exponent(self, a: float) -> float:
        """Return the exponent of neighbours (7.3, 7.9)."""
        return min(2 / 3, 1 / a)

    def neighbours(self, n: int, p: int) -> int:
        """Return k for samples of size `n` in `p` dimensions, at most n."""
        rule = ceil(self.factor * n ** (2 / (2 + p))) if self.k is None else self.k
        return min(rule, n)

    def fit(self, x: Array, y: Array, streams: Sequence[np.random.Generator]) -> Predictor:
        """Keep the samples; sorted, with running sums, where p = 1."""
        k = self.neighbours(x.shape[1], x.shape[2])
        return _one_dimension(x[..., 0], y, k) if x.shape[2] == 1 else _several_dimensions(x, y, k)

    def weights(self, x: Array, points: Array) -> Array:
        """Return 1/k for each of the k nearest; see `Learner.weights`."""
        k = self.neighbours(*x.shape)
        found = np.zeros((len(points), len(x)))
        np.put_along_axis(found, cKDTree(x).query(points, k=[*range(1, k + 1)])[1], 1 / k, axis=1)
        return found


def _one_dimension(x: Array, y: Array, k: int) -> Predictor:
    """The k nearest of a query q are a window of the sorted sample: its start is the number of midpoints
    (x_(i) + x_(i+k))/2 below q, and its mean a difference of running sums.
    """
    x_sorted, y_sorted = by_position(x, y)
    sums = running_sums(y_sorted)
    means = (sums[:, k:] - sums[:, :-k]) / k
    middles = (x_sorted[:, :-k] + x_sorted[:, k:]) / 2

    def predict(points: Array) -> Array:
        return np.take_along_axis(means, below(middles, points[..., 0]), axis=1)

    return predict


def _several_dimensions(x: Array, y: Array, k: int) -> Predictor:
    def predict(tree: cKDTree, responses: Array, points: Array) -> Array:
        _, index = tree.query(points, k=[*range(1, k + 1)])
        return np.asarray(responses[index].mean(axis=1))

    return one_by_one([partial(predict, cKDTree(sample), responses) for sample, responses in zip(x, y)])
