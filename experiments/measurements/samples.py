"""Some rows of a generator, to look at."""

from dataclasses import dataclass
from typing import Annotated, ClassVar

import numpy as np

from experiments.config.registry import Count, component, whole
from experiments.datasets.base import is_number, split
from experiments.datasets.files import data_folder
from experiments.measurements.base import Cell, Columns, Measurement
from experiments.measurements.real_data import RealData, made
from experiments.rng import stream


@component("measurement", "samples")
@dataclass(frozen=True)
class Samples(Measurement):
    """The first rows of a source or, with `each` > 0, the first ones of every class.

    The source is fitted and drawn exactly as in `real_data` with the same data, seed and sizes.
    """

    rows_shown: Count = 100
    each: Annotated[int, whole(0)] = 0
    test_size: Annotated[int, whole(2)] = 500
    components: Annotated[int, whole(0)] = 0

    axes: ClassVar[tuple[str, ...]] = ("dataset", "generator", "n")

    def check(self, cell: Cell) -> None:
        """Require what `real_data` requires."""
        RealData(test_size=self.test_size).check(cell)

    def rows(self, cell: Cell) -> Columns:
        """Return one row per row shown: the features as `value_<name>`, and the response."""
        table = cell.parts["dataset"].load(data_folder(), cell.n + self.test_size)
        train, _ = split(table, cell.n, self.test_size, stream(cell.seed, "split"))
        drawn, preparation, _ = made(cell, train, self.components, cell.m, "full")
        shown = preparation.images(drawn.take(self._chosen(drawn.y)))
        columns: Columns = {"response": np.asarray(shown.y, dtype=np.float64)}
        for name in shown.x.columns:
            values = shown.x[name].to_numpy()
            columns[f"value_{name}"] = values.astype(np.float32) if is_number(shown.x[name]) else values.astype(np.str_)
        return columns

    def _chosen(self, y: np.ndarray) -> np.ndarray:
        if not self.each:
            return np.arange(min(self.rows_shown, len(y)))
        return np.concatenate([np.flatnonzero(y == c)[: self.each] for c in np.unique(y)])
