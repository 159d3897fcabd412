"""A mean falls at least as fast as predicted: its slope is not flatter than the bound's."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from experiments.estimators.intervals import simultaneous_level
from experiments.estimators.slopes import log_slope
from figures.claims.verdict import INCONCLUSIVE, Outcome, below, joint, settled_by, too_few
from figures.rows import by_n


def judge(rows: pd.DataFrame, params: Mapping[str, Any]) -> Outcome:
    """Holds when in every group the interval of the slope of log mean `column` on log n lies below the predicted slope;
    violated when in one it lies above.

    Parameters
    ----------
    rows : pandas.DataFrame
        Rows with `n`, `replicate`, the measured column, the column of predicted slopes (constant in a group) and the
        grouping columns; groups without a prediction are left out.
    params : Mapping
        `column`, `predicted` (column of slopes), `group` (column names), `level` (joint, over groups).

    Returns
    -------
    Outcome
        One slope per group as estimate.
    """
    rows = rows[rows[params["predicted"]].notna()]
    tables = by_n(rows, params["group"], params["column"])
    if not tables or any(len(sizes) < 3 for sizes, _ in tables.values()):
        return too_few("slopes need three sample sizes and a prediction")
    level = simultaneous_level(len(tables), params["level"])
    predicted = {name: float(s.mean()) for name, (_, s) in by_n(rows, params["group"], params["predicted"]).items()}
    slopes = {name: log_slope(sizes, samples, level) for name, (sizes, samples) in tables.items()}
    verdicts = [below(s, predicted[name]) for name, s in slopes.items()]
    worst = max(slopes, key=lambda name: slopes[name].value - predicted[name])
    others = sorted(slopes, key=lambda name: name != worst)  # the nearest to its prediction first
    parts = [f"{n}: {slopes[n].value:.2f} ± {slopes[n].half_width:.2f}, predicted {predicted[n]:.2f}" for n in others]
    verdict = joint(verdicts)
    more = settled_by(slopes[worst], predicted[worst], rows["replicate"].nunique()) if verdict == INCONCLUSIVE else ""
    return Outcome(verdict, "; ".join(parts) + more, len(rows), slopes)
