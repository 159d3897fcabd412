"""Pairs of models certified on one half of the test rows keep their order on the other half."""

from collections.abc import Mapping
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd

from experiments.estimators.intervals import Interval, simultaneous_level, wilson
from experiments.estimators.rankings import pair_verdict, pairwise
from figures.claims.verdict import Outcome, below, too_few
from figures.rows import Losses, comparable, gaps, largest, sources


def judge(rows: pd.DataFrame, params: Mapping[str, Any]) -> Outcome:
    """Holds when the interval of the error rate of certified pairs lies below `most`; violated when it lies above.

    Every other test row certifies, the rest check. A pair is certified at a source by `settled`: its order is settled
    alike after real and after synthetic training; by `gap` (theory/README.md 6.1): the difference of real risks exceeds
    the two utilities, all by their intervals; by `real`: its order is settled after real training, whatever the utility.
    Intervals hold jointly for the pairs of one source at level `confidence`. An error: on the rows that check, the two
    risks after synthetic training are not ordered as those after real training. Pairs share models and test rows, so
    Wilson's interval, made for independent ones, is somewhat short.

    Parameters
    ----------
    rows : pandas.DataFrame
        Rows of the measurement `real_data`, `real` among the sources; several data sets may come together.
    params : Mapping
        `certificate`, `confidence`, `most`, `level`.

    Returns
    -------
    Outcome
        The error rate of pairs certified in each way, and of all pairs; counts of pairs and errors.
    """
    found = [pair for _, part in largest(rows).groupby("dataset", observed=True) for pair in _pairs(part, params)]
    certified = {name: [bad for names, bad in found if name in names] for name in ("settled", "gap", "real", "all")}
    rates = {f"error rate, {k}": wilson(sum(v), len(v), params["level"]) for k, v in certified.items() if v}
    counts = {f"{k} {what}": f(v) for k, v in certified.items() for what, f in (("pairs", len), ("errors", sum))}
    name = params["certificate"]
    if not certified[name]:
        return too_few(f"no pair is certified ({name}) among {len(found)}")
    rate = rates[f"error rate, {name}"]
    verdict = below(rate, params["most"])
    share = f"{counts[name + ' errors']} of {counts[name + ' pairs']} certified pairs wrong on the other half"
    reason = f"{share}, rate {rate.value:.3f} [{rate.low:.3f}, {rate.high:.3f}], at most {params['most']:g} wanted; "
    reason += f"of all {counts['all pairs']} pairs {rates['error rate, all'].value:.3f}"
    return Outcome(verdict, reason, len(rows), rates, counts)


def _pairs(rows: pd.DataFrame, params: Mapping[str, Any]) -> list[tuple[set[str], bool]]:
    """Return for every source and pair its certificates from one half, and whether the other half contradicts."""
    if not comparable(rows):
        return []
    real, synthetic = sources(rows)
    return [pair for own in synthetic.values() for pair in _of_source(real, own, params["confidence"])]


def _of_source(real: Losses, own: Losses, confidence: float) -> list[tuple[set[str], bool]]:
    (real_a, real_b), (own_a, own_b) = ((losses.stratum(0), losses.stratum(1)) for losses in (real, own))
    number = len(real.models)
    each = simultaneous_level(number * (number - 1) + number, confidence)
    truth, found = pairwise(real_a.full, real_a.halves, each), pairwise(own_a.full, own_a.halves, each)
    utility = gaps(real_a, own_a, each)
    risks = np.stack([part.full.mean(axis=1) for part in (real_b, own_b)])
    result = []
    for i, j in combinations(range(number), 2):
        names = {"all"} | _certificates(truth[i, j], found[i, j], utility[i], utility[j])
        result.append((names, bool(np.prod(risks[:, i] - risks[:, j]) <= 0)))
    return result


def _certificates(real: Interval, synthetic: Interval, first: Interval, second: Interval) -> set[str]:
    names = {"real"} if real.sign else set()
    if pair_verdict(real, synthetic) == "same order":
        names.add("settled")
    if max(real.low, -real.high) > sum(max(abs(u.low), abs(u.high)) for u in (first, second)):
        names.add("gap")
    return names
