"""The order of two models is kept although their utilities grow."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from figures.claims.rules import consistent, rising
from figures.claims.verdict import Outcome, joint


def judge(rows: pd.DataFrame, params: Mapping[str, Any]) -> Outcome:
    """Holds when the ranking is consistent with high probability at every response error (rule `consistent`) while the mean
    of `column` rises with e_r for every model (rule `rising`); violated when either is.

    Parameters
    ----------
    rows : pandas.DataFrame
        Rows of both models of every pair at several response errors.
    params : Mapping
        Those of `consistent`, and `column`.

    Returns
    -------
    Outcome
        The estimates of both parts.
    """
    order = consistent.judge(rows, params)
    largest = rows[rows["n"] == rows["n"].max()]
    growth = rising.judge(largest, {"column": params["column"], "axis": "e_r", "group": ["learner"], "level": params["level"]})
    estimates = {**order.estimates, **{f"growth, {name}": e for name, e in growth.estimates.items()}}
    reason = f"order: {order.reason}; growth: {growth.reason}"
    return Outcome(joint([order.verdict, growth.verdict]), reason, len(rows), estimates, order.counts)
