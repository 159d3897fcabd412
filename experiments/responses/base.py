"""What the responses of a two-stage generator follow: the regression function mu-tilde of the synthetic world."""

from abc import ABC, abstractmethod
from collections.abc import Sequence

import numpy as np

from experiments.learners.base import Array, Predictor
from experiments.tasks.base import Task


class Responses(ABC):
    """A component of the group `responses`."""

    @abstractmethod
    def fit(self, task: Task, x: Array, y: Array, streams: Sequence[np.random.Generator]) -> Predictor:
        """Return mu-tilde of every replicate.

        Parameters
        ----------
        task : Task
            The true task; only faults set by design and `oracle` may look at it.
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
