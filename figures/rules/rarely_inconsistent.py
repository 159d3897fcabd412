"""An inconsistent ranking is as rare as a bound says that has seen no response."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from experiments.intervals import Interval
from experiments.rankings import simultaneous_level
from figures.outcome import HOLDS, INCONCLUSIVE, VIOLATED, Outcome, joint, too_few
from figures.pairs import consistent, joined, named, share


def judge(rows: pd.DataFrame, params: Mapping[str, Any]) -> Outcome:
    """Holds when in every cell where it says anything, Wilson's interval of the probability of an inconsistent ranking lies
    below the a priori bound of model 2's mean utility over the approximation error of model 1; violated when one lies
    above.

    By theory/README.md 6.3 the ranking is consistent where both risks of model 2 are below A_1, the least risk in the class
    of model 1; by Markov's inequality P(inconsistent) <= (E Phi(f~_2) + E Phi(f^_2))/A_1, whose numerator the a priori
    bound of the mean utility bounds (its two terms, added).

    Parameters
    ----------
    rows : pandas.DataFrame
        Rows of both models of every pair, with `class_error` of the first and the bound's column of the second.
    params : Mapping
        `pairs` (first: the wrong class; second: the learner with the bound), `bound` (column), `group`, `level` (joint, over
        cells), `real` and `synthetic` (columns of risks; those on the nodes unless given).

    Returns
    -------
    Outcome
        The probability in the cell of each pair and group that comes closest to its bound.
    """
    cells = _cells(rows, params)
    telling = {name: c for name, c in cells.items() if c[1] < 1}
    if not telling:
        least = min((bound for _, bound in cells.values()), default=float("nan"))
        return too_few(f"the bound says nothing at these sizes (it is at least {least:.3g})")
    level = simultaneous_level(len(telling), params["level"])
    shares = {name: share(flags, level) for name, (flags, _) in telling.items()}
    verdicts = [_verdict(s, telling[name][1]) for name, s in shares.items()]
    worst = max(shares, key=lambda name: shares[name].high / telling[name][1])
    reason = (
        f"probability at most {shares[worst].value:.3g} [{shares[worst].low:.2g}, {shares[worst].high:.2g}] against a bound of "
        f"{telling[worst][1]:.2g} ({worst}); {len(telling)} of {len(cells)} cells have a bound below 1"
    )
    return Outcome(joint(verdicts), reason, len(rows), {worst: shares[worst]}, {"cells": len(cells), "telling": len(telling)})


def _cells(rows: pd.DataFrame, params: Mapping[str, Any]) -> dict[str, tuple[Any, float]]:
    cells = {}
    for models in params["pairs"]:
        pair = joined(rows, *models)
        pair = pair[pair[f"{params['bound']}_2"].notna() & pair["class_error_1"].notna()]
        for key, part in pair.groupby([*params["group"], "n"], observed=True, sort=False):
            flags = ~consistent(part, params.get("real", "excess_real"), params.get("synthetic", "excess_synthetic"))
            bound = float(part[f"{params['bound']}_2"].mean() / part["class_error_1"].mean())
            cells[f"{named(models)}, {', '.join(map(str, key))}"] = (flags, bound)
    return cells


def _verdict(share_of: Interval, bound: float) -> str:
    return HOLDS if share_of.high < bound else VIOLATED if share_of.low > bound else INCONCLUSIVE
