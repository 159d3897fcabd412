"""A mean goes to zero at a polynomial rate: the slope of its logarithm on log n is bounded away from 0."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from experiments.estimators.intervals import simultaneous_level
from experiments.estimators.slopes import log_slope
from figures.claims.verdict import INCONCLUSIVE, Outcome, below, joint, settled_by, too_few
from figures.rows import by_n


def judge(rows: pd.DataFrame, params: Mapping[str, Any]) -> Outcome:
    """Holds when every group's slope interval lies below `threshold`; violated when one lies above it.

    A limit of zero at a polynomial rate shows as a negative slope that stays; a curve that levels off at a positive
    value shows a slope near 0. The threshold, a little below 0, tells the two apart.

    Parameters
    ----------
    rows : pandas.DataFrame
        Rows with sizes, `replicate`, the measured column and the grouping columns.
    params : Mapping
        `column`, `group` (column names), `threshold` (< 0), `level` (joint, over groups), `axis` (sizes; `n` unless given).

    Returns
    -------
    Outcome
        One slope per group as estimate.
    """
    tables = by_n(rows, params["group"], params["column"], params.get("axis", "n"))
    if any(len(sizes) < 3 for sizes, _ in tables.values()):
        return too_few("slopes need three sample sizes")
    level = simultaneous_level(len(tables), params["level"])
    slopes = {name: log_slope(sizes, samples, level) for name, (sizes, samples) in tables.items()}
    verdict = joint([below(s, params["threshold"]) for s in slopes.values()])
    worst = max(slopes, key=lambda name: slopes[name].value)
    reason = f"flattest slope {slopes[worst].value:.2f} [{slopes[worst].low:.2f}, {slopes[worst].high:.2f}] ({worst})"
    more = settled_by(slopes[worst], params["threshold"], rows["replicate"].nunique()) if verdict == INCONCLUSIVE else ""
    return Outcome(verdict, f"{reason}, threshold {params['threshold']:g}{more}", len(rows), slopes)
