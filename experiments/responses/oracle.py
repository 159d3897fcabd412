"""Responses from the true regression function."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from experiments.learners.base import Array, Predictor
from experiments.registry import component
from experiments.responses.base import Responses
from experiments.tasks.base import Task


@component("responses", "oracle")
@dataclass(frozen=True)
class Oracle(Responses):
    """mu-tilde = mu: the response error e_r is 0."""

    def fit(self, task: Task, x: Array, y: Array, streams: Sequence[np.random.Generator]) -> Predictor:
        """Return the true regression function for every replicate."""
        replicates = len(x)

        def predict(points: Array) -> Array:
            values = task.mu(points)
            return np.broadcast_to(values, (replicates, values.shape[-1]))

        return predict
