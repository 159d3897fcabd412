"""Tables of real data, and what a data set offers."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray


@dataclass(frozen=True)
class Table:
    """Rows of features with a response: class labels 0, 1, ... for classification, numbers for regression."""

    x: pd.DataFrame
    y: NDArray[Any]
    classes: int
    """Number of classes, 0 for regression."""

    def __len__(self) -> int:
        return len(self.y)

    def take(self, rows: NDArray[np.intp]) -> "Table":
        """Return the given rows."""
        return Table(self.x.iloc[rows].reset_index(drop=True), self.y[rows], self.classes)


class Dataset(ABC):
    """A component of the group `dataset`."""

    @abstractmethod
    def load(self, folder: Path) -> Table:
        """Return the whole table.

        Parameters
        ----------
        folder : Path
            The data folder; bundled sets ignore it.

        Raises
        ------
        Unavailable
            When the files are not there; the message says how to fetch them.
        """


def split(table: Table, train: int, test: int, rng: np.random.Generator) -> tuple[Table, Table]:
    """Return disjoint random training and test tables; nothing fitted on the first ever sees the second."""
    if train + test > len(table):
        raise ValueError(f"size, test_size: expected at most {len(table)} rows together, got {train} + {test}")
    order = rng.permutation(len(table))
    return table.take(order[:train]), table.take(order[train : train + test])
