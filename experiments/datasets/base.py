"""Tables of real data, and what a data set offers."""

from abc import ABC, abstractmethod
from dataclasses import dataclass, replace
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
    response: str = "response"
    """The name of the response."""
    labels: tuple[str, ...] = ()
    """Names of the classes 0, 1, ...; empty where the numbers are the names."""

    def __len__(self) -> int:
        return len(self.y)

    def take(self, rows: NDArray[np.intp]) -> "Table":
        """Return the given rows."""
        return self.of(self.x.iloc[rows].reset_index(drop=True), self.y[rows])

    def of(self, x: pd.DataFrame, y: NDArray[Any]) -> "Table":
        """Return a table of other rows with the same response."""
        return replace(self, x=x, y=y)

    def frame(self) -> pd.DataFrame:
        """Return features and response side by side, classes by their names."""
        shown = np.array(self.labels)[self.y] if self.labels else self.y
        return self.x.assign(**{self.response: shown})


def is_number(column: "pd.Series[Any]") -> bool:
    """Tell whether a column holds numbers, not categories."""
    return column.dtype.kind in "biuf"


def numbers_of(x: pd.DataFrame) -> list[str]:
    """Return the names of the columns of numbers."""
    return [name for name, dtype in zip(x.columns, x.dtypes) if dtype.kind in "biuf"]


class Dataset(ABC):
    """A component of the group `dataset`."""

    @abstractmethod
    def load(self, folder: Path, rows: int | None = None) -> Table:
        """Return the table, or a part of at least `rows` rows where the repository holds only a part.

        Parameters
        ----------
        folder : Path
            The data folder, for sets that the repository does not hold whole.
        rows : int, optional
            How many rows are wanted; all of them if left out. The part serves whenever it has as many, whether or not the
            whole set is in the folder: the rows drawn do not depend on what lies there.

        Raises
        ------
        Unavailable
            When more rows are wanted than there are here; the message says how to fetch them.
        CorruptData
            When a file's content is not the expected one; the message names it.
        """


def split(table: Table, train: int, test: int, rng: np.random.Generator) -> tuple[Table, Table]:
    """Return disjoint random training and test tables; nothing fitted on the first ever sees the second."""
    if train + test > len(table):
        raise ValueError(f"size, test_size: expected at most {len(table)} rows together, got {train} + {test}")
    order = rng.permutation(len(table))
    return table.take(order[:train]), table.take(order[train : train + test])
