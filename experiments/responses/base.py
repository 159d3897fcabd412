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
        """Return mu-tilde of every replicate, from real features `x (R, n, p)` and responses `y (R, n)`.

        Only faults set by design and `oracle` may look at the task and the laws of `world`.
        """
