"""An inconsistent ranking is as rare as a bound says that has seen no response."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from experiments.estimators.intervals import Interval, simultaneous_level, wilson
from figures.claims.pairs import consistent, joined, named, share
from figures.claims.verdict import HOLDS, INCONCLUSIVE, VIOLATED, Outcome, joint, too_few


def judge(rows: pd.DataFrame, params: Mapping[str, Any]) -> Outcome:
    """Holds when in every cell that can tell, Wilson's interval of the probability of an inconsistent ranking lies below the
    a priori bound of model 2's mean utility over the approximation error of model 1; violated when in any cell one lies above.

    A cell can tell when the bound is below 1 and above the interval's upper end for no inconsistent ranking at all.

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
    below_one = {name: c for name, c in cells.items() if c[1] < 1}
    level = simultaneous_level(max(1, len(below_one)), params["level"])
    shares = {name: share(flags, level) for name, (flags, _) in below_one.items()}
    telling = [name for name, (flags, bound) in below_one.items() if wilson(0, len(flags), level).high < bound]
    above = [name for name, s in shares.items() if s.low > below_one[name][1]]
    if not telling and not above:
        return too_few("no cell has a bound that is below 1 and that this many replicates could undercut")
    verdict = VIOLATED if above else joint([_verdict(shares[name], below_one[name][1]) for name in telling])
    worst = max(above or telling, key=lambda name: shares[name].high / below_one[name][1])
    reason = (
        f"probability at most {shares[worst].value:.3g} [{shares[worst].low:.2g}, {shares[worst].high:.2g}] against a bound of "
        f"{below_one[worst][1]:.2g} ({worst}); {len(telling)} of {len(cells)} cells can tell, {len(above)} above"
    )
    counts = {"cells": len(cells), "telling": len(telling), "above": len(above)}
    return Outcome(verdict, reason, len(rows), {worst: shares[worst]}, counts)


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
    return HOLDS if share_of.high < bound else INCONCLUSIVE
