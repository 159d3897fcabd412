"""Tables in the folder `bundled`: census income, house values, sea snails, loans."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pandas as pd

from experiments.config.registry import component
from experiments.datasets.base import Dataset, Table
from experiments.datasets.files import BUNDLED, csv_frame

DOLLARS = 100_000.0
"""Unit of house values: squared errors are then of order one."""


@component("dataset", "adult")
@dataclass(frozen=True)
class Adult(Dataset):
    """48,842 people, 6 numbers and 8 categories; does the income exceed 50,000 dollars? (Becker, Kohavi 1996).

    Both parts of the set, themselves a random split, are pooled. `?` is a missing value.
    """

    def load(self, folder: Path, rows: int | None = None) -> Table:
        """Return the table; class 1 is an income above 50,000 dollars."""
        files = ("adult-train.csv", "f2c62076f19504d9"), ("adult-test.csv", "f6b1801c5d231515")
        return _classes(files, "income", ("<=50K", ">50K"))


@component("dataset", "german")
@dataclass(frozen=True)
class German(Dataset):
    """1,000 loans, 7 numbers and 13 categories; a good risk or a bad one? (Hofmann 1994)."""

    def load(self, folder: Path, rows: int | None = None) -> Table:
        """Return the table; class 1 is a bad risk."""
        return _classes((("german.csv", "9ff36d657a190ca3"),), "risk", ("good", "bad"))


@component("dataset", "california")
@dataclass(frozen=True)
class California(Dataset):
    """20,640 districts, 8 numbers and the proximity of the ocean; median house value (Pace, Barry 1997)."""

    def load(self, folder: Path, rows: int | None = None) -> Table:
        """Return the table; the response is in 100,000 dollars."""
        return _numbers(("housing.csv", "8a3727f4cf54ac1a"), "median_house_value", DOLLARS)


@component("dataset", "abalone")
@dataclass(frozen=True)
class Abalone(Dataset):
    """4,177 sea snails, 7 numbers and the sex; rings of the shell, which tell the age (Nash et al. 1994)."""

    def load(self, folder: Path, rows: int | None = None) -> Table:
        """Return the table; the response is the number of rings."""
        return _numbers(("abalone.csv", "b25287674a76476e"), "Rings", 1.0)


@cache
def _classes(files: tuple[tuple[str, str], ...], response: str, labels: tuple[str, str]) -> Table:
    frame = pd.concat([csv_frame(BUNDLED, *file) for file in files], ignore_index=True)
    y = (frame.pop(response) == labels[1]).to_numpy(dtype="int64")
    return Table(frame, y, 2, response, labels)


@cache
def _numbers(file: tuple[str, str], response: str, unit: float) -> Table:
    frame = csv_frame(BUNDLED, *file)
    y = frame.pop(response).to_numpy(dtype="float64") / unit
    return Table(frame, y, 0, response)
