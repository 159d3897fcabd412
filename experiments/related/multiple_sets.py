"""Models averaged over several synthetic tables, each from its own generator."""

from dataclasses import dataclass
from typing import Annotated, Any, ClassVar

import numpy as np
import pandas as pd

from experiments.config.registry import ConfigError, component, whole
from experiments.datasets.base import Table, split
from experiments.datasets.files import data_folder
from experiments.measurements.base import Cell, Columns, Measurement
from experiments.related.batched import Array, BatchedGenerator
from experiments.rng import stream

SIZES = (1, 2, 4, 8, 16, 32)
"""Numbers of tables whose models are averaged."""


@component("measurement", "multiple_sets")
@dataclass(frozen=True)
class MultipleSets(Measurement):
    """Error of the average of K predictors on real test rows: squared error, or Brier score of the probability of class 1.

    Each predictor is trained on its own synthetic table (`synthetic_tables`). Given the real rows the predictors are
    independent and identically distributed, so that E error(K) = a + b/K exactly. Errors at K = 1 and 2 are means over
    single predictors and over pairs of `few` of them; errors at larger K come from 32 others, so that the prediction from
    K = 1, 2 is tested on fresh predictors. Every replicate has its own split.
    """

    few: Annotated[int, whole(2)] = 12

    axes: ClassVar[tuple[str, ...]] = ("dataset", "generator", "model", "n")
    joint: ClassVar[tuple[str, ...]] = ("model",)

    def check(self, cell: Cell) -> None:
        """Require a generator that is fitted to numbers, and some test rows."""
        if not isinstance(cell.parts["generator"], BatchedGenerator):
            raise ConfigError("generator: expected one that is fitted to samples of numbers")
        table = cell.parts["dataset"].load(data_folder())
        if table.classes > 2:
            raise ConfigError("dataset: expected numbers or two classes as response")
        if cell.n + 2 > len(table):
            raise ConfigError(f"n: expected at most {len(table) - 2} training rows here, got {cell.n}")

    def rows(self, cell: Cell) -> Columns:
        """Return one row per replicate, model and K."""
        table = cell.parts["dataset"].load(data_folder())
        found = []
        for replicate in range(cell.replicates):
            train, test = split(table, cell.n, len(table) - cell.n, stream(cell.seed, "split", replicate))
            predictions = self._predictions(cell, train, test, replicate)
            for code, model in enumerate(cell.parts["model"].values()):
                real = float(((predict(model, train, test) - test.y) ** 2).mean())
                head = {"model": code, "replicate": replicate, "error_real": real}
                found += [head | row for row in errors(predictions[code], test.y.astype(np.float64), self.few)]
        return {name: np.array([row[name] for row in found]) for name in found[0]}

    def _predictions(self, cell: Cell, train: Table, test: Table, replicate: int) -> Array:
        """Predictions (models, few + 32, test rows)."""
        rng = stream(cell.seed, "multiple", replicate)
        tables = synthetic_tables(cell.parts["generator"], train, self.few + SIZES[-1], rng)
        return np.array([[predict(model, table, test) for table in tables] for model in cell.parts["model"].values()])


def synthetic_tables(generator: BatchedGenerator, train: Table, count: int, rng: np.random.Generator) -> list[Table]:
    """Return `count` tables of the size of `train`, each from a generator fitted to its own bootstrap sample.

    A numeric response is one of the columns; classes keep their frequencies and have one generator each.
    """
    x, names = train.x.to_numpy(dtype=np.float64), train.x.columns
    rows = [x[train.y == c] for c in range(train.classes)] or [np.column_stack([x, train.y])]
    drawn = [generator.fit(own[rng.integers(len(own), size=(count, len(own)))])(len(own), rng) for own in rows]
    if not train.classes:
        return [train.of(pd.DataFrame(each[:, :-1], columns=names), each[:, -1]) for each in drawn[0]]
    labels = np.repeat(np.arange(train.classes), [len(own) for own in rows])
    return [train.of(pd.DataFrame(np.concatenate(each), columns=names), labels) for each in zip(*drawn)]


def predict(model: Any, train: Table, test: Table) -> Array:
    """Return the predicted numbers, or probabilities of class 1, at the test rows."""
    fitted = model.estimator(0, train.classes).fit(train.x, train.y)
    if not train.classes:
        return np.asarray(fitted.predict(test.x), dtype=np.float64)
    return np.asarray(fitted.predict_proba(test.x)[:, 1], dtype=np.float64)


def errors(predictions: Array, y: Array, few: int) -> list[dict[str, float]]:
    """Return for each K the measured error, the one predicted from K = 1, 2, and their difference.

    The rows of `predictions (few + 32, N)` are predictors, of which the first `few` >= 2 give the errors at K = 1 and 2.
    `predicted` = error(1) - 2 (1 - 1/K) (error(1) - error(2)), `predicted_half` has half of this gain, and `miss`,
    `miss_half` are (error - predicted) as a share of error(1).
    """
    single, pairs = few_errors(predictions[:few] - y)
    found = []
    for size in SIZES:
        groups = (predictions[few:] - y).reshape(SIZES[-1] // size, size, -1).mean(axis=1)
        error = float((groups**2).mean())
        gain = 2 * (1 - 1 / size) * (single - pairs)
        row = {"sets": size, "error": error, "predicted": single - gain, "predicted_half": single - gain / 2}
        row |= {"miss": (error - single + gain) / single, "miss_half": (error - single + gain / 2) / single}
        found.append(row | {"gain": (single - pairs) * 2 / single})
    return found


def few_errors(residuals: Array) -> tuple[float, float]:
    """Return the mean squared error of one residual and of the average of two different ones, from residuals (few, N)."""
    few = len(residuals)
    single = float((residuals**2).mean())
    square_of_sum = float((residuals.sum(axis=0) ** 2).mean())
    product = (square_of_sum - few * single) / (few * (few - 1))
    return single, (single + product) / 2
