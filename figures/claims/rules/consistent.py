"""Synthetic data rank two models as real data do, with high probability, once samples are large."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from experiments.estimators.intervals import Interval, simultaneous_level
from figures.claims.pairs import consistent, joined, named, share
from figures.claims.verdict import VIOLATED, Outcome, above, joint, too_few


def judge(rows: pd.DataFrame, params: Mapping[str, Any]) -> Outcome:
    """Holds when at the largest n, for every pair of models and group, Wilson's interval of the probability of a
    consistent ranking lies above `threshold`; violated when one lies below.

    Parameters
    ----------
    rows : pandas.DataFrame
        Rows of both models of every pair, with risks on real data and the grouping columns.
    params : Mapping
        `pairs` (lists of two learners), `group` (column names), `threshold`, `level` (joint, over pairs and groups), `real`
        and `synthetic` (columns of risks; those on the test sample unless given), `beyond` (optional: column of the first
        model; only rows whose `e_r` exceeds it).

    Returns
    -------
    Outcome
        The probability for each pair and group.
    """
    shares = shares_at_largest(rows, params)
    if not shares:
        return too_few("no pair of models has rows here")
    verdicts = [above(s, params["threshold"]) for s in shares.values()]
    worst = min(shares, key=lambda name: shares[name].value)
    reason = f"least probability {shares[worst].value:.2f} [{shares[worst].low:.2f}, {shares[worst].high:.2f}] ({worst})"
    counts = {"groups": len(shares), "below": verdicts.count(VIOLATED)}
    return Outcome(joint(verdicts), f"{reason}, threshold {params['threshold']:g}", len(rows), shares, counts)


def shares_at_largest(rows: pd.DataFrame, params: Mapping[str, Any]) -> dict[str, Interval]:
    """Return the probability of a consistent ranking at the largest n, by pair and group."""
    flags = {}
    for models in params["pairs"]:
        pair = joined(rows[rows["n"] == rows["n"].max()], *models)
        if "beyond" in params:
            pair = pair[pair["e_r_1"] > pair[f"{params['beyond']}_1"]]
        pair = pair.assign(_flag=consistent(pair, *risks(params)))
        for key, part in pair.groupby(params["group"], observed=True, sort=False):
            flags[f"{named(models)}, {', '.join(map(str, key))}"] = part["_flag"].to_numpy()
    level = simultaneous_level(max(1, len(flags)), params["level"])
    return {name: share(flag, level) for name, flag in flags.items()}


def risks(params: Mapping[str, Any]) -> tuple[str, str]:
    """Return the columns of the risks after real and after synthetic training."""
    return params.get("real", "risk_real_test"), params.get("synthetic", "risk_synthetic_test")
