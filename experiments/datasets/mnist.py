"""Handwritten digits, 28 x 28."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd

from experiments.config.registry import component, require
from experiments.datasets.base import Dataset, Table
from experiments.datasets.files import BUNDLED, CorruptData, idx_array
from experiments.measurements.base import Unavailable

FILES = (
    ("train-images-idx3-ubyte", "6bbc9ace898e44ae57da46a324031adb"),
    ("train-labels-idx1-ubyte", "a25bea736e30d166cdddb491f175f624"),
    ("t10k-images-idx3-ubyte", "2646ac647ad5339dbf082846283269ea"),
    ("t10k-labels-idx1-ubyte", "27ae3e4e09519cfbb04c329615203637"),
)
"""Images and labels of the two parts in IDX format, with the MD5 of their unpacked content."""

PART = (
    ("train-images-idx3-ubyte", "e717b0ae7836aeb34efc46116be3ac42"),
    ("train-labels-idx1-ubyte", "c7fd40ac4e90201b0b0fac9b22da9282"),
    ("t10k-images-idx3-ubyte", "1e95fd86f42dbb261bc646089a9d8a66"),
    ("t10k-labels-idx1-ubyte", "6cc363043f22b4ec903e72e4b2c354e0"),
)
"""The bundled part: 600 training and 200 test images of each digit."""

PAIR = (
    ("pair-images-idx3-ubyte", "c15f9ef5d9e670f5ea3a6058270a7beb"),
    ("pair-labels-idx1-ubyte", "060fc8dca3dda688666e60b15158f69d"),
)
"""1,200 more training images of each of 4 and 9, for a table of these two alone."""


@component("dataset", "mnist")
@dataclass(frozen=True)
class Mnist(Dataset):
    """70,000 images of 28 x 28 pixels, grey levels 0 to 255 (LeCun, Cortes, Burges); `digits` keeps those classes.

    Both parts of the set are pooled: training and test images are drawn from one population. The published parts
    differ in their writers; error rates here are not those of the published test part. Where 8,000 images (800 for each of
    `digits`; 2,000 each of 4 and 9) are enough, they are the bundled ones, equally many of each digit.
    """

    digits: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        fits = len(set(self.digits)) == len(self.digits) != 1 and all(0 <= d <= 9 for d in self.digits)
        require(fits, "digits", "two or more different numbers from 0 to 9, or none for all", self.digits)

    def load(self, folder: Path, rows: int | None = None) -> Table:
        """Return the table; with `digits`, class k is the k-th of them."""
        part = self._kept(_pooled(BUNDLED / "mnist", PART + PAIR if {*self.digits} == {4, 9} else PART))
        if rows is not None and rows <= len(part):
            return part
        try:
            return self._kept(_pooled(folder / "mnist", FILES))
        except Unavailable as absent:
            wanted = "all" if rows is None else rows
            raise Unavailable(f"mnist: {wanted} images wanted, {len(part)} in the repository; {absent}") from None

    def _kept(self, table: Table) -> Table:
        if not self.digits:
            return table
        code = np.full(10, -1)
        code[list(self.digits)] = np.arange(len(self.digits))
        rows = np.flatnonzero(code[table.y] >= 0)
        kept = table.take(rows)
        return Table(kept.x, code[kept.y], len(self.digits), "digit", tuple(map(str, self.digits)))


@cache
def _pooled(folder: Path, files: tuple[tuple[str, str], ...]) -> Table:
    arrays = [idx_array(folder, name, md5) for name, md5 in files]
    x, y = np.concatenate(arrays[::2]), np.concatenate(arrays[1::2])
    if x.shape != (len(y), 28, 28):
        raise CorruptData(f"{folder}: expected as many labels as images of 28 x 28, got {x.shape} and {len(y)}")
    columns = [f"pixel_{i}" for i in range(28 * 28)]
    frame = pd.DataFrame(x.reshape(len(x), -1), columns=columns)
    return Table(frame, y.astype(np.int64), 10, "digit", tuple("0123456789"))
