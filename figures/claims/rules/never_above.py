"""A bound holds on every replicate, to rounding."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from figures.claims.verdict import HOLDS, VIOLATED, Outcome, too_few

ROUNDING = 1e-9
"""Relative to the squared sup norm, the scale on which a bound is computed (theory/README.md, section 9)."""


def judge(rows: pd.DataFrame, params: Mapping[str, Any]) -> Outcome:
    """Holds when `column` exceeds `bound` on no replicate beyond 1e-9 of the squared sup norm.

    Parameters
    ----------
    rows : pandas.DataFrame
        Rows with the measured column, the bound's column and `sup_norm`.
    params : Mapping
        `column`, `bound` (column names); `tolerance`, in place of 1e-9, where the bound is the law's and the value the nodes'.

    Returns
    -------
    Outcome
        Counts of replicates and violations; the quartiles of bound/value are in the reason.
    """
    value, bound = rows[params["column"]].to_numpy(), rows[params["bound"]].to_numpy()
    if len(value) == 0:
        return too_few("no rows")
    over = int((value > bound + params.get("tolerance", ROUNDING) * rows["sup_norm"].to_numpy() ** 2).sum())
    low, middle, high = np.quantile(bound / np.maximum(value, 1e-300), [0.25, 0.5, 0.75])
    reason = (
        f"{over} of {len(value)} replicates above; bound/value median {middle:.3g}, quartiles {low:.3g} to {high:.3g}"
    )
    return Outcome(VIOLATED if over else HOLDS, reason, len(value), {}, {"replicates": len(value), "violations": over})
