"""A mean rises along an axis."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from experiments.estimators.intervals import simultaneous_level
from experiments.estimators.slopes import log_slope
from figures.claims.verdict import INCONCLUSIVE, Outcome, above, joint, settled_by, too_few
from figures.rows import by_n


def judge(rows: pd.DataFrame, params: Mapping[str, Any]) -> Outcome:
    """Holds when in every group the interval of the slope of log mean `column` (divided by `of`, where given) lies above
    0; violated when in one it lies below.

    Parameters
    ----------
    rows : pandas.DataFrame
        Rows with the axis, `replicate`, the measured columns and the grouping columns.
    params : Mapping
        `column`, `of` (optional: the mean of column/of is judged), `axis` (`n` unless given), `group`, `level` (joint, over
        groups), `small`, `large`, `share` (optional: only cells whose mean `small` is at most share * mean `large`).

    Returns
    -------
    Outcome
        One slope per group with at least three points as estimate.
    """
    axis = params.get("axis", "n")
    rows = rows.assign(_value=rows[params["column"]] / (rows[params["of"]] if "of" in params else 1.0))
    if "small" in params:
        means = rows.groupby("cell")[[params["small"], params["large"]]].transform("mean")
        rows = rows[means[params["small"]] <= params["share"] * means[params["large"]]]
    tables = {k: t for k, t in by_n(rows, params["group"], "_value", axis).items() if len(t[0]) >= 3}
    if not tables:
        return too_few("no group has three points on the axis" + (" in the cells asked for" if "small" in params else ""))
    level = simultaneous_level(len(tables), params["level"])
    slopes = {name: log_slope(sizes, samples, level) for name, (sizes, samples) in tables.items()}
    verdict = joint([above(s, 0) for s in slopes.values()])
    worst = min(slopes, key=lambda name: slopes[name].value)
    reason = f"flattest of {len(slopes)} slopes {slopes[worst].value:.3f} ± {slopes[worst].half_width:.3f} ({worst})"
    ends = tables[worst][1].mean(axis=1)
    more = settled_by(slopes[worst], 0.0, rows["replicate"].nunique()) if verdict == INCONCLUSIVE else ""
    return Outcome(verdict, f"{reason}, there from {ends[0]:.3g} to {ends[-1]:.3g}{more}", len(rows), slopes)
