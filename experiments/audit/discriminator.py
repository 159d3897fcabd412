"""Telling synthetic rows from real ones: cross-fitted scores, for the question asked and for real against real."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from experiments.audit.encoding import Problem, Schema, Table
from experiments.audit.formatting import mended
from experiments.audit.losses import auc_values
from experiments.audit.models import discriminator
from experiments.rng import stream

Array = NDArray[np.float64]

QUESTIONS = ("features", "joint", "null", "mended")
"""Synthetic against real: features; with the target; real against real (with the target); with formats made equal."""

MOST_ROWS = 10_000
FOLDS = 5
MOST_COLUMNS = 60
SHUFFLED_FOLDS = 2


@dataclass(frozen=True)
class Pool:
    """Rows of two kinds to be told apart.

    Parameters
    ----------
    features : ndarray, shape (2h, p)
        Columns, the target perhaps among them.
    real : ndarray of bool, shape (2h,)
        Which rows are of the first kind.
    fold : ndarray of int, shape (2h,)
        Fold of each row; equal rows share one, so that no row is recognised from its own copy.
    schema : Schema
        Meaning of the columns.
    """

    features: Array
    real: NDArray[np.bool_]
    fold: NDArray[np.intp]
    schema: Schema


def compute(problem: Problem, question: str, seed: int) -> dict[str, NDArray[Any]]:
    """Answer one question by cross-fitting.

    Parameters
    ----------
    problem : Problem
        The tables.
    question : str
        One of `QUESTIONS`.
    seed : int
        The audit's seed.

    Returns
    -------
    dict of arrays
        `real (h,)`, `synthetic (h,)`: held-out probabilities of being real. For `joint` also `columns (c,)` and `drops
        (c,)`: how much AUC is lost when a column is shuffled among the held-out rows.
    """
    pool = pooled(mended(problem) if question == "mended" else problem, question, seed)
    score, drops = np.empty(len(pool.real)), []
    columns = _columns_to_shuffle(pool) if question == "joint" else np.arange(0)
    for fold in range(FOLDS):
        held = pool.fold == fold
        if held.all() or not held.any() or len(np.unique(pool.real[~held])) < 2:
            score[held] = 0.5
            continue
        model = fitted(pool, ~held, seed)
        score[held] = model.predict_proba(pool.features[held])[:, 1]
        if fold < SHUFFLED_FOLDS and len(columns):
            whole = auc_values(score[held], pool.real[held]).mean()
            drops.append(whole - _shuffled(model, pool, held, columns, stream(seed, "audit/shuffle", fold)))
    found = {"real": score[pool.real], "synthetic": score[~pool.real]}
    return found | ({"columns": columns, "drops": np.mean(drops, axis=0)} if question == "joint" and drops else {})


def fitted(pool: Pool, rows: NDArray[np.bool_], seed: int) -> Any:
    """Fit the discriminator on some rows of a pool."""
    return discriminator(pool.schema, seed).fit(pool.features[rows], pool.real[rows])


def pooled(problem: Problem, question: str, seed: int) -> Pool:
    """Draw equally many rows of both kinds; every question uses as many, so that their AUCs compare."""
    real = Table(
        np.concatenate([problem.real.features, problem.test.features]),
        np.concatenate([problem.real.target, problem.test.target]),
    )
    size = min(len(real) // 2, len(problem.synthetic), MOST_ROWS)
    order = stream(seed, "audit/pool/real").permutation(len(real))
    first = real.take(order[:size])
    if question == "null":
        second = real.take(order[size : 2 * size])
    else:
        second = problem.synthetic.take(stream(seed, "audit/pool/synthetic").permutation(len(problem.synthetic))[:size])
    both = Table(np.concatenate([first.features, second.features]), np.concatenate([first.target, second.target]))
    fold = (both.digests(with_target=question != "features") % np.uint64(FOLDS)).astype(np.intp)
    features, schema = (both.features, problem.schema) if question == "features" else with_target(both, problem.schema)
    return Pool(features, np.arange(2 * size) < size, fold, schema)


def with_target(table: Table, schema: Schema) -> tuple[Array, Schema]:
    """Return the features with the target among them: last of the categories, or last of the numbers."""
    if schema.classification:
        names = (*schema.categories, schema.target)
        joined = replace(schema, categories=names, levels=(*schema.levels, schema.classes))
        return np.column_stack([table.features, table.target]), joined
    split = len(schema.numbers)
    parts = [table.features[:, :split], table.target, table.features[:, split:]]
    return np.column_stack(parts), replace(schema, numbers=(*schema.numbers, schema.target))


def _shuffled(
    model: Any, pool: Pool, held: NDArray[np.bool_], columns: NDArray[np.intp], rng: np.random.Generator
) -> Array:
    """Held-out AUC when each column in turn is shuffled."""
    # The first steps keep the order of columns and treat each by itself, so shuffling may follow them.
    features, last = model[:-1].transform(pool.features[held]), model[-1]
    areas = []
    for column in columns:
        whole = features[:, column].copy()
        features[:, column] = rng.permutation(whole)
        areas.append(auc_values(last.predict_proba(features)[:, 1], pool.real[held]).mean())
        features[:, column] = whole
    return np.array(areas)


def _columns_to_shuffle(pool: Pool) -> NDArray[np.intp]:
    """All columns, or those whose own distributions differ most where there are many."""
    number = pool.features.shape[1]
    if number <= MOST_COLUMNS:
        return np.arange(number)
    distance = [own_distance(pool.features[pool.real, j], pool.features[~pool.real, j]) for j in range(number)]
    return np.sort(np.argsort(distance)[::-1][:MOST_COLUMNS]).astype(np.intp)


def own_distance(real: Array, synthetic: Array) -> float:
    """Return the Kolmogorov distance of two samples of one column, or their difference in missing values if larger."""
    missing = abs(float(np.isnan(real).mean() - np.isnan(synthetic).mean()))
    a, b = np.sort(real[~np.isnan(real)]), np.sort(synthetic[~np.isnan(synthetic)])
    if not len(a) or not len(b):
        return missing
    grid = np.concatenate([a, b])
    gap = np.searchsorted(a, grid, side="right") / len(a) - np.searchsorted(b, grid, side="right") / len(b)
    return max(missing, float(np.abs(gap).max()))
