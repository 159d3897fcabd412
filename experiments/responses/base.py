"""What the responses of a two-stage generator follow: the regression function mu-tilde of the synthetic world."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import ClassVar

import numpy as np

from experiments.config.registry import Component
from experiments.learners.base import Array, Predictor
from experiments.world import World


class Responses(Component, ABC):
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
