"""Sequential trees: each column from those before it."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from experiments.config.registry import Count, component
from experiments.datasets.base import Table, is_number
from experiments.generators.base import DataGenerator, Sampler, complete

Array = NDArray[np.float64]


@component("generator", "cart")
@dataclass(frozen=True)
class Cart(DataGenerator):
    """Draw the response, then each column from a training row in the same leaf of a tree on the columns before it.

    The sequential classification and regression trees of synthpop (Nowok, Raab, Dibben 2016), without its smoothing;
    leaves hold at least `leaf` training rows.
    """

    leaf: Count = 5

    def fit(self, table: Table, rng: np.random.Generator) -> Sampler:
        """Grow one tree for each column."""
        columns = [complete(table).x[c] for c in table.x.columns]
        coded = np.column_stack([table.y, *map(_codes, columns)]).astype(np.float64)
        seed = int(rng.integers(2**31))
        donors = [
            _Donors.grown(coded[:, : j + 1], coded[:, j + 1], is_number(c), self.leaf, seed)
            for j, c in enumerate(columns)
        ]

        def sample(size: int, rng: np.random.Generator) -> Table:
            """Draw responses from training, then column by column a donor's value."""
            first = rng.integers(len(table), size=size)
            rows, drawn = [], coded[first, :1]
            for j, donor in enumerate(donors):
                chosen = donor.draw(drawn, rng)
                rows.append(chosen)
                drawn = np.column_stack([drawn, coded[chosen, j + 1]])
            values = {c.name: c.take(r).reset_index(drop=True) for c, r in zip(columns, rows)}
            return table.of(pd.DataFrame(values), table.y[first])

        return sample


@dataclass(frozen=True)
class _Donors:
    """A tree, and its training rows leaf by leaf: those of leaf k are `rows[start[k] : start[k] + count[k]]`."""

    tree: Any
    rows: NDArray[np.intp]
    start: NDArray[np.intp]
    count: NDArray[np.intp]

    @classmethod
    def grown(cls, x: Array, y: Array, number: bool, leaf: int, seed: int) -> "_Donors":
        from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

        kind = DecisionTreeRegressor if number else DecisionTreeClassifier
        tree = kind(min_samples_leaf=min(leaf, len(y)), random_state=seed).fit(x, y)
        leaves = tree.apply(x)
        count = np.bincount(leaves, minlength=tree.tree_.node_count)
        return cls(tree, np.argsort(leaves, kind="stable"), np.cumsum(count) - count, count)

    def draw(self, x: Array, rng: np.random.Generator) -> NDArray[np.intp]:
        """Return for each row of x a training row of its leaf."""
        leaves = self.tree.apply(x)
        place = (rng.random(len(x)) * self.count[leaves]).astype(np.intp)
        return np.asarray(self.rows[self.start[leaves] + place])


def _codes(column: "pd.Series[float]") -> Array:
    if is_number(column):
        return np.asarray(column, dtype=np.float64)
    return np.unique(column.to_numpy(dtype=object), return_inverse=True)[1].astype(np.float64)
