"""Gaussian copula for mixed tables."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from experiments.config.registry import component
from experiments.datasets.base import Table, is_number
from experiments.generators.base import DataGenerator, Sampler, complete

Array = NDArray[np.float64]


@component("generator", "copula")
@dataclass(frozen=True)
class Copula(DataGenerator):
    """Every column keeps its distribution, the dependence is that of a normal law; the response is a column too.

    A column of numbers is sent to normal scores by its ranks, ties broken at random; a category, its levels ordered by
    frequency, to a uniform point of its level's share of [0, 1]. The correlation matrix of the scores is all that is
    kept of the dependence (Patki, Wedge, Veeramachaneni 2016 do so for tables).
    """

    def fit(self, table: Table, rng: np.random.Generator) -> Sampler:
        """Estimate the correlation of the normal scores."""
        columns = [complete(table).x[c] for c in table.x.columns]
        ordered = [*map(_sorted_values, columns), np.sort(table.y)]
        coded = [*(_codes(c, o) for c, o in zip(columns, ordered)), table.y.astype(np.float64)]
        scores = np.column_stack([_scores(c, rng) for c in coded])
        root = _root(np.atleast_2d(np.corrcoef(scores, rowvar=False)))

        def sample(size: int, rng: np.random.Generator) -> Table:
            """Draw scores and read every column at their ranks."""
            uniform = ndtr(rng.standard_normal((size, len(root))) @ root.T)
            rows = np.minimum((uniform * len(table)).astype(np.intp), len(table) - 1)
            *features, response = (o[rows[:, j]] for j, o in enumerate(ordered))
            typed = {c.name: pd.Series(f, dtype=c.dtype) for c, f in zip(columns, features)}
            return table.of(pd.DataFrame(typed), response)

        return sample


def _sorted_values(column: "pd.Series[float]") -> NDArray[np.object_] | Array:
    """Numbers in ascending order; categories by frequency, each as often as it occurs."""
    if is_number(column):
        return np.sort(column.to_numpy())
    counts = column.value_counts().sort_index(kind="stable").sort_values(ascending=False, kind="stable")
    return np.repeat(counts.index.to_numpy(dtype=object), counts.to_numpy())


def _codes(column: "pd.Series[float]", ordered: NDArray[np.object_] | Array) -> Array:
    """Numbers as they are, categories by their place in the order."""
    if is_number(column):
        return np.asarray(column, dtype=np.float64)
    place = {level: i for i, level in enumerate(dict.fromkeys(ordered))}
    return np.asarray(column.map(place), dtype=np.float64)


def _scores(values: Array, rng: np.random.Generator) -> Array:
    """Normal scores of the ranks, ties broken at random: uniform within the share of a repeated value."""
    order = np.lexsort((rng.random(len(values)), values))
    ranks = np.empty(len(values))
    ranks[order] = np.arange(len(values))
    return np.asarray(ndtri((ranks + 0.5) / len(values)))


def _root(correlation: Array) -> Array:
    """A root of a correlation matrix that may be singular."""
    values, vectors = np.linalg.eigh(correlation)
    return np.asarray(vectors * np.sqrt(np.maximum(values, 0)))
