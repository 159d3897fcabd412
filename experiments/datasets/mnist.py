"""Handwritten digits, 28 x 28."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd

from experiments.config.registry import component, require
from experiments.datasets.base import Dataset, Table
from experiments.datasets.files import CorruptData, idx_array

FILES = (
    ("train-images-idx3-ubyte", "6bbc9ace898e44ae57da46a324031adb"),
    ("train-labels-idx1-ubyte", "a25bea736e30d166cdddb491f175f624"),
    ("t10k-images-idx3-ubyte", "2646ac647ad5339dbf082846283269ea"),
    ("t10k-labels-idx1-ubyte", "27ae3e4e09519cfbb04c329615203637"),
)
"""Images and labels of the two parts in IDX format, with the MD5 of their unpacked content."""


@component("dataset", "mnist")
@dataclass(frozen=True)
class Mnist(Dataset):
    """70,000 images of 28 x 28 pixels, grey levels 0 to 255 (LeCun, Cortes, Burges); `digits` keeps those classes.

    Both parts of the set are pooled: training and test images are drawn from one population. The published parts
    differ in their writers; error rates here are not those of the published test part.
    """

    digits: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        fits = len(set(self.digits)) == len(self.digits) != 1 and all(0 <= d <= 9 for d in self.digits)
        require(fits, "digits", "two or more different numbers from 0 to 9, or none for all", self.digits)

    def load(self, folder: Path) -> Table:
        """Return the table; with `digits`, class k is the k-th of them."""
        table = _pooled(folder / "mnist")
        if not self.digits:
            return table
        code = np.full(10, -1)
        code[list(self.digits)] = np.arange(len(self.digits))
        rows = np.flatnonzero(code[table.y] >= 0)
        kept = table.take(rows)
        return Table(kept.x, code[kept.y], len(self.digits), "digit", tuple(map(str, self.digits)))


@cache
def _pooled(folder: Path) -> Table:
    images, labels, more_images, more_labels = (idx_array(folder, name, md5) for name, md5 in FILES)
    x, y = np.concatenate([images, more_images]), np.concatenate([labels, more_labels])
    if x.shape != (len(y), 28, 28):
        raise CorruptData(f"{folder}: expected as many labels as images of 28 x 28, got {x.shape} and {len(y)}")
    columns = [f"pixel_{i}" for i in range(28 * 28)]
    frame = pd.DataFrame(x.reshape(len(x), -1), columns=columns)
    return Table(frame, y.astype(np.int64), 10, "digit", tuple("0123456789"))
