"""The gap grows from one source of training data to another."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from experiments.estimators.gaps import paired_gap
from experiments.estimators.intervals import Interval
from figures.claims.verdict import Outcome, above, too_few
from figures.rows import Losses, largest, sources


def judge(rows: pd.DataFrame, params: Mapping[str, Any]) -> Outcome:
    """Holds when the risk after training on source `to`, averaged over models, surely exceeds that on source `from`;
    violated when it is surely below.

    Parameters
    ----------
    rows : pandas.DataFrame
        Rows of the measurement `real_data` with the source `real` and both others, of one data set.
    params : Mapping
        `from`, `to` (labels of generators), `level`.

    Returns
    -------
    Outcome
        The growth, and the signed gap of both sources over real training, all averaged over models.
    """
    rows = largest(rows)
    first, last = params["from"], params["to"]
    if not {"real", first, last} <= set(rows["generator"]):
        return too_few(f"the real training table and the sources {first} and {last} are needed")
    real, synthetic = sources(rows)
    level = params["level"]
    growth = _averaged(synthetic[first], synthetic[last], level)
    gaps = {f"gap, {name}": _averaged(real, synthetic[name], level) for name in (first, last)}
    verdict = above(growth, 0)
    reason = f"grows by {growth.value:+.3f} [{growth.low:+.3f}, {growth.high:+.3f}] from {first} to {last}"
    return Outcome(verdict, reason, len(rows), {"growth": growth, **gaps})


def _averaged(before: Losses, after: Losses, level: float) -> Interval:
    """Interval for the mean over models of risk after minus risk before."""
    evenly = np.full(len(before.models), 1 / len(before.models))
    first, last = (losses.halves.spread(evenly) for losses in (before, after))
    return paired_gap(evenly @ before.full, evenly @ after.full, first, last, level)
