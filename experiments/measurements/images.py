"""Real images: models trained on real or synthetic ones in pixels, and what else is asked of every source of images."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated, Any, ClassVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from experiments.config.registry import ConfigError, Count, component, whole
from experiments.datasets.base import Dataset, Table, split
from experiments.datasets.files import data_folder
from experiments.datasets.pixels import side_of
from experiments.estimators.discriminator import FOLDS, cross_fitted, placements
from experiments.estimators.half_sampling import half_splits
from experiments.generators.base import DataGenerator
from experiments.generators.changed_rows import Real
from experiments.measurements.base import Cell, Columns, Measurement
from experiments.measurements.checkpoints import once
from experiments.measurements.real_data import CONSTANT, FULL, NO_MODEL, RealData
from experiments.models.base import Model
from experiments.models.pixels import ConvNet
from experiments.rng import stream

LABELS, SHOWN = 3, 4
"""In place of the half: rows of the labels that a strong network contradicts; from `SHOWN` on, images of the classes."""

Array = NDArray[np.float64]
Part = tuple[int, int, int, NDArray[Any]]
"""Model, cut, half (or seed), values."""


@component("measurement", "images")
@dataclass(frozen=True)
class Images(Measurement):
    """Losses of every model at every real test row, as in `real_data`, of images in pixels; every finished fit is kept.

    Cuts, halves and the rows of the constant guess are those of `real_data`. Rows of no model are, by their half:

    - 0 and 1: placements of the first `discriminator` test rows and of as many rows of the source, by convolutional networks
      trained on the other folds for `discriminator_steps`; without shifts, so that they see where a digit lies.
    - `LABELS`: 1 where a label of the source differs from what a strong network says, else 0. It is a `convnet` of width
      `judge_width`, trained for `judge_steps` on `judge_rows` real rows that no source, model or test sees. Real rows have
      some too: its own errors.
    - `SHOWN + k`: the grey levels of the source's first image of class k.
    """

    test_size: Annotated[int, whole(2)] = 500
    cuts: Annotated[int, whole(2)] = 6
    costly_cuts: Annotated[int, whole(2)] = 4
    discriminator: Annotated[int, whole(2 * FOLDS)] = 1000
    discriminator_steps: Count = 300
    judge_rows: Annotated[int, whole(2)] = 4000
    judge_width: Count = 16
    judge_steps: Count = 600

    axes: ClassVar[tuple[str, ...]] = RealData.axes
    joint: ClassVar[tuple[str, ...]] = RealData.joint

    def check(self, cell: Cell) -> None:
        """Require what `real_data` requires of as many rows, and images with classes."""
        RealData(test_size=self.test_size + self.judge_rows).check(cell)
        if not side_of(self._table(cell)):
            raise ConfigError("dataset: expected square images with classes, their sides a multiple of 4")

    def rows(self, cell: Cell) -> Columns:
        """Return one row per model, fit and test row, then those of no model."""
        whole_table = self._table(cell)
        train, test = split(whole_table, cell.n, self.test_size, stream(cell.seed, "split"))
        sources = list(self._sources(cell, train))
        parts: list[Part] = [
            (code, cut, seed, self._losses(f"{code}/{cut}/{seed}", model, table, seed, test))
            for code, model in enumerate(cell.parts["model"].values())
            for cut, half, table in sources
            for seed in ((0, 1) if cut == FULL and model.randomised else (half,))
        ]
        table = sources[0][2]
        parts.append((NO_MODEL, FULL, CONSTANT, test.y != np.bincount(table.y).argmax()))
        rng = stream(cell.seed, "discriminator")
        placed = once("placements", lambda: dict(zip("ab", self._placements(table, test, rng))))
        parts += [(NO_MODEL, FULL, half, placed[k]) for half, k in enumerate("ab")]
        parts.append((NO_MODEL, FULL, LABELS, self._judge(cell, len(whole_table)).predict(table.x) != table.y))
        classes, first = np.unique(table.y, return_index=True)
        parts += [(NO_MODEL, FULL, SHOWN + int(c), table.x.iloc[row].to_numpy()) for c, row in zip(classes, first)]
        return _columns(parts)

    def condensed(self, columns: Columns) -> Columns:
        """Return what `real_data` keeps of such rows."""
        return RealData().condensed(columns)

    def _table(self, cell: Cell) -> Table:
        table: Table = cell.parts["dataset"].load(data_folder(), cell.n + self.test_size + self.judge_rows)
        return table

    def _sources(self, cell: Cell, train: Table) -> Iterator[tuple[int, int, Table]]:
        """Yield cut, half and table: of the full training table, then of both halves of every cut."""
        name, costly = type(cell.parts["generator"]).__name__, cell.parts["generator"].costly
        yield FULL, 0, _drawn(cell, train, cell.m, f"{name}/full")
        cuts = half_splits(len(train), self.costly_cuts if costly else self.cuts, stream(cell.seed, f"cuts/{name}"))
        for cut, halves in enumerate(cuts):
            for half, rows in enumerate(halves):
                yield cut, half, _drawn(cell, train.take(rows), cell.m // 2, f"{name}/{cut}/{half}")

    def _losses(self, name: str, model: Model, table: Table, seed: int, test: Table) -> NDArray[Any]:
        """0-1 losses at the test rows of one fit."""

        def compute() -> Columns:
            [fitted] = model.fit_all([table], [seed])
            return {"loss": fitted.predict(test.x) != test.y}

        return once(f"losses/{name}", compute)["loss"]

    def _placements(self, table: Table, test: Table, rng: np.random.Generator) -> tuple[Array, Array]:
        """Placements of real test rows among rows of the source, and the reverse, each within its fold."""
        size = min(self.discriminator, len(test), len(table))
        both = pd.concat([test.x[:size], table.x.iloc[rng.permutation(len(table))[:size]]], ignore_index=True)
        real = np.arange(2 * size) < size
        fold = np.concatenate([rng.permutation(size) % FOLDS for _ in range(2)])
        network, placed = ConvNet(width=8, steps=self.discriminator_steps, shift=0), np.empty(2 * size)
        for held, fitted in cross_fitted(lambda x, y: network.estimator(0, 2).fit(x, y), both, real, fold):
            scores = fitted.scores(both[held])
            score, kind = (scores[:, 1] - scores[:, 0]).astype(np.float64), real[held]
            placed[held & real], placed[held & ~real] = placements(score[kind], score[~kind])
        return placed[real], placed[~real]

    def _judge(self, cell: Cell, size: int) -> Any:
        dataset = cell.parts["dataset"]
        return _judge(dataset, data_folder(), size, self.judge_rows, self.judge_width, self.judge_steps, cell.seed)


def _drawn(cell: Cell, train: Table, size: int, role: str) -> Table:
    """Fit the cell's generator on real training rows and draw a table."""
    generator: DataGenerator = cell.parts["generator"]

    def compute() -> Columns:
        sampler = generator.fit(train, stream(cell.seed, f"fit/{role}"))
        count = len(train) if isinstance(generator, Real) else size
        table = sampler(count, stream(cell.seed, f"sample/{role}"))
        return {"x": table.x.to_numpy(), "y": table.y}

    made = once(f"table/{role}", compute)
    return train.of(pd.DataFrame(made["x"], columns=train.x.columns), made["y"])


@cache
def _judge(dataset: Dataset, folder: Path, size: int, rows: int, width: int, steps: int, seed: int) -> Any:
    """Return the strong network, trained on the last rows in the order of the split: once per process, for all cells."""
    table = dataset.load(folder, size)
    kept = table.take(stream(seed, "split").permutation(len(table))[-rows:])
    return ConvNet(width=width, steps=steps).estimator(seed, table.classes).fit(kept.x, kept.y)


def _columns(parts: list[Part]) -> Columns:
    sizes = [len(part[3]) for part in parts]
    columns: Columns = {"loss": np.concatenate([part[3] for part in parts]).astype(np.float32)}
    columns["test_row"] = np.concatenate([np.arange(size, dtype=np.int32) for size in sizes])
    for i, name in enumerate(("model", "cut", "half")):
        columns[name] = np.repeat(np.array([part[i] for part in parts], dtype=np.int16), sizes)
    return columns
