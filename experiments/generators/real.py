"""No generator: the real training table itself, the reference of every comparison."""

from dataclasses import dataclass

import numpy as np

from experiments.config.registry import component
from experiments.datasets.base import Table
from experiments.generators.base import DataGenerator, Sampler, complete


@component("generator", "real")
@dataclass(frozen=True)
class Real(DataGenerator):
    """Return the real rows."""

    def fit(self, table: Table, rng: np.random.Generator) -> Sampler:
        """Remember the table; asking for another number of rows than it has is an error."""
        complete(table)

        def sample(size: int, rng: np.random.Generator) -> Table:
            """Return the table."""
            if size != len(table):
                raise ValueError(f"size: expected {len(table)}, the rows of the real table, got {size}")
            return table

        return sample
