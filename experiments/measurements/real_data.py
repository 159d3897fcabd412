"""Real data: models trained on a table, real or synthetic, and their losses on one real test set."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from experiments.datasets.base import Table, split
from experiments.generators.base import DataGenerator
from experiments.generators.real import Real
from experiments.intervals import half_splits
from experiments.measurements.base import Cell, Columns, Measurement
from experiments.registry import ConfigError, component, require
from experiments.settings import data_folder
from experiments.streams import stream

Fit = tuple[int, int, Table]
"""Number of the cut (-1: the full table), which half (or seed), and the training table."""


@component("measurement", "real_data")
@dataclass(frozen=True)
class RealData(Measurement):
    """Losses at every real test row of every model, trained on the full table and on the halves of random cuts.

    The source of the table is the generator; `real` is the real table itself. For a generator the halves go through the
    whole pipeline: it is fitted on half of the real rows and gives half as many synthetic ones, so that
    intervals cover its refits too. Split and test rows are the same for every source: sources are compared row by row
    (experiments/intervals.py, `paired_gap`). Loss: 0-1 for classes, squared error for numbers.
    """

    test_size: int = 500
    cuts: int = 10

    axes: ClassVar[tuple[str, ...]] = ("dataset", "generator", "model", "n", "ratio")
    joint: ClassVar[tuple[str, ...]] = ("model",)

    def __post_init__(self) -> None:
        require(self.test_size >= 2, "test_size", "a whole number >= 2", self.test_size)
        require(self.cuts >= 2, "cuts", "a whole number >= 2", self.cuts)

    def check(self, cell: Cell) -> None:
        """Require a generator that is fitted on data, and data that are there."""
        if not isinstance(cell.parts["generator"], DataGenerator):
            raise ConfigError("generator: expected one that is fitted on a table, got one for simulated worlds")
        table = cell.parts["dataset"].load(data_folder())
        if cell.n + self.test_size > len(table):
            raise ConfigError(f"n: expected at most {len(table) - self.test_size} training rows here, got {cell.n}")

    def rows(self, cell: Cell) -> Columns:
        """Return one row per model, fit and test row."""
        table = cell.parts["dataset"].load(data_folder())
        train, test = split(table, cell.n, self.test_size, stream(cell.seed, "split"))
        parts: list[tuple[int, int, int, NDArray[Any]]] = []
        for cut, half, source in self._tables(cell, train):
            for code, model in enumerate(cell.parts["model"].values()):
                parts += [(code, cut, seed, loss) for seed, loss in _losses(model, cut, half, source, test)]
        loss = np.concatenate([p[3] for p in parts])
        columns: Columns = {"loss": loss, "test_row": np.tile(np.arange(len(test), dtype=np.int32), len(parts))}
        for i, name in enumerate(("model", "cut", "half")):
            columns[name] = np.repeat(np.array([p[i] for p in parts], dtype=np.int16), len(test))
        return columns

    def _tables(self, cell: Cell, train: Table) -> Iterator[Fit]:
        """Yield the full training table of the source, then both halves of every cut."""
        generator: DataGenerator = cell.parts["generator"]
        name = type(generator).__name__
        yield -1, 0, _drawn(generator, train, cell.m, cell.seed, f"{name}/full")
        for cut, halves in enumerate(half_splits(len(train), self.cuts, stream(cell.seed, f"cuts/{name}"))):
            for half, rows in enumerate(halves):
                part = train.take(rows)
                yield cut, half, _drawn(generator, part, cell.m // 2, cell.seed, f"{name}/{cut}/{half}")


def _drawn(generator: DataGenerator, train: Table, size: int, seed: int, role: str) -> Table:
    if isinstance(generator, Real):
        return train
    return generator.fit(train, stream(seed, f"fit/{role}"))(size, stream(seed, f"sample/{role}"))


def _losses(model: Any, cut: int, half: int, train: Table, test: Table) -> Iterator[tuple[int, NDArray[Any]]]:
    """Yield (half or seed, losses): randomised models are fitted to the full table under two seeds."""
    seeds = [0, 1] if cut < 0 and model.randomised else [half]
    for seed in seeds:
        fitted = model.estimator(seed, test.classes).fit(train.x, train.y)
        predicted = fitted.predict(test.x)
        wrong = predicted != test.y if test.classes else (predicted - test.y) ** 2
        yield seed, wrong.astype(np.float32)
