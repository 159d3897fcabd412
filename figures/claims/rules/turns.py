"""A mean falls and rises again along an axis: somewhere between its ends it lies below both."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from experiments.estimators.intervals import Interval, mean_interval, simultaneous_level
from figures.claims.verdict import HOLDS, INCONCLUSIVE, VIOLATED, Outcome, joint, too_few
from figures.rows import by_n


def judge(rows: pd.DataFrame, params: Mapping[str, Any]) -> Outcome:
    """Holds when in every group some inner point of the axis lies below both ends; violated when in one group an end
    lies below every inner point.

    Parameters
    ----------
    rows : pandas.DataFrame
        Rows with the axis, `replicate`, the measured column and the grouping columns; replicates are common along the axis.
    params : Mapping
        `column`, `axis` (column names), `group`, `level` (joint, over groups, inner points and both ends).

    Returns
    -------
    Outcome
        For each group the difference of the lowest inner point to either end.
    """
    tables = {k: t for k, (_, t) in by_n(rows, params["group"], params["column"], params["axis"]).items()}
    if any(len(t) < 3 or t.shape[1] < 2 for t in tables.values()):
        return too_few("an inner point and two replicates are needed")
    level = simultaneous_level(2 * sum(len(t) - 2 for t in tables.values()), params["level"])
    verdicts, parts = [], []
    shown: dict[str, Interval] = {}
    for name, table in tables.items():
        below = _differences(table, level)
        verdicts.append(_verdict(below))
        lowest = min(below, key=lambda pair: pair[0].value + pair[1].value)
        shown |= {f"{name}: against {end}": d for end, d in zip(("start", "end"), lowest)}
        parts.append(f"{lowest[0].value:+.2g} to the start, {lowest[1].value:+.2g} to the end ({name})")
    return Outcome(joint(verdicts), "lowest inner point " + "; ".join(parts), len(rows), shown)


def _differences(table: np.ndarray, level: float) -> list[tuple[Interval, Interval]]:
    """Each inner point minus the first and minus the last one, paired by replicate."""
    return [(mean_interval(row - table[0], level), mean_interval(row - table[-1], level)) for row in table[1:-1]]


def _verdict(below: list[tuple[Interval, Interval]]) -> str:
    if any(start.high < 0 and end.high < 0 for start, end in below):
        return HOLDS
    an_end_is_lowest = any(all(pair[i].low > 0 for pair in below) for i in (0, 1))
    return VIOLATED if an_end_is_lowest else INCONCLUSIVE
