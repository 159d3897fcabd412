"""What the responses of a two-stage generator follow: the regression function mu-tilde of the synthetic world."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import ClassVar

import numpy as np

from experiments.learners.base import Array, Predictor
from experiments.world import World


class Responses(ABC):
    """A component of the group `responses`."""

    binary: ClassVar[bool] = False
    """Whether it is about responses 0 and 1 only."""

    @abstractmethod
    def fit(self, world: World, x: Array, y: Array, streams: Sequence[np.random.Generator]) -> Predictor:
        """Return mu-tilde of every replicate.

        Parameters
        ----------
        world : World
            The true task and laws; only faults set by design and `oracle` may look at them.
        x : Array (R, n, p)
            Real features.
        y : Array (R, n)
            Real responses.
        streams : Sequence[numpy.random.Generator]
            One for each replicate.

        Returns
        -------
        Predictor
            From points (N, p) or (R, N, p) to mu-tilde (R, N).
        """


def same_for_all(function: Callable[[Array], Array], replicates: int) -> Predictor:
    """Return the predictor of a fixed function of points `(..., p)`, the same in every replicate."""

    def predict(points: Array) -> Array:
        values = function(points)
        return np.broadcast_to(values, (replicates, values.shape[-1]))

    return predict


def with_error(world: World, direction: Callable[[Array], Array], e_r: float) -> Callable[[Array], Array]:
    """Return mu + e_r g/||g||_Q for a direction g of error, a function of points `(..., p)`."""
    size = float(world.pair.norm_q(direction(world.pair.nodes)))
    if size == 0:
        raise ValueError("e_r: expected a direction that differs from 0 somewhere under Q")
    return lambda points: world.task.mu(points) + e_r / size * direction(points)
