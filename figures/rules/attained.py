"""A bound is attained: value and bound are the same number."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from figures.outcome import HOLDS, VIOLATED, Outcome, too_few

ROUNDING = 1e-9
"""Relative to the squared scale (theory/README.md, section 9)."""


def judge(rows: pd.DataFrame, params: Mapping[str, Any]) -> Outcome:
    """Holds when `column` equals `bound` on every replicate, to 1e-9 of the squared scale.

    Parameters
    ----------
    rows : pandas.DataFrame
        Rows with the measured column, the bound's column and the column of scales (sup norms).
    params : Mapping
        `column`, `bound`, `scale` (column names).

    Returns
    -------
    Outcome
        Counts of replicates and of those that differ.
    """
    if rows.empty:
        return too_few("no rows")
    value, bound, scale = (rows[params[name]].to_numpy() for name in ("column", "bound", "scale"))
    off = np.abs(value - bound) / np.maximum(scale, 1e-300) ** 2
    apart = int((off > ROUNDING).sum())
    reason = f"{apart} of {len(off)} replicates differ; largest difference {off.max():.1e} of the squared sup norm"
    return Outcome(VIOLATED if apart else HOLDS, reason, len(off), {}, {"replicates": len(off), "apart": apart})
