"""Many models at once: how synthetic data order them, which one they choose, and what that choice costs."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from figures.claims.pairs import SHARED, Flags
from figures.rows import Array

REAL, SYNTHETIC = "excess_real", "excess_synthetic"
"""The columns of risks that order the models, exact ones: the noise is the same for all."""


def risks(rows: pd.DataFrame, models: Sequence[str], column: str) -> Array:
    """Return the risks `(R, K)` of K models, of the replicates that have all of them.

    The same seed gives every model the same samples (common random numbers).
    """
    table = rows.pivot(index=[c for c in SHARED if c in rows], columns="learner", values=column)
    return np.asarray(table.reindex(columns=list(models)).dropna(), dtype=float)


def taus(real: Array, synthetic: Array) -> Array:
    """Return Kendall's tau `(R,)` between the orders of models by two arrays of risks `(R, K)`."""
    above = np.triu_indices(real.shape[1], 1)
    signs = [np.sign(table[:, above[0]] - table[:, above[1]]) for table in (real, synthetic)]
    return np.asarray((signs[0] * signs[1]).mean(axis=1))


def best_is_chosen(real: Array, synthetic: Array) -> Flags:
    """Return for each replicate whether the model of least synthetic risk is that of least real risk."""
    return np.asarray(real.argmin(axis=1) == synthetic.argmin(axis=1))


def regrets(real: Array, synthetic: Array) -> Array:
    """Return for each replicate how far the real risk of the model that synthetic data choose exceeds the least one."""
    chosen = synthetic.argmin(axis=1)[:, None]
    return np.asarray(np.take_along_axis(real, chosen, axis=1)[:, 0] - real.min(axis=1))
