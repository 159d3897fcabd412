"""Kernel ridge regression with the exponential kernel."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.linalg import solve
from scipy.spatial.distance import cdist

from experiments.config.registry import Positive, component
from experiments.learners.base import Array, Learner, Predictor, per_replicate


@component("learner", "kernel_ridge")
@dataclass(frozen=True)
class KernelRidge(Learner):
    """Least squares with penalty lambda |f|_H^2 after centring Y; H is spanned by exp(-|x - x'|/scale).

    H is the Sobolev space of order s = (p+1)/2; lambda = factor n^(-2s/(2s+p)) balances bias and variance there. O(n^3).
    """

    factor: Positive = 0.1
    scale: Positive = 1.0

    def exponent(self, a: float) -> float:
        """Return the exponent where dP/dQ is bounded: a claim."""
        return 2 / 3

    def penalty(self, n: int, p: int) -> float:
        """Return lambda for samples of size `n` in `p` dimensions."""
        return float(self.factor * n ** (-(p + 1) / (2 * p + 1)))

    def fit(self, x: Array, y: Array, streams: Sequence[np.random.Generator]) -> Predictor:
        """Solve (K + n lambda) a = Y - mean(Y) for every replicate: one Cholesky factor at a time is in memory."""
        mean = y.mean(axis=1)
        shift = x.shape[1] * self.penalty(*x.shape[1:])
        weights = [self._solved(sample, centred, shift) for sample, centred in zip(x, y - mean[:, None])]

        def predict(points: Array) -> Array:
            rows = [self._kernel(per_replicate(points, i), x[i]) @ weights[i] for i in range(len(x))]
            return np.asarray(np.stack(rows) + mean[:, None])

        return predict

    def weights(self, x: Array, points: Array) -> Array:
        """Return k(x)'(K + n lambda)^-1 (I - 11'/n) + 1'/n; see `Learner.weights`."""
        found = self._solved(x, self._kernel(points, x).T, len(x) * self.penalty(*x.shape)).T
        return np.asarray(found + (1 - found.sum(axis=1, keepdims=True)) / len(x))

    def _solved(self, sample: Array, y: Array, shift: float) -> Array:
        kernel = self._kernel(sample, sample)
        kernel.flat[:: len(sample) + 1] += shift
        solved: Array = solve(kernel, y, assume_a="pos", overwrite_a=True, check_finite=False)
        return solved

    def _kernel(self, points: Array, sample: Array) -> Array:
        distance: Array = np.abs(points - sample[:, 0]) if points.shape[1] == 1 else cdist(points, sample)
        return np.asarray(np.exp(distance / -self.scale))
