"""The parametric generator: a normal law with the sample's mean and covariance."""

from dataclasses import dataclass

import numpy as np

from experiments.generators.batched import Array, BatchedGenerator, BatchSampler
from experiments.registry import component


@component("generator", "normal_fit")
@dataclass(frozen=True)
class NormalFit(BatchedGenerator):
    """Draw from N(mean, S), S the unbiased covariance of each replicate's rows."""

    def fit(self, rows: Array) -> BatchSampler:
        """Estimate mean and covariance."""
        mean = rows.mean(axis=1, keepdims=True)
        centred = rows - mean
        spread, directions = np.linalg.eigh(centred.transpose(0, 2, 1) @ centred / (rows.shape[1] - 1))
        root = directions * np.sqrt(np.maximum(spread, 0))[:, None]  # few distinct rows: S may be singular

        def sample(size: int, rng: np.random.Generator) -> Array:
            """Draw rows."""
            return np.asarray(mean + rng.standard_normal((len(rows), size, rows.shape[2])) @ root.transpose(0, 2, 1))

        return sample
