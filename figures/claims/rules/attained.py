"""A bound is attained: an explicit worst case reaches it."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from figures.claims.verdict import HOLDS, VIOLATED, Outcome, too_few


def judge(rows: pd.DataFrame, params: Mapping[str, Any]) -> Outcome:
    """Holds when `column` is the bound times 1 +- `tolerance` in every row where the bound is known.

    Parameters
    ----------
    rows : pandas.DataFrame
        Rows with the column and the bound's column.
    params : Mapping
        `column`, `bound` (column names), `tolerance` (relative).

    Returns
    -------
    Outcome
        Counts of rows and of rows that miss; the largest relative difference is in the reason.
    """
    rows = rows[rows[params["bound"]].notna() & (rows[params["bound"]] > 0)]
    if rows.empty:
        return too_few(f"no row has {params['bound']}")
    off = np.abs(rows[params["column"]].to_numpy() / rows[params["bound"]].to_numpy() - 1)
    missed = int((off > params["tolerance"]).sum())
    reason = f"largest relative difference {off.max():.2g} over {len(off)} rows; {missed} beyond {params['tolerance']:g}"
    return Outcome(VIOLATED if missed else HOLDS, reason, len(off), {}, {"rows": len(off), "missed": missed})
