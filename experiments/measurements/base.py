"""What one cell measures: a pure function from components and sizes to columns of rows."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from experiments.config.registry import Component

Columns = dict[str, NDArray[Any]]


class Unavailable(Exception):
    """A cell needs data that are not on this machine; the message says how to fetch them."""


@dataclass(frozen=True)
class Cell:
    """One world, one learner, one size, all replicates.

    `parts` holds the built components by axis (`task`, `real_law`, ...).
    """

    parts: dict[str, Any]
    n: int
    m: int
    replicates: int
    seed: int
    first: int = 0
    """Number of the first replicate."""

    @property
    def indices(self) -> range:
        """The numbers of the replicates, which select their random streams."""
        return range(self.first, self.first + self.replicates)

    def chunks(self, size: int) -> Iterator["Cell"]:
        """Yield cells of at most `size` of the replicates each, in order."""
        for first in range(0, self.replicates, size):
            yield replace(self, first=self.first + first, replicates=min(size, self.replicates - first))


class Measurement(Component, ABC):
    """A component of the group `measurement`."""

    axes: ClassVar[tuple[str, ...]]
    """The axes of the grid that this measurement uses: components and sizes (`n`, `ratio`)."""

    joint: ClassVar[tuple[str, ...]] = ()
    """Axes whose components all enter one cell, as a mapping by label; their column holds positions in that mapping."""

    def check(self, cell: Cell) -> None:
        """Raise `ConfigError` when the components of the cell do not fit together."""

    @abstractmethod
    def rows(self, cell: Cell) -> Columns:
        """Return raw columns of one length, nothing averaged: one row per replicate, or finer."""

    def condensed(self, columns: Columns) -> Columns:
        """Return the columns that claims and figures read: all rows, unless fewer carry the same information."""
        return columns


def constant(value: float, rows: int) -> NDArray[np.float64]:
    """Return a column that repeats `value`."""
    return np.full(rows, float(value))


def labelled(replicates: int, **labels: float | str) -> Columns:
    """Return the column `replicate`, 0, 1, ..., and one that repeats each label."""
    columns: Columns = {"replicate": np.arange(replicates)}
    return columns | {k: np.full(replicates, v if isinstance(v, str) else float(v)) for k, v in labels.items()}


def stacked(parts: Iterable[Columns]) -> Columns:
    """Return the rows of all parts, in order, as one table; a column that a part lacks is NaN there."""
    tables = list(parts)
    names = dict.fromkeys(name for table in tables for name in table)
    return {name: np.concatenate([t[name] if name in t else _absent(t) for t in tables]) for name in names}


def _absent(table: Columns) -> NDArray[np.float64]:
    return constant(np.nan, len(next(iter(table.values()))))
