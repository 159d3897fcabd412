"""One direction of the same response error costs more than another."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from experiments.estimators.intervals import mean_interval, simultaneous_level
from figures.claims.verdict import Outcome, above, joint, too_few
from figures.rows import without_options

KEYS = ["synthetic_law", "learner", "n", "m", "replicate", "_error"]


def judge(rows: pd.DataFrame, params: Mapping[str, Any]) -> Outcome:
    """Holds when at the largest n and every common e_r from `least` to `most` the interval of the mean difference of `column`
    between the responses `more` and `less`, replicate by replicate, lies above 0; violated when one lies below.

    Parameters
    ----------
    rows : pandas.DataFrame
        Rows of both kinds of responses with `e_r` and the measured column.
    params : Mapping
        `column`, `more`, `less` (labels of responses without their options), `least`, `most`, `level` (joint, over cells).

    Returns
    -------
    Outcome
        The ratio of the means in the reason, the difference for each e_r as estimate.
    """
    rows = rows[rows["n"] == rows["n"].max()]
    rows = rows.assign(_error=rows["e_r"].round(9), _kind=without_options(rows["responses"]))
    rows = rows[rows["_error"].between(params["least"], params["most"])]
    parts = [rows[rows["_kind"] == params[name]] for name in ("more", "less")]
    both = parts[0].merge(parts[1], on=KEYS, suffixes=("_1", "_2"), validate="one_to_one")
    groups = list(both.groupby(KEYS[:4] + KEYS[5:], observed=True, sort=True))
    if not groups:
        return too_few("no response error is common to both directions")
    level = simultaneous_level(len(groups), params["level"])
    first, second = (f"{params['column']}_{i}" for i in (1, 2))
    found = {f"e_r={key[-1]:.3g}, {key[0]}": mean_interval(part[first] - part[second], level) for key, part in groups}
    ratios = [part[first].mean() / part[second].mean() for _, part in groups]
    verdicts = [above(d, 0) for d in found.values()]
    times = f"{min(ratios):.2g} to {max(ratios):.2g} times as much"
    reason = f"{params['more']} costs {times} as {params['less']} in {len(groups)} cells"
    return Outcome(joint(verdicts), reason, len(both), found)
