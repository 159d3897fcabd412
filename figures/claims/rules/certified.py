"""No ranking that bounds certify is inconsistent."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from figures.claims.pairs import consistent, joined, named
from figures.claims.verdict import HOLDS, VIOLATED, Outcome, too_few
from theory.ranking import certified_by_gap


def judge(rows: pd.DataFrame, params: Mapping[str, Any]) -> Outcome:
    """Holds when every replicate that bounds certify is ranked consistently.

    By `gap`: the gap of the real risks exceeds the sum of the bounds of both utilities. By `class`: the bound of both risks
    of model 2 lies below the least risk in the class of model 1.

    Parameters
    ----------
    rows : pandas.DataFrame
        Rows of both models of every pair, with excess risks from the nodes and bounds.
    params : Mapping
        `pairs` (lists of two learners), `by` (`gap` or `class`), `bound` (column).

    Returns
    -------
    Outcome
        Counts: joined replicates, certified ones, certified but inconsistent ones. The reason names the share that is
        certified at the largest n, by pair.
    """
    counts, shares = {"replicates": 0, "certified": 0, "inconsistent": 0}, []
    for models in params["pairs"]:
        pair = joined(rows, *models)
        if pair.empty:
            continue
        sure = certified(pair, params["by"], params["bound"])
        agrees = consistent(pair, "excess_real", "excess_synthetic")
        counts["replicates"] += len(pair)
        counts["certified"] += int(sure.sum())
        counts["inconsistent"] += int((sure & ~agrees).sum())
        largest = sure[(pair["n"] == pair["n"].max()).to_numpy()]
        shares.append(f"{named(models)} {largest.mean():.0%}")
    if not counts["replicates"]:
        return too_few("no pair of models has rows here")
    reason = f"{counts['inconsistent']} of {counts['certified']} certified rankings inconsistent; certified at the largest n: "
    verdict = VIOLATED if counts["inconsistent"] else HOLDS
    return Outcome(verdict, reason + ", ".join(shares), counts["replicates"], {}, counts)


def certified(pair: pd.DataFrame, by: str, bound: str) -> Any:
    """Tell for each joined row whether the bounds certify its ranking."""
    if by == "class":
        return (pair[f"{bound}_2"] < pair["class_error_1"]).to_numpy()
    gap = (pair["excess_real_1"] - pair["excess_real_2"]).to_numpy()
    return certified_by_gap(gap, pair[f"{bound}_1"].to_numpy(), pair[f"{bound}_2"].to_numpy())
