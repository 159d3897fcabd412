"""Responses that are too smooth, as of a generator with too wide a window."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from experiments.config.registry import component, require
from experiments.learners.base import Array, Predictor
from experiments.responses.base import Responses, same_for_all, with_error
from experiments.world import World


@component("responses", "oversmoothed")
@dataclass(frozen=True)
class Oversmoothed(Responses):
    """mu-tilde = mu + e_r g/||g||_Q with g = mean of mu over a window minus mu.

    The window at x is {x + t (1, ..., 1): |t| <= width}, cut to the task's domain.
    """

    e_r: float = 0.1
    width: float = 0.25

    def __post_init__(self) -> None:
        require(self.e_r >= 0, "e_r", "a number >= 0", self.e_r)
        require(self.width > 0, "width", "a number > 0", self.width)

    def fit(self, world: World, x: Array, y: Array, streams: Sequence[np.random.Generator]) -> Predictor:
        """Return the same function for every replicate."""
        task, (steps, weights) = world.task, np.polynomial.legendre.leggauss(16)

        def direction(points: Array) -> Array:
            moved = (np.clip(points + self.width * t, *task.domain) for t in steps)
            mean = sum(w / 2 * task.mu(at) for w, at in zip(weights, moved))
            return np.asarray(mean - task.mu(points))

        return same_for_all(with_error(world, direction, self.e_r), len(x))
