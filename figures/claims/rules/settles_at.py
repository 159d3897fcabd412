"""A mean settles where theory says, within a margin set by the largest predicted limit."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from experiments.estimators.intervals import simultaneous_level
from experiments.estimators.slopes import plateau
from figures.claims.verdict import INCONCLUSIVE, Outcome, at, joint, too_few
from figures.rows import by_n, limits


def judge(rows: pd.DataFrame, params: Mapping[str, Any]) -> Outcome:
    """Holds when in every group the interval of a in the fit a + b/n contains the predicted limit with a half-width
    below a fifth of the largest prediction; violated when one misses it.

    Parameters
    ----------
    rows : pandas.DataFrame
        Rows with `n`, `replicate`, the measured column, the column of predictions and the grouping columns.
    params : Mapping
        `column`, `limit` (the column of predictions, or a number), `group`, `share` (of the largest limit that a
        half-width may reach) or `margin` (that half-width itself), `level` (joint, over groups).

    Returns
    -------
    Outcome
        The interval of a for each group.
    """
    if "margin" not in params:
        rows = rows[rows["limit"].notna()]
    tables = by_n(rows, params["group"], params["column"])
    if not tables or any(len(sizes) < 3 for sizes, _ in tables.values()):
        return too_few("plateaus need three sample sizes and a predicted limit")
    predicted = limits(rows, params["group"], params["limit"])
    margin = params["margin"] if "margin" in params else params["share"] * float(rows["limit"].max())
    level = simultaneous_level(len(tables), params["level"])
    settled = {name: plateau(sizes, samples, level) for name, (sizes, samples) in tables.items()}
    verdicts = [at(a, predicted[name], margin) for name, a in settled.items()]
    parts = [f"{n}: {a.value:.4f} ± {a.half_width:.4f}, predicted {predicted[n]:.4f}" for n, a in settled.items()]
    text = "; ".join(parts) + f"; half-widths to be below {margin:.4f}"
    if joint(verdicts) == INCONCLUSIVE:
        widest = max(a.half_width for a in settled.values())
        needed = rows["replicate"].nunique() * (widest / margin) ** 2
        text += f"; about {float(f'{needed:.1g}'):,.0f} replicates at these sizes would settle it"
    return Outcome(joint(verdicts), text, len(rows), settled)
