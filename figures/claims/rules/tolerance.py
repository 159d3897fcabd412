"""Bad responses flip the ranking where theory says they may, and not before."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from experiments.estimators.intervals import simultaneous_level
from figures.claims.pairs import consistent, joined, named, share
from figures.claims.rules.consistent import risks
from figures.claims.verdict import HOLDS, INCONCLUSIVE, VIOLATED, Outcome, joint, too_few


def judge(rows: pd.DataFrame, params: Mapping[str, Any]) -> Outcome:
    """Holds when at the largest n Wilson's interval of the probability of a consistent ranking lies above `threshold` for
    e_r below `before` times delta*, and below 1 - `threshold` for e_r beyond `after` times delta° (up to where the flipped
    interval ends, over `after`); violated when one lies on the other side of 1/2.

    Parameters
    ----------
    rows : pandas.DataFrame
        Rows of both models of every pair under worst responses; the first model, a linear class, carries `tolerance`,
        `flip` and `flip_end`.
    params : Mapping
        `pairs`, `group` (column names, with `responses` among them), `before`, `after`, `threshold`, `level` (joint, over
        groups), `real` and `synthetic` (columns of risks; those on the test sample unless given).

    Returns
    -------
    Outcome
        The probability for each response error on either side.
    """
    sides = {}
    for models in params["pairs"]:
        pair = joined(rows[rows["n"] == rows["n"].max()], *models)
        pair = pair.assign(_flag=consistent(pair, *risks(params)), _kept=_predicted(pair, params))
        for key, part in pair.groupby(params["group"], observed=True, sort=False):
            if part["_kept"].notna().all():
                sides[f"{named(models)}, {', '.join(map(str, key))}"] = (part["_flag"].to_numpy(), bool(part["_kept"].iloc[0]))
    if {kept for _, kept in sides.values()} != {True, False}:
        return too_few("response errors on both sides of the flip point are needed")
    level = simultaneous_level(len(sides), params["level"])
    shares = {name: share(flags, level) for name, (flags, _) in sides.items()}
    verdicts = [_verdict(s.low, s.high, sides[name][1], params["threshold"]) for name, s in shares.items()]
    before = [s for name, s in shares.items() if sides[name][1]]
    after = [s for name, s in shares.items() if not sides[name][1]]
    reason = (
        f"consistent with probability at least {min(s.value for s in before):.2f} in {len(before)} cells below the tolerance, "
        f"at most {max(s.value for s in after):.2f} in {len(after)} cells beyond the flip point"
    )
    return Outcome(joint(verdicts), reason, len(rows), shares)


def _predicted(pair: pd.DataFrame, params: Mapping[str, Any]) -> pd.Series:
    """1 where the ranking is predicted to be kept, 0 where flipped, nan where nothing is said."""
    e_r = pair["e_r_1"]
    kept = e_r < params["before"] * pair["tolerance_1"]
    flipped = (e_r > params["after"] * pair["flip_1"]) & (e_r < pair["flip_end_1"] / params["after"])
    return pd.Series(float("nan"), pair.index).mask(kept, 1.0).mask(flipped, 0.0)


def _verdict(low: float, high: float, kept: bool, threshold: float) -> str:
    if not kept:
        low, high = 1 - high, 1 - low
    return HOLDS if low > threshold else VIOLATED if high < 0.5 else INCONCLUSIVE
