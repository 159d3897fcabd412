"""Pairs of models: rows of two learners joined on what they share, and whether synthetic data rank them as real data do."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from experiments.estimators.intervals import Interval, wilson
from experiments.measurements.utility import consistent_ranking

SHARED = ("task", "real_law", "synthetic_law", "generator", "responses", "n", "m", "replicate")


def joined(rows: pd.DataFrame, first: str, second: str) -> pd.DataFrame:
    """Join the rows of two learners on world, sizes and replicate.

    The same seed gives the same data to every learner (common random numbers), so a joined row is one replicate in which
    both models were trained on the same samples.

    Parameters
    ----------
    rows : pandas.DataFrame
        Long rows, one per cell and replicate.
    first, second : str
        Labels of the learners.

    Returns
    -------
    pandas.DataFrame
        The shared columns, and the others with suffixes `_1` and `_2`.
    """
    keys = [c for c in SHARED if c in rows]
    parts = [rows[rows["learner"] == name] for name in (first, second)]
    return parts[0].merge(parts[1], on=keys, suffixes=("_1", "_2"), validate="one_to_one")


def consistent(pair: pd.DataFrame, real: str, synthetic: str) -> NDArray[np.bool_]:
    """Tell for each joined row whether (R(f~_1) - R(f~_2)) (R(f^_1) - R(f^_2)) > 0, from columns of risks."""
    return consistent_ranking(*(pair[f"{risk}_1"] - pair[f"{risk}_2"] for risk in (synthetic, real)))


def share(flags: NDArray[np.bool_], level: float) -> Interval:
    """Return Wilson's interval of the probability of what is flagged."""
    return wilson(int(flags.sum()), len(flags), level)


def named(models: Sequence[str]) -> str:
    """Return how a pair of models is called in reasons and legends."""
    return " / ".join(models)
