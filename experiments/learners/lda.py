"""Linear discriminant analysis, all replicates at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from scipy.special import expit

from experiments.config.registry import Positive, component
from experiments.learners.base import Array, Learner, Predictor, check_binary, combination


@component("learner", "lda")
@dataclass(frozen=True)
class LinearDiscriminant(Learner):
    """Two normal classes with a common covariance, plugged into Bayes' rule.

    log odds = log(n_1/n_0) + (x - (m_0 + m_1)/2)' S^-1 (m_1 - m_0), S the pooled covariance plus `ridge` times its mean
    variance. A sample with one class only gives that class everywhere.
    """

    ridge: Positive = 1e-9

    binary: ClassVar[bool] = True

    def fit(self, x: Array, y: Array, streams: Sequence[np.random.Generator]) -> Predictor:
        """Take class means and the pooled covariance of every replicate."""
        check_binary(y)
        ones = y.sum(axis=1, keepdims=True)
        sizes = np.concatenate([y.shape[1] - ones, ones], axis=1)
        means = np.stack([1 - y, y], axis=1) @ x / np.maximum(sizes, 1)[..., None]
        slope, level = self._plane(x - np.where(y[..., None] == 1, means[:, 1:], means[:, :1]), means)
        with np.errstate(divide="ignore"):
            level += np.log(sizes[:, 1]) - np.log(sizes[:, 0])
        return lambda points: np.asarray(expit(combination(slope, points) + level[:, None]))

    def _plane(self, centred: Array, means: Array) -> tuple[Array, Array]:
        """Slope S^-1 (m_1 - m_0), shape (R, p), and the log odds at 0 for classes of equal size, shape (R,)."""
        covariance = centred.transpose(0, 2, 1) @ centred / centred.shape[1]
        p = centred.shape[2]
        size = np.trace(covariance, axis1=1, axis2=2) / p
        ridge = self.ridge * np.where(size > 0, size, 1.0)[:, None, None] * np.eye(p)
        slope = np.linalg.solve(covariance + ridge, (means[:, 1] - means[:, 0])[..., None])[..., 0]
        return slope, -np.vecdot(slope, means.mean(axis=1))
