"""A mean changes along an axis as a power of it, with an exponent in a stated range."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from experiments.estimators.intervals import Interval, simultaneous_level
from experiments.estimators.slopes import log_slope
from figures.claims.verdict import Outcome, inside, joint, too_few
from figures.rows import by_n

FAR = 99.0
"""Stands for an end that is left open."""


def judge(rows: pd.DataFrame, params: Mapping[str, Any]) -> Outcome:
    """Holds when in every group the interval of the slope of log mean on the logarithm of the axis lies in
    [low, high]; violated when one lies wholly outside.

    Parameters
    ----------
    rows : pandas.DataFrame
        Rows with the axis (positive), `replicate`, the measured column and the grouping columns.
    params : Mapping
        `column`, `axis` (column names), `group`, `low`, `high` (either may be missing), `level` (joint, over groups).

    Returns
    -------
    Outcome
        One slope per group.
    """
    slopes = all_slopes(rows, params["column"], params["axis"], params["group"], params["level"])
    if not slopes:
        return too_few("slopes need three points of the axis and positive means")
    low, high = float(params.get("low", -FAR)), float(params.get("high", FAR))
    verdicts = [inside(s, low, high) for s in slopes.values()]
    worst = max(slopes, key=lambda name: max(low - slopes[name].low, slopes[name].high - high))
    reason = f"slope {slopes[worst].value:.3f} [{slopes[worst].low:.3f}, {slopes[worst].high:.3f}] ({worst})"
    return Outcome(joint(verdicts), f"{reason}, expected in {_range(params)}", len(rows), slopes)


def all_slopes(rows: pd.DataFrame, column: str, axis: str, group: list[str], level: float) -> dict[str, Interval]:
    """Return the slope of each group at joint level `level`; nothing where a group has too few points or no positive mean."""
    tables = by_n(rows[rows[column].notna()], group, column, axis)
    if any(min(s.shape[0] - 1, s.shape[1]) < 2 or (s.mean(axis=1) <= 0).any() for _, s in tables.values()):
        return {}
    each = simultaneous_level(max(len(tables), 1), level)
    return {name: log_slope(sizes, samples, each) for name, (sizes, samples) in tables.items()}


def _range(params: Mapping[str, Any]) -> str:
    return f"[{params.get('low', '−∞')}, {params.get('high', '∞')}]"
