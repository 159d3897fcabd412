"""Means are the predicted numbers, within a margin that was fixed before the data."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from experiments.estimators.intervals import Interval, mean_interval, simultaneous_level, wilson
from figures.claims.verdict import HOLDS, Outcome, inside, joint, too_few


def judge(rows: pd.DataFrame, params: Mapping[str, Any]) -> Outcome:
    """Holds when in every group the interval of the mean lies within the prediction's margin; violated when one lies
    wholly beyond it.

    Parameters
    ----------
    rows : pandas.DataFrame
        Rows with the measured columns, those of predictions and the grouping columns; rows without a value are left out.
    params : Mapping
        `columns` (measured column: its prediction, a column or a number), `group`, `margin` (absolute, or a share of the
        prediction where `relative` is true), `level` (joint, over columns and groups). Columns of 0 and 1 get Wilson's
        interval, others Student's.

    Returns
    -------
    Outcome
        The interval of each mean.
    """
    cells = _cells(rows, params)
    if not cells or any(len(values) < 2 for values, _ in cells.values()):
        return too_few("two replicates of every group are needed")
    level = simultaneous_level(len(cells), params["level"])
    means = {name: _interval(values, level) for name, (values, _) in cells.items()}
    verdicts = {}
    for name, (_, predicted) in cells.items():
        margin = params["margin"] * (abs(predicted) if params.get("relative") else 1)
        verdicts[name] = inside(means[name], predicted - margin, predicted + margin)
    worst = max(cells, key=lambda name: abs(means[name].value - cells[name][1]))
    reason = (
        f"farthest: {means[worst].value:.4g} ± {means[worst].half_width:.2g}, predicted {cells[worst][1]:.4g} ({worst}); "
        f"{list(verdicts.values()).count(HOLDS)} of {len(cells)} means within {_margin(params)}"
    )
    return Outcome(joint(list(verdicts.values())), reason, len(rows), means)


def _cells(rows: pd.DataFrame, params: Mapping[str, Any]) -> dict[str, tuple[np.ndarray, float]]:
    """The values of each column and group, and their prediction."""
    cells = {}
    for column, predicted in params["columns"].items():
        for key, part in rows[rows[column].notna()].groupby(params["group"], observed=True, sort=False):
            name = ", ".join(map(str, (column, *key)))
            target = float(part[predicted].mean()) if isinstance(predicted, str) else float(predicted)
            cells[name] = (part[column].to_numpy(dtype=float), target)
    return cells


def _interval(values: np.ndarray, level: float) -> Interval:
    if np.isin(values, (0.0, 1.0)).all():
        return wilson(int(values.sum()), len(values), level)
    return mean_interval(values, level)


def _margin(params: Mapping[str, Any]) -> str:
    return f"{params['margin']:.0%} of the prediction" if params.get("relative") else f"±{params['margin']:g}"
