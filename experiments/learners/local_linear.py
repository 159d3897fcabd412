"""Local linear regression, all replicates at once."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from experiments.learners.base import Array, Learner, Predictor
from experiments.registry import component, require
from experiments.smoothing import Moments, smoother

RIDGE = 1e-3
"""Added to the local variance of the features, in squared bandwidths: a window of few points gets a mean, not a slope."""


@component("learner", "local_linear")
@dataclass(frozen=True)
class LocalLinear(Learner):
    """Weighted least squares line (plane) around each query, weights 1 - |x - X|^2/h^2, h = factor n^(-1/(4+p)).

    The slope has a small ridge (Seifert and Gasser 2000), which is 0.5% of the local variance inside a uniform sample.
    Where no one is within h, the learner `knn`.
    """

    factor: float = 0.3

    def __post_init__(self) -> None:
        require(self.factor > 0, "factor", "a number > 0", self.factor)

    def fit(self, x: Array, y: Array, streams: Sequence[np.random.Generator]) -> Predictor:
        """Keep running sums (p = 1) or the samples."""
        return smoother(x, y, self.factor * x.shape[1] ** (-1 / (4 + x.shape[2])), _line, order=1)


def _line(local: Moments) -> Array:
    """Fitted value at the query: local mean minus slope times the local mean of u."""
    mass = local.mass[..., None]
    mean_y, mean_u = local.y / local.mass, local.u / mass
    variance = local.uu / mass[..., None] - mean_u[..., :, None] * mean_u[..., None, :]
    covariance = local.uy / mass - mean_u * mean_y[..., None]
    ridge = RIDGE * np.eye(mean_u.shape[-1])
    slope = covariance / (variance[..., 0] + RIDGE) if mean_u.shape[-1] == 1 else np.linalg.solve(
        variance + ridge, covariance[..., None]
    )[..., 0]
    return np.asarray(mean_y - (slope * mean_u).sum(axis=-1))
