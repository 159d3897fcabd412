"""The two-stage generator of simulated worlds: features from Q, then responses from mu-tilde."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from experiments.config.registry import Component, NonNegative, component
from experiments.laws.base import Law
from experiments.learners.base import Array, Predictor
from experiments.tasks.base import Task


@component("generator", "two_stage")
@dataclass(frozen=True)
class TwoStage(Component):
    """Draw X-tilde from a given law Q, then Y-tilde about mu-tilde(X-tilde) with noise_ratio times the task's noise."""

    noise_ratio: NonNegative = 1.0

    def features(self, law: Law, size: int, streams: Sequence[np.random.Generator]) -> Array:
        """Return synthetic features `(R, size, p)`."""
        return np.stack([law.sample(s, size) for s in streams])

    def responses(self, task: Task, mu_tilde: Predictor, x: Array, streams: Sequence[np.random.Generator]) -> Array:
        """Return synthetic responses `(R, m)` at features `x (R, m, p)`."""
        return np.stack([task.respond(mean, s, self.noise_ratio) for mean, s in zip(mu_tilde(x), streams)])
