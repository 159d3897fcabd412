"""The utility of every model stays within a margin."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from experiments.estimators.intervals import Interval, simultaneous_level
from figures.claims.verdict import Outcome, inside, joint, too_few
from figures.rows import comparable, gaps, largest, sources


def judge(rows: pd.DataFrame, params: Mapping[str, Any]) -> Outcome:
    """Holds when the interval of every model's expected gap lies within +-margin; violated when one lies outside it.

    Parameters
    ----------
    rows : pandas.DataFrame
        Rows of the measurement `real_data`, the source `real` among them, of one data set; the largest size counts.
    params : Mapping
        `margin` (of the risk), `level` (joint, over sources and models).

    Returns
    -------
    Outcome
        The signed gap of each source and model.
    """
    rows = largest(rows)
    if not comparable(rows):
        return too_few("the real training table and a synthetic source are needed")
    found = all_gaps(rows, params["level"])
    verdicts = [inside(gap, -params["margin"], params["margin"]) for gap in found.values()]
    worst = max(found, key=lambda name: abs(found[name].value))
    gap = found[worst]
    reason = f"largest gap {gap.value:+.3f} [{gap.low:+.3f}, {gap.high:+.3f}] ({worst}), margin {params['margin']:g}"
    return Outcome(joint(verdicts), reason, len(rows), found)


def all_gaps(rows: pd.DataFrame, level: float) -> dict[str, Interval]:
    """Return the signed gap of every synthetic source and model, with intervals of joint level `level`."""
    real, synthetic = sources(rows)
    each = simultaneous_level(len(synthetic) * len(real.models), level)
    return {
        f"{source}, {model}": gap
        for source, losses in synthetic.items()
        for model, gap in zip(real.models, gaps(real, losses, each))
    }
