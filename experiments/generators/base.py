"""Generators fitted on real data."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from experiments.config.registry import Component
from experiments.datasets.base import Table, is_number

Sampler = Callable[[int, np.random.Generator], Table]
"""`(m, rng) -> Table` of m rows."""


class DataGenerator(Component, ABC):
    """A component of the group `generator` that is fitted on a real table."""

    costly: ClassVar[bool] = False
    """Whether a fit takes seconds: measurements then refit it less often."""

    real_features: ClassVar[bool] = False
    """Whether its features are those of real rows, so that only its responses can be at fault."""

    @abstractmethod
    def fit(self, table: Table, rng: np.random.Generator) -> Sampler:
        """Fit on the real training table, and on nothing else, and return the sampler of synthetic rows.

        Raises
        ------
        ValueError
            When the table holds missing or infinite values; the message names the column.
        """


def complete(table: Table) -> Table:
    """Return the table; `ValueError` naming the column when one holds missing or infinite values."""
    for name in table.x.columns:
        column = table.x[name]
        if column.isna().any() or (is_number(column) and not np.isfinite(column.to_numpy()).all()):
            raise ValueError(f"table: expected finite values, got missing or infinite ones in column {name!r}")
    if not np.isfinite(table.y).all():
        raise ValueError(f"table: expected finite values, got missing or infinite ones in response {table.response!r}")
    return table


def drawn_labels(table: Table, size: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Draw class labels by their training frequencies; zeros where the response is a number."""
    if not table.classes:
        return np.zeros(size, dtype=np.int64)
    counts = np.bincount(table.y, minlength=table.classes)
    return rng.choice(table.classes, size=size, p=counts / counts.sum())
