"""The utility of every model stays within a margin."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from experiments.intervals import Interval, paired_gap
from experiments.rankings import simultaneous_level
from figures.outcome import Outcome, inside, joint, too_few
from figures.tables import comparable, largest, sources


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
    gaps = all_gaps(rows, params["level"])
    verdicts = [inside(gap, -params["margin"], params["margin"]) for gap in gaps.values()]
    worst = max(gaps, key=lambda name: abs(gaps[name].value))
    gap = gaps[worst]
    reason = f"largest gap {gap.value:+.3f} [{gap.low:+.3f}, {gap.high:+.3f}] ({worst}), margin {params['margin']:g}"
    return Outcome(joint(verdicts), reason, len(rows), gaps)


def all_gaps(rows: pd.DataFrame, level: float) -> dict[str, Interval]:
    """Return the signed gap of every synthetic source and model, with intervals of joint level `level`."""
    real, synthetic = sources(rows)
    each = simultaneous_level(len(synthetic) * len(real.models), level)
    return {
        f"{source}, {model}": paired_gap(real.full[k], losses.full[k], real.halves[k], losses.halves[k], each)
        for source, losses in synthetic.items()
        for k, model in enumerate(real.models)
    }
