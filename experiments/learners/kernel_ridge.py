"""Kernel ridge regression with the exponential kernel."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.spatial.distance import cdist

from experiments.chunks import chunks
from experiments.learners.base import Array, Learner, Predictor, per_replicate
from experiments.registry import component, require


@component("learner", "kernel_ridge")
@dataclass(frozen=True)
class KernelRidge(Learner):
    """Least squares with penalty lambda |f|_H^2 after centring Y; H is spanned by exp(-|x - x'|/scale).

    H is the Sobolev space of order s = (p+1)/2; lambda = factor n^(-2s/(2s+p)) balances bias and variance there. O(n^3).
    """

    factor: float = 0.1
    scale: float = 1.0

    def __post_init__(self) -> None:
        require(self.factor > 0, "factor", "a number > 0", self.factor)
        require(self.scale > 0, "scale", "a number > 0", self.scale)

    def penalty(self, n: int, p: int) -> float:
        """Return lambda for samples of size `n` in `p` dimensions."""
        return float(self.factor * n ** (-(p + 1) / (2 * p + 1)))

    def fit(self, x: Array, y: Array, streams: Sequence[np.random.Generator]) -> Predictor:
        """Solve (K + n lambda) a = Y - mean(Y) for every replicate."""
        replicates, n, p = x.shape
        mean = y.mean(axis=1)
        ridge = n * self.penalty(n, p) * np.eye(n)
        weights = np.empty((replicates, n))
        for part in chunks(replicates, n * n):
            kernels = np.stack([self._kernel(sample, sample) for sample in x[part]])
            weights[part] = np.linalg.solve(kernels + ridge, (y[part] - mean[part, None])[..., None])[..., 0]

        def predict(points: Array) -> Array:
            rows = (self._kernel(per_replicate(points, i), x[i]) @ weights[i] for i in range(replicates))
            return np.stack(list(rows)) + mean[:, None]

        return predict

    def _kernel(self, points: Array, sample: Array) -> Array:
        return np.exp(cdist(points, sample) / -self.scale)
