"""Census income: numbers and categories, with missing values."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pandas as pd

from experiments.config.registry import component
from experiments.datasets.base import Dataset, Table
from experiments.datasets.files import csv_frame

FILES = (("adult-train.csv", "592e484f80e5cce0"), ("adult-test.csv", "03c0f99653ccf7ae"))
"""The two parts, with the digests of their lines."""

INCOMES = ("<=50K", ">50K")


@component("dataset", "adult")
@dataclass(frozen=True)
class Adult(Dataset):
    """48,842 people, 6 numbers and 8 categories; does the income exceed 50,000 dollars? (Becker, Kohavi 1996).

    Both parts of the set, themselves a random split, are pooled. `?` is a missing value.
    """

    def load(self, folder: Path) -> Table:
        """Return the table; class 1 is an income above 50,000 dollars."""
        return _pooled(folder / "adult")


@cache
def _pooled(folder: Path) -> Table:
    frame = pd.concat([csv_frame(folder, name, digest) for name, digest in FILES], ignore_index=True)
    income = frame.pop("income")
    return Table(frame, (income == INCOMES[1]).to_numpy(dtype="int64"), 2, "income", INCOMES)
