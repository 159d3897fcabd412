"""Regressogram: the mean response in every cell of an even grid of the unit cube, all replicates at once."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from experiments.config.registry import component, require
from experiments.learners.base import Array, Learner, Predictor


@component("learner", "regressogram")
@dataclass(frozen=True)
class Regressogram(Learner):
    """About factor n^(1/(2+p)) cells along each axis; a cell without data takes the mean of all responses."""

    factor: float = 1.0

    def __post_init__(self) -> None:
        require(self.factor > 0, "factor", "a number > 0", self.factor)

    def fit(self, x: Array, y: Array, streams: Sequence[np.random.Generator]) -> Predictor:
        """Count and add up the responses of every cell of every replicate."""
        replicates, n, p = x.shape
        bins = max(1, round(self.factor * n ** (1 / (2 + p))))
        place = self._cell(x, bins) + np.arange(replicates)[:, None] * bins**p
        count, total = (np.bincount(place.ravel(), w, replicates * bins**p) for w in (None, y.ravel()))
        filled = np.where(count > 0, total / np.maximum(count, 1), np.repeat(y.mean(axis=1), bins**p))
        means = filled.reshape(replicates, -1)

        def predict(points: Array) -> Array:
            cells = np.broadcast_to(self._cell(points, bins), (replicates, points.shape[-2]))
            return np.take_along_axis(means, cells, axis=1)

        return predict

    def _cell(self, points: Array, bins: int) -> Array:
        return np.clip((points * bins).astype(int), 0, bins - 1) @ bins ** np.arange(points.shape[-1])
