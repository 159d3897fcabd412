"""Generators of numbers that are fitted to all replicates at once."""

from abc import ABC, abstractmethod
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
BatchSampler = Callable[[int, np.random.Generator], Array]
"""`(m, rng) -> (R, m, p)`: m synthetic rows for each replicate, from one stream for all of them."""


class BatchedGenerator(ABC):
    """A component of the group `generator` that is fitted to samples of numbers; replicates never see each other."""

    @abstractmethod
    def fit(self, rows: Array) -> BatchSampler:
        """Fit every replicate by itself.

        Parameters
        ----------
        rows : Array (R, n, p)
            Training rows, n >= 2.

        Returns
        -------
        BatchSampler
            Draws synthetic rows.
        """
