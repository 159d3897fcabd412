"""Fully connected networks, all replicates trained at once."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from experiments.config.registry import component
from experiments.learners.base import Array, Learner, Predictor, Sample
from experiments.networks.recipe import Recipe


@component("learner", "mlp")
@dataclass(frozen=True)
class MLP(Recipe, Learner):
    """ReLU (or tanh) networks fitted by AdamW, each replicate's by itself.

    The options are those of `Recipe`. The networks of all replicates train as one batched computation, and so do the
    real and the synthetic fit in `fit_pair`. Each has its own initial parameters, batches and early stopping, and is what
    it would be if trained alone (to rounding).
    """

    def fit(self, x: Array, y: Array, streams: Sequence[np.random.Generator]) -> Predictor:
        """Fit one network per replicate; see `Learner.fit`."""
        return self._fit((x, y, streams))[0]

    def fit_pair(self, real: Sample, synthetic: Sample) -> tuple[Predictor, Predictor]:
        """Fit the real and the synthetic networks together; the samples may differ in size."""
        on_real, on_synthetic = self._fit(real, synthetic)
        return on_real, on_synthetic

    def basis(self, points: Array) -> Array | None:
        """Return 1 and the features where there is no hidden layer and the loss is squared; see `Learner.basis`."""
        return self._affine(points) if (self.depth, self.loss) == (0, "squared") else None

    def logits(self, points: Array) -> Array | None:
        """Return 1 and the features where there is no hidden layer and the loss is logistic; see `Learner.logits`."""
        return self._affine(points) if (self.depth, self.loss) == (0, "logistic") else None

    def _affine(self, points: Array) -> Array:
        return np.vstack([np.ones(len(points)), points.T])

    def _fit(self, *samples: Sample) -> Sequence[Predictor]:
        # torch is imported here, so that listing the learners stays quick
        from experiments.networks.fitting import fit

        return fit(samples, self)
