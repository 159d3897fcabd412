"""A mean stays below a number that was fixed before the data."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from experiments.estimators.intervals import Interval, mean_interval, simultaneous_level
from figures.claims.verdict import VIOLATED, Outcome, below, joint, too_few


def judge(rows: pd.DataFrame, params: Mapping[str, Any]) -> Outcome:
    """Holds when in every cell the interval of the mean of `column` lies below the mean of `bound`; violated when
    in one it lies above.

    Parameters
    ----------
    rows : pandas.DataFrame
        Rows with `cell`, the measured column and the bound's column.
    params : Mapping
        `column`, `bound` (column names), `group` (labels), `level` (joint, over cells).

    Returns
    -------
    Outcome
        The ratio of mean to bound of the tightest cell of each group as estimates.
    """
    rows = rows[rows[params["bound"]].notna()]
    if rows.empty:
        return too_few(f"no cell has {params['bound']}")
    groups = list(rows.groupby([*params["group"], "n"], observed=True, sort=False))
    level = simultaneous_level(len(groups), params["level"])
    ratios: dict[str, Interval] = {}
    verdicts = []
    for name, cell in groups:
        bound = float(cell[params["bound"]].mean())
        ratio = mean_interval(cell[params["column"]].to_numpy() / bound, level)
        verdicts.append(below(ratio, 1))
        label = ", ".join(map(str, name[:-1]))
        if label not in ratios or ratio.value > ratios[label].value:
            ratios[label] = ratio
    worst = max(ratios, key=lambda label: ratios[label].value)
    above = verdicts.count(VIOLATED)
    reason = (
        f"mean is at most {ratios[worst].value:.3g} of the bound ({worst}); above it in {above} of {len(groups)} cells"
    )
    return Outcome(joint(verdicts), reason, len(rows), ratios, {"cells": len(groups), "above": above})
