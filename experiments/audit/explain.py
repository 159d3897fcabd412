"""What theory makes of a gap: features, responses, or a model too rigid for the features to differ without harm.

In the limit a gap needs wrong responses, or features that differ *and* a model that cannot represent the regression
function (theory/README.md, misspecification); with finitely many rows, features may also simply be missing where real
ones are. So: real-like responses at the synthetic features close a gap that comes from the responses; weights that turn
the synthetic features into real ones close a gap that comes from a rigid model; what neither closes, where the features
can be told apart, comes from regions that the synthetic table hardly covers. These are estimates, and no guarantee.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from experiments.estimators.intervals import Interval

Array = NDArray[np.float64]
Cause = Literal["none", "responses", "specification", "features", "responses and features", "unclear"]

REAL, SYNTHETIC, RELABELLED, REWEIGHTED, BOTH, HALF = range(6)
CLOSES = 0.5
"""Share of a gap that a change must close to be called its cause."""

STILL_TO_GAIN = 3.0
"""A risk that falls as n^(-2/5) has about three times as far to fall as the last doubling of n took it."""


@dataclass(frozen=True)
class Explanation:
    """Why one model's gap.

    Parameters
    ----------
    gap : Interval
        Gap at the common size of these refits, conditional on the two tables.
    relabelled, reweighted, both : Interval
        What each change takes off the gap.
    rigid : Interval
        Risk of this model above that of the best one after real training, less `STILL_TO_GAIN` times what the last
        doubling of the rows took off: above 0, no number of rows is expected to make up for the model's form.
    cause : str
        The more plausible cause.
    """

    gap: Interval
    relabelled: Interval
    reweighted: Interval
    both: Interval
    rigid: Interval
    cause: Cause


def explain(
    values: Mapping[str, Array], gaps: Mapping[str, Interval], told_apart: bool, level: float
) -> dict[str, Explanation]:
    """Explain the gap of every model.

    Parameters
    ----------
    values : mapping of ndarray, each shape (refits, 6, N)
        By model: values per test row after training on the variants (see `causes.VARIANTS`).
    gaps : mapping of Interval
        By model: the gap that is to be explained; one that may be 0 is not.
    told_apart : bool
        Whether a discriminator tells synthetic features from real ones.
    level : float
        Nominal coverage.
    """
    best = min(values, key=lambda name: float(values[name][:, REAL].mean()))
    return {
        name: _explain(found, values[best], gaps[name].low > 0, told_apart, level) for name, found in values.items()
    }


def _explain(values: Array, best: Array, settled: bool, told_apart: bool, level: float) -> Explanation:
    def difference(first: int, second: int) -> Interval:
        return refit_interval(values[:, first] - values[:, second], level)

    gap = difference(SYNTHETIC, REAL)
    relabelled, reweighted, both = (difference(SYNTHETIC, variant) for variant in (RELABELLED, REWEIGHTED, BOTH))
    gained = values[:, HALF] - values[:, REAL]
    rigid = refit_interval(values[:, REAL] - best[:, REAL] - STILL_TO_GAIN * gained, level)
    cause = _cause(gap, (relabelled, reweighted, both), rigid, told_apart) if settled else "none"
    return Explanation(gap, relabelled, reweighted, both, rigid, cause)


def _cause(gap: Interval, taken: tuple[Interval, ...], rigid: Interval, told_apart: bool) -> Cause:
    """Name the cause: what takes at least half of the gap off, and clearly so."""
    if gap.low <= 0:
        return "none"
    relabelled, reweighted, both = (change.value / gap.value if change.low > 0 else 0.0 for change in taken)
    if relabelled >= CLOSES and relabelled >= reweighted:
        return "responses"
    if reweighted >= CLOSES:
        return "specification" if rigid.low > 0 else "features"
    if relabelled > 0 and (both >= CLOSES or told_apart):
        return "responses and features"
    return "features" if told_apart else "unclear"


def refit_interval(differences: Array, level: float) -> Interval:
    """Interval for a mean over refits and test rows, conditional on the two tables.

    Parameters
    ----------
    differences : ndarray, shape (S, N)
        Differences of two losses at N test rows in each of S refits.
    level : float
        Nominal coverage; variance over rows of the means over refits, plus that over refits of the means over rows.
    """
    rows, refits = differences.mean(axis=0), differences.mean(axis=1)
    parts = [(float(rows.var(ddof=1)) / rows.size, rows.size - 1)]
    if refits.size > 1:
        parts.append((float(refits.var(ddof=1)) / refits.size, refits.size - 1))
    total = sum(part for part, _ in parts)
    spread = sum(part**2 / freedom for part, freedom in parts)
    freedom = max(total**2 / spread, 1.0) if spread > 0 else 1.0
    reach = float(stats.t.ppf((1 + level) / 2, freedom) * np.sqrt(total))
    value = float(rows.mean())
    return Interval(value, value - reach, value + reach, level)
