"""Missing values and principal components, learned from the real training rows alone."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from experiments.datasets.base import Table, numbers_of

MISSING = "missing"
"""The category that stands for a missing one."""

ITERATIONS = 4
"""Power iterations of the randomised projection."""


@dataclass(frozen=True)
class Preparation:
    """Fill missing values and, for images, project on principal components.

    Missing numbers become the training median, missing categories a category of their own. Made by `fit` from training
    rows; `apply` is then the same map for every table, the test table among them.
    """

    medians: Any
    """A fitted `sklearn.impute.SimpleImputer` of the columns of numbers; None for images, which miss no pixel."""
    projection: Any
    """A fitted `sklearn.decomposition.PCA`, or None."""
    columns: tuple[str, ...]

    @classmethod
    def fit(cls, train: Table, components: int) -> "Preparation":
        """Learn from training rows; `components` principal components are kept, 0 keeps the columns as they are."""
        columns = tuple(map(str, train.x.columns))
        if not components:
            from sklearn.impute import SimpleImputer

            numbers = train.x[numbers_of(train.x)].to_numpy(dtype=np.float64)
            return cls(SimpleImputer(strategy="median", keep_empty_features=True).fit(numbers), None, columns)
        from sklearn.decomposition import PCA

        kept = min(components, len(train) - 1, train.x.shape[1])
        projection = PCA(kept, svd_solver="randomized", iterated_power=ITERATIONS, random_state=0)
        return cls(None, projection.fit(train.x.to_numpy(dtype=np.float64)), columns)

    def apply(self, table: Table) -> Table:
        """Return the table without missing values, projected where asked for."""
        if self.projection is not None:
            scores = self.projection.transform(table.x.to_numpy(dtype=np.float64))
            names = [f"component_{i}" for i in range(scores.shape[1])]
            return table.of(pd.DataFrame(scores, columns=names), table.y)
        lacking = set(table.x.columns[table.x.isna().any()])
        medians = dict(zip(numbers_of(table.x), self.medians.statistics_))
        fills = {c: medians.get(c, MISSING) for c in table.x.columns if c in lacking}
        return table.of(table.x.fillna(fills) if fills else table.x, table.y)

    def images(self, table: Table) -> Table:
        """Return the table in the columns before the projection (pixels): the inverse of `apply` on its range."""
        if self.projection is None:
            return table
        pixels = self.projection.inverse_transform(table.x.to_numpy())
        return table.of(pd.DataFrame(pixels, columns=list(self.columns)), table.y)
