"""Tables as real vectors and back: what lets a law on R^q serve as a generator of mixed tables."""

from abc import abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from experiments.datasets.base import Table, is_number
from experiments.generators.base import DataGenerator, Sampler, complete, drawn_labels

Array = NDArray[np.float64]
Draw = Callable[[NDArray[np.int64], np.random.Generator], Array]
"""From class labels (m,) to vectors (m, q), one for each label."""


@dataclass(frozen=True)
class Encoding:
    """Numbers standardised, categories as indicators; a number as response is one more column, the last.

    `datasets.encoding.ColumnEncoder` is for models: it cannot go backwards, knows no response, accepts unknown categories
    and scales through scikit-learn, whose means and deviations differ from these in the last bits.
    Backwards, numbers that were whole in training become whole again, a category is the one with the largest indicator.
    """

    template: Table
    """The training rows: names, types and response."""
    numbers: tuple[str, ...]
    centre: Array
    spread: Array
    """(number of numbers,), 1 where a column is constant; the response last, where it is a number."""
    levels: Mapping[str, NDArray[np.object_]]

    @classmethod
    def of(cls, table: Table) -> "Encoding":
        """Learn the encoding from training rows without missing values."""
        complete(table)
        numbers = tuple(c for c in table.x.columns if is_number(table.x[c]))
        values = _numbers(table, numbers)
        spread = values.std(axis=0)
        levels = {c: np.unique(table.x[c].to_numpy(dtype=object)) for c in table.x.columns if c not in numbers}
        return cls(table, numbers, values.mean(axis=0), np.where(spread > 0, spread, 1.0), levels)

    def encode(self, table: Table) -> Array:
        """Return the rows as vectors (n, q)."""
        scaled = (_numbers(table, self.numbers) - self.centre) / self.spread
        indicators = [table.x[c].to_numpy(dtype=object)[:, None] == known for c, known in self.levels.items()]
        return np.column_stack([scaled, *indicators]).astype(np.float64)

    def decode(self, vectors: Array, labels: NDArray[np.int64]) -> Table:
        """Return vectors (m, q) and their class labels (m,) as a table."""
        count = len(self.centre)
        values = vectors[:, :count] * self.spread + self.centre
        columns = {c: self._typed(c, values[:, j]) for j, c in enumerate(self.numbers)}
        start = count
        for name, known in self.levels.items():
            best = vectors[:, start : start + len(known)].argmax(axis=1)
            columns[name] = pd.Series(known[best], dtype=self.template.x[name].dtype)
            start += len(known)
        response = labels if self.template.classes else values[:, -1]
        return self.template.of(pd.DataFrame(columns)[list(self.template.x.columns)], response)

    def _typed(self, name: str, values: Array) -> "pd.Series[float]":
        dtype = self.template.x[name].dtype
        return pd.Series(np.rint(values) if dtype.kind in "iu" else values).astype(dtype)


def _numbers(table: Table, names: tuple[str, ...]) -> Array:
    values = table.x[list(names)].to_numpy(dtype=np.float64)
    return values if table.classes else np.column_stack([values, table.y])


class VectorGenerator(DataGenerator):
    """A generator that learns one law of real vectors for each class (or one law, the response among the columns)."""

    def fit(self, table: Table, rng: np.random.Generator) -> Sampler:
        """Encode the table and learn the law of the vectors; see `DataGenerator.fit`."""
        encoding = Encoding.of(table)
        labels = table.y if table.classes else np.zeros(len(table), dtype=np.int64)
        draw = self.learn(encoding.encode(table), labels, rng)

        def sample(size: int, rng: np.random.Generator) -> Table:
            """Draw classes by their frequencies, then a vector for each."""
            drawn = drawn_labels(table, size, rng)
            return encoding.decode(draw(drawn, rng), drawn)

        return sample

    @abstractmethod
    def learn(self, vectors: Array, labels: NDArray[np.int64], rng: np.random.Generator) -> Draw:
        """Learn the law of vectors (n, q) given their classes (n,); only classes that occur here can be drawn."""


def by_class(draws: Mapping[int, Callable[[int, np.random.Generator], Array]]) -> Draw:
    """Return the draw that asks each class's own sampler `(size, rng) -> (size, q)` for its rows, class by class."""

    def draw(wanted: NDArray[np.int64], rng: np.random.Generator) -> Array:
        parts = {c: own(int((wanted == c).sum()), rng) for c, own in draws.items()}
        vectors = np.empty((len(wanted), next(iter(parts.values())).shape[1]))
        for c, part in parts.items():
            vectors[wanted == c] = part
        return vectors

    return draw
