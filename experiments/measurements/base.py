"""What one cell measures: a pure function from components and sizes to columns of rows."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

Columns = dict[str, NDArray[Any]]


class Unavailable(Exception):
    """What a cell needs is not on this machine; the message is the line that fetches it."""


@dataclass(frozen=True)
class Cell:
    """One world, one learner, one size, all replicates.

    `parts` holds the components by axis (`task`, `real_law`, ...), already built.
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
        """The numbers of the replicates, by which streams are chosen."""
        return range(self.first, self.first + self.replicates)

    def chunks(self, size: int) -> Iterator["Cell"]:
        """Yield cells of at most `size` of the replicates each, in order."""
        for first in range(0, self.replicates, size):
            yield replace(self, first=self.first + first, replicates=min(size, self.replicates - first))


class Measurement(ABC):
    """A component of the group `measurement`."""

    axes: ClassVar[tuple[str, ...]]
    """The axes of the grid that this measurement uses, components and sizes (`n`, `ratio`)."""

    joint: ClassVar[tuple[str, ...]] = ()
    """Axes whose components all go into one cell, as a mapping by label; their column holds numbers in that order."""

    def check(self, cell: Cell) -> None:
        """Raise `ConfigError` when the components of the cell do not fit together."""

    @abstractmethod
    def rows(self, cell: Cell) -> Columns:
        """Return the columns, all of one length; scalars constant within the cell are repeated by the caller.

        Parameters
        ----------
        cell : Cell
            Components, sizes, seed.

        Returns
        -------
        dict of arrays (rows,)
            Raw, nothing averaged; one row per replicate, or finer.
        """

    def condensed(self, columns: Columns) -> Columns:
        """Return the columns that claims and figures read: all of them, unless fewer rows say the same."""
        return columns


def constant(value: float, rows: int) -> NDArray[np.float64]:
    """Return a column that repeats `value`."""
    return np.full(rows, float(value))
