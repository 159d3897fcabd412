"""Generators fitted on real data."""

from abc import ABC, abstractmethod
from collections.abc import Callable

import numpy as np

from experiments.datasets.base import Table

Sampler = Callable[[int, np.random.Generator], Table]


class DataGenerator(ABC):
    """A component of the group `generator` that is fitted on a real table."""

    @abstractmethod
    def fit(self, table: Table, rng: np.random.Generator) -> Sampler:
        """Fit on the real training table, and on nothing else.

        Parameters
        ----------
        table : Table
            Real training rows.
        rng : numpy.random.Generator
            Randomness of the fit.

        Returns
        -------
        Sampler
            `(m, rng) -> Table` of m synthetic rows.
        """


def finite_values(table: Table) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    """Return the features as a float array `(n, p)`; `ValueError` naming the column when one holds NaN or infinity."""
    values: np.ndarray[tuple[int, int], np.dtype[np.float64]] = table.x.to_numpy(dtype=np.float64)
    bad = ~np.isfinite(values).all(axis=0)
    if bad.any():
        raise ValueError(f"table: column {table.x.columns[bad][0]!r} holds NaN or infinite values")
    return values
