"""Responses with an error of a given size in a smooth direction."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from experiments.config.registry import component, require
from experiments.learners.base import Array, Predictor
from experiments.responses.base import Responses, same_for_all, with_error
from experiments.world import World


@component("responses", "biased")
@dataclass(frozen=True)
class Biased(Responses):
    """mu-tilde = mu + e_r g/||g||_Q with g(x) = cos(2 pi frequency x_1): an error spread over all features."""

    e_r: float = 0.1
    frequency: float = 1.0

    def __post_init__(self) -> None:
        require(self.e_r >= 0, "e_r", "a number >= 0", self.e_r)
        require(self.frequency >= 0, "frequency", "a number >= 0", self.frequency)

    def fit(self, world: World, x: Array, y: Array, streams: Sequence[np.random.Generator]) -> Predictor:
        """Return the same function for every replicate."""
        return same_for_all(with_error(world, self._direction, self.e_r), len(x))

    def _direction(self, points: Array) -> Array:
        return np.asarray(np.cos(2 * np.pi * self.frequency * points[..., 0]))
