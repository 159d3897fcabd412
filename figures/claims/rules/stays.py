"""A mean stays away from zero: where it settles lies above a number."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from experiments.estimators.intervals import simultaneous_level
from experiments.estimators.slopes import plateau
from figures.claims.verdict import Outcome, above, joint, too_few
from figures.rows import by_n


def judge(rows: pd.DataFrame, params: Mapping[str, Any]) -> Outcome:
    """Holds when in every group the interval of a in the fit a + b/n lies above `least`; violated when in one it lies
    below.

    Parameters
    ----------
    rows : pandas.DataFrame
        Rows with `n`, `replicate`, the measured column and the grouping columns.
    params : Mapping
        `column`, `group` (column names), `least`, `level` (joint, over groups).

    Returns
    -------
    Outcome
        The interval of a for each group.
    """
    tables = by_n(rows, params["group"], params["column"])
    if any(len(sizes) < 3 for sizes, _ in tables.values()):
        return too_few("plateaus need three sample sizes")
    level, least = simultaneous_level(len(tables), params["level"]), params["least"]
    settled = {name: plateau(sizes, samples, level) for name, (sizes, samples) in tables.items()}
    verdicts = [above(a, least) for a in settled.values()]
    lowest = min(settled, key=lambda name: settled[name].low)
    a = settled[lowest]
    reason = f"settles at {a.value:.4f} [{a.low:.4f}, {a.high:.4f}] ({lowest}), to be above {least:g}"
    return Outcome(joint(verdicts), reason, len(rows), settled)
