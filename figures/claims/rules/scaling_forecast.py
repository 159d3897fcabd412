"""A scaling law fitted to small samples forecasts large ones."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from experiments.estimators.intervals import Interval, around, simultaneous_level
from experiments.estimators.power_laws import fit_power_law
from figures.claims.rules.scaling_floor import with_difference
from figures.claims.verdict import Outcome, at, joint, too_few
from figures.rows import by_n

Array = np.ndarray[Any, np.dtype[np.float64]]


def judge(rows: pd.DataFrame, params: Mapping[str, Any]) -> Outcome:
    """Holds when in every group the interval of forecast minus measurement at the largest size contains 0 with a half-width
    below a share of the mean at the last fitted size; violated when one does not contain 0.

    Parameters
    ----------
    rows : pandas.DataFrame
        Rows with `n`, `replicate`, the measured column and the grouping columns.
    params : Mapping
        `column` (less the column `minus`), `group`, `ahead` (the fit sees sizes up to the largest over this), `floor`
        (whether the law has one), `share`, `level` (joint, over groups).

    Returns
    -------
    Outcome
        Forecast minus measurement in each group.
    """
    tables = by_n(with_difference(rows, params), params["group"], "difference")
    fitted = {name: sizes <= sizes[-1] / params["ahead"] for name, (sizes, _) in tables.items()}
    if any(seen.sum() < 4 for seen in fitted.values()):
        return too_few("four sizes to fit are needed")
    level = simultaneous_level(len(tables), params["level"])
    misses = {n: miss(*tables[n], fitted[n], params["floor"], level) for n in tables}
    verdicts, parts = [], []
    for name, (_, samples) in tables.items():
        last = float(samples[fitted[name]][-1].mean())
        verdicts.append(at(misses[name], 0, params["share"] * last))
        parts.append(f"{name}: {misses[name].value:+.2g} ± {misses[name].half_width:.1g} at {samples[-1].mean():.2g}")
    return Outcome(joint(verdicts), "; ".join(parts), len(rows), misses)


def miss(sizes: Array, samples: Array, seen: Array, floor: bool, level: float) -> Interval:
    """Return the interval of forecast minus mean at the largest size, replicates common to both."""
    law = fit_power_law(sizes[seen], samples[seen], floor)
    influence = law.influence_at(sizes[-1]) - (samples[-1] - samples[-1].mean())
    return around(law.at(sizes[-1]) - float(samples[-1].mean()), influence, level)
