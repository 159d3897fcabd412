"""Mixed tables with missing values, downloaded by `make data`: census income and house values."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pandas as pd

from experiments.config.registry import component
from experiments.datasets.base import Dataset, Table
from experiments.datasets.files import csv_frame

ADULT_FILES = (("adult-train.csv", "592e484f80e5cce0"), ("adult-test.csv", "03c0f99653ccf7ae"))
CALIFORNIA_FILE = ("housing.csv", "baff637b9c50b40d")
"""File names with the digests of their lines."""

INCOMES = ("<=50K", ">50K")
DOLLARS = 100_000
"""Unit of house values: squared errors are then of order one."""


@component("dataset", "adult")
@dataclass(frozen=True)
class Adult(Dataset):
    """48,842 people, 6 numbers and 8 categories; does the income exceed 50,000 dollars? (Becker, Kohavi 1996).

    Both parts of the set, themselves a random split, are pooled. `?` is a missing value.
    """

    def load(self, folder: Path) -> Table:
        """Return the table; class 1 is an income above 50,000 dollars."""
        return _adult(folder / "adult")


@cache
def _adult(folder: Path) -> Table:
    frame = pd.concat([csv_frame(folder, name, digest) for name, digest in ADULT_FILES], ignore_index=True)
    income = frame.pop("income")
    return Table(frame, (income == INCOMES[1]).to_numpy(dtype="int64"), 2, "income", INCOMES)


@component("dataset", "california")
@dataclass(frozen=True)
class California(Dataset):
    """20,640 districts, 8 numbers and the proximity of the ocean; median house value (Pace, Barry 1997)."""

    def load(self, folder: Path) -> Table:
        """Return the table; the response is in 100,000 dollars."""
        return _california(folder / "california")


@cache
def _california(folder: Path) -> Table:
    frame = csv_frame(folder, *CALIFORNIA_FILE)
    value = frame.pop("median_house_value").to_numpy(dtype="float64") / DOLLARS
    return Table(frame, value, 0, "median_house_value")
