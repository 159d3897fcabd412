"""House values: a regression with one category and missing values."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from experiments.config.registry import component
from experiments.datasets.base import Dataset, Table
from experiments.datasets.files import csv_frame

FILES = (("housing.csv", "baff637b9c50b40d"),)
"""The file, with the digest of its lines."""

UNIT = 100_000
"""Dollars: with it, squared errors are of order one."""


@component("dataset", "california")
@dataclass(frozen=True)
class California(Dataset):
    """20,640 districts, 8 numbers and the proximity of the ocean; median house value (Pace, Barry 1997)."""

    def load(self, folder: Path) -> Table:
        """Return the table; the response is in 100,000 dollars."""
        return _read(folder / "california")


@cache
def _read(folder: Path) -> Table:
    frame = csv_frame(folder, *FILES[0])
    value = frame.pop("median_house_value").to_numpy(dtype="float64") / UNIT
    return Table(frame, value, 0, "median_house_value")
