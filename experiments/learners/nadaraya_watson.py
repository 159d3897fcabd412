"""Nadaraya-Watson kernel regression, all replicates at once."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from experiments.learners.base import Array, Learner, Predictor
from experiments.registry import component, require
from experiments.smoothing import Moments, smoother


@component("learner", "nadaraya_watson")
@dataclass(frozen=True)
class NadarayaWatson(Learner):
    """Mean response weighted by 1 - |x - X|^2/h^2, h = factor n^(-1/(4+p)); `knn` where no one is within h.

    On the line, inside the support the squared bias is of order h^4, near its ends h^2 on a part of length h: together
    h^3, against a variance of order 1/(n h).
    """

    factor: float = 0.25

    def __post_init__(self) -> None:
        require(self.factor > 0, "factor", "a number > 0", self.factor)

    def fit(self, x: Array, y: Array, streams: Sequence[np.random.Generator]) -> Predictor:
        """Keep running sums (p = 1) or the samples."""
        return smoother(x, y, self.factor * x.shape[1] ** (-1 / (4 + x.shape[2])), _mean, order=0)


def _mean(local: Moments) -> Array:
    return local.y / local.mass
