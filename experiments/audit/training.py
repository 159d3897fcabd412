"""Training on a table, or on halves of it, and the values of every measure at the real test rows."""

from __future__ import annotations

from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from experiments.audit.encoding import Problem, Table
from experiments.audit.losses import classification_values, regression_values
from experiments.audit.models import fit_predict
from experiments.estimators.half_sampling import half_splits
from experiments.rng import stream

Array = NDArray[np.float64]


def evaluate(problem: Problem, name: str, train: Table, seed: int, weights: Array | None = None) -> Array:
    """Fit one model and return the values of all measures at the test rows, shape (measures, N)."""
    predicted = fit_predict(name, problem.schema, train, problem.test.features, seed, weights)
    if problem.schema.classification:
        return classification_values(predicted, problem.test.target.astype(np.int64))
    return regression_values(predicted, problem.test.target)


def full_fits(problem: Problem, model: str, table: str, seeds: int, seed: int) -> NDArray[np.float32]:
    """Values per test row after training on the full table, averaged over the learner's own seeds."""
    train = problem.training(table)
    values = [evaluate(problem, model, train, learner_seed(seed, model, table, i)) for i in range(seeds)]
    mean: NDArray[np.float32] = np.mean(values, axis=0).astype(np.float32)
    return mean


def half_fits(problem: Problem, model: str, table: str, cut: int, seed: int) -> NDArray[np.float32]:
    """Values per test row after training on either half of cut number `cut`, shape (2, measures, N)."""
    train = problem.training(table)
    (halves,) = half_splits(len(train), 1, stream(seed, f"audit/cut/{table}", cut))
    values = [
        evaluate(problem, model, train.take(rows), learner_seed(seed, model, f"{table}/{half}", 1000 + cut))
        for half, rows in enumerate(halves)
    ]
    return np.stack(values).astype(np.float32)


def learner_seed(seed: int, model: str, part: str, number: int) -> int:
    """Seed for a learner's own randomness: scikit-learn takes integers below 2^32."""
    return crc32(f"{seed}/{model}/{part}/{number}".encode())
