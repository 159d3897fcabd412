"""Responses from the true regression function."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from experiments.config.registry import component
from experiments.learners.base import Array, Predictor
from experiments.responses.base import Responses, same_for_all
from experiments.world import World


@component("responses", "oracle")
@dataclass(frozen=True)
class Oracle(Responses):
    """mu-tilde = mu: the response error e_r is 0."""

    def fit(self, world: World, x: Array, y: Array, streams: Sequence[np.random.Generator]) -> Predictor:
        """Return the true regression function for every replicate."""
        return same_for_all(world.task.mu, len(x))
