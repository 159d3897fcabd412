"""Real rows, a teacher's responses: what unlike features cost where responses are right, and the reverse."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated, Any

import numpy as np

from experiments.config.registry import build, component, whole
from experiments.datasets.base import Dataset, Table, numbers_of, split
from experiments.datasets.files import data_folder
from experiments.datasets.preparation import Preparation
from experiments.measurements.base import Cell
from experiments.measurements.real_data import Made, RealData, made
from experiments.rng import stream


@component("measurement", "semi_real")
@dataclass(frozen=True)
class SemiReal(RealData):
    """As `real_data`, in a world where a teacher gives the responses, so that each source has one kind of fault.

    The world is `pool` rows of a table, seen through `components` principal components of them where all columns are numbers
    (0, and elsewhere: the completed columns).
    A model, of the kind `teacher`, is trained on their real responses; what it predicts is then the truth, without noise. The
    rows of a generator get the teacher's responses: only their features are at fault. With `shuffled` these responses are
    exchanged at random among the rows: the same features, nothing to learn. Sources with real features keep their own
    responses: only these are at fault.
    """

    pool: Annotated[int, whole(50)] = 5000
    teacher: str = "mlp"
    shuffled: bool = False

    def table(self, cell: Cell) -> Table:
        """Return the rows of the pool with the teacher's responses."""
        return self._taught(cell)[0]

    def made(self, cell: Cell, train: Table, size: int, role: str, held_out: int = 0) -> Made:
        """Draw a table; features that are not real ones get the teacher's responses. Nothing is held out."""
        table, preparation, _ = made(cell, train, 0, size, role)
        if cell.parts["generator"].real_features:
            return table, preparation, None
        y = np.asarray(self._taught(cell)[1].predict(table.x), dtype=train.y.dtype)
        y = stream(cell.seed, f"shuffled/{role}").permutation(y) if self.shuffled else y
        return table.of(table.x, y), preparation, None

    def _taught(self, cell: Cell) -> tuple[Table, Any]:
        return _taught(cell.parts["dataset"], data_folder(), self.pool, self.components, self.teacher, cell.seed)


@cache
def _taught(dataset: Dataset, folder: Path, pool: int, components: int, teacher: str, seed: int) -> tuple[Table, Any]:
    """Return the pool with the teacher's responses, and the teacher: trained once per process, the same for every cell."""
    whole_table = dataset.load(folder, pool)
    raw, _ = split(whole_table, min(pool, len(whole_table)), 0, stream(seed, "pool"))
    images = len(numbers_of(raw.x)) == raw.x.shape[1]
    table = Preparation.fit(raw, components if images else 0).apply(raw)
    fitted = build("model", {"kind": teacher}).estimator(seed, table.classes).fit(table.x, table.y)
    return table.of(table.x, np.asarray(fitted.predict(table.x), dtype=table.y.dtype)), fitted
