"""Pairs of models: their rows joined, whether synthetic data rank them as real data do, and whether bounds certify it."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from experiments.estimators.intervals import Interval, clopper_pearson
from experiments.measurements.utility import consistent_ranking
from theory.ranking import certified_by_gap

Flags = NDArray[np.bool_]
Pairs = tuple[tuple[str, str], ...]

SHARED = ("task", "real_law", "synthetic_law", "generator", "responses", "n", "m", "replicate")


def joined(rows: pd.DataFrame, first: str, second: str) -> pd.DataFrame:
    """Join the rows of two learners on world, sizes and replicate.

    The same seed gives the same data to every learner (common random numbers), so a joined row is one replicate in which
    both models were trained on the same samples. Columns that are not shared get the suffixes `_1` and `_2`.
    """
    keys = [c for c in SHARED if c in rows]
    parts = [rows[rows["learner"] == name] for name in (first, second)]
    return parts[0].merge(parts[1], on=keys, suffixes=("_1", "_2"), validate="one_to_one")


def consistent(pair: pd.DataFrame, real: str, synthetic: str) -> Flags:
    """Return for each joined row whether (R(f~_1) - R(f~_2)) (R(f^_1) - R(f^_2)) > 0, from columns of risks."""
    return consistent_ranking(*(pair[f"{risk}_1"] - pair[f"{risk}_2"] for risk in (synthetic, real)))


def certified(pair: pd.DataFrame, by: str, bound: str) -> Flags:
    """Return for each joined row whether the bounds certify its ranking (`by` as in the rule `certified`)."""
    if by == "class":
        return np.asarray(pair[f"{bound}_2"] < pair["class_error_1"])
    gap = (pair["excess_real_1"] - pair["excess_real_2"]).to_numpy()
    return np.asarray(certified_by_gap(gap, pair[f"{bound}_1"].to_numpy(), pair[f"{bound}_2"].to_numpy()))


def share(flags: Flags, level: float) -> Interval:
    """Return the exact interval of the probability that a row is flagged."""
    return clopper_pearson(int(flags.sum()), len(flags), level)
