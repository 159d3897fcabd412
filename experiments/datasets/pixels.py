"""Tables whose rows are square images: one column per pixel, row by row, one grey level for all of them."""

from dataclasses import dataclass
from math import isqrt

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from experiments.config.registry import require
from experiments.datasets.base import Table

Pixels = NDArray[np.float32]


def side_of(table: Table) -> int:
    """Return the pixels per side of square images with classes as response, 0 for any other table.

    Sides are multiples of 4, at least 8, so that they can be halved twice.
    """
    side = isqrt(table.x.shape[1])
    square = side * side == table.x.shape[1] and side >= 8 and side % 4 == 0
    return side if square and table.classes > 0 and all(d.kind in "iuf" for d in table.x.dtypes) else 0


@dataclass(frozen=True)
class GreyLevels:
    """From a table's grey levels, 0 to the largest one in training, to [0, 1] and back in the table's own type."""

    template: Table
    largest: float

    @classmethod
    def of(cls, table: Table) -> "GreyLevels":
        """Learn the range; raise `ValueError` for a table that does not hold images, or for negative levels."""
        require(side_of(table) > 0, "table", "square images, sides a multiple of 4, with classes", table.x.shape)
        values = table.x.to_numpy()
        require(values.min() >= 0, "table", "grey levels >= 0", values.min())
        return cls(table, float(values.max()) or 1.0)

    def encode(self, table: Table) -> Pixels:
        """Return the images (n, pixels) with values in [0, 1]."""
        return np.asarray(table.x.to_numpy(dtype=np.float32) / np.float32(self.largest))

    def decode(self, pixels: NDArray[np.floating], labels: NDArray[np.int64]) -> Table:
        """Return images (m, pixels), clipped to [0, 1], and their labels (m,) as a table; whole grey levels are rounded."""
        levels = np.clip(pixels, 0, 1) * self.largest
        dtype = self.template.x.dtypes.iloc[0]
        typed = (np.rint(levels) if dtype.kind in "iu" else levels).astype(dtype)
        return self.template.of(pd.DataFrame(typed, columns=self.template.x.columns), labels)
