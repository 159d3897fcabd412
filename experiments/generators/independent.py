"""Independent columns: the poorest generator that keeps every column's own distribution."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from experiments.config.registry import component
from experiments.datasets.base import Table
from experiments.generators.base import DataGenerator, Sampler, complete, drawn_labels


@component("generator", "independent")
@dataclass(frozen=True)
class Independent(DataGenerator):
    """Draw every column by itself from its training values, within the class or, without `by_class`, from all rows.

    Without `by_class`, and always where the response is a number, features know nothing of the response.
    """

    by_class: bool = True

    def fit(self, table: Table, rng: np.random.Generator) -> Sampler:
        """Remember the training values."""
        complete(table)
        group = table.y if table.classes and self.by_class else np.zeros(len(table), dtype=np.int64)
        rows = {int(c): np.flatnonzero(group == c) for c in np.unique(group)}

        def sample(size: int, rng: np.random.Generator) -> Table:
            """Draw classes by their frequencies, then every column by itself."""
            labels = drawn_labels(table, size, rng)
            wanted = labels if table.classes and self.by_class else np.zeros(size, dtype=np.int64)
            columns = {}
            for name in table.x.columns:
                values = table.x[name]
                columns[name] = values.take(_own(rows, wanted, rng)).reset_index(drop=True)
            response = labels if table.classes else rng.choice(table.y, size=size)
            return table.of(pd.DataFrame(columns), response)

        return sample


def _own(rows: dict[int, np.ndarray], wanted: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return for every wanted class one of its rows at random."""
    chosen = np.empty(len(wanted), dtype=np.intp)
    for c, own in rows.items():
        here = wanted == c
        chosen[here] = rng.choice(own, size=int(here.sum()))
    return chosen
