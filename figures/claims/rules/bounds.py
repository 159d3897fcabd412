"""Rules about bounds: they hold on every replicate, are attained, and certify no wrong ranking."""

from typing import Literal

import numpy as np
import pandas as pd

from figures.claims.pairs import Pairs, certified, consistent, joined
from figures.claims.rules.family import rule
from figures.claims.verdict import HOLDS, VIOLATED, Outcome, too_few


@rule("never_above")
def never_above(rows: pd.DataFrame, *, column: str, bound: str, tolerance: float = 1e-9) -> Outcome:
    """Holds when `column` exceeds `bound` on no replicate, beyond `tolerance` (rounding: 1e-9) of the squared sup norm.

    The squared sup norm is the scale on which a bound is computed (theory/README.md, section 9). A larger tolerance is for a
    bound of the law and a value at the nodes. The reason has the quartiles of bound/value.
    """
    value, limit = rows[column].to_numpy(), rows[bound].to_numpy()
    over = int((value > limit + tolerance * rows["sup_norm"].to_numpy() ** 2).sum())
    low, middle, high = np.quantile(limit / np.maximum(value, 1e-300), [0.25, 0.5, 0.75])
    reason = f"{over} of {len(rows)} replicates above; bound/value median {middle:.3g}, quartiles {low:.3g} to {high:.3g}"
    counts = {"replicates": len(rows), "violations": over}
    return Outcome(VIOLATED if over else HOLDS, reason, len(rows), {}, counts)


@rule("attained")
def attained(rows: pd.DataFrame, *, column: str, bound: str, tolerance: float) -> Outcome:
    """Holds when `column` is the bound times 1 +- `tolerance` in every row where the bound is known and positive."""
    rows = rows[rows[bound].notna() & (rows[bound] > 0)]
    if rows.empty:
        return too_few(f"no row has {bound}")
    off = np.abs(rows[column].to_numpy() / rows[bound].to_numpy() - 1)
    missed = int((off > tolerance).sum())
    reason = f"largest relative difference {off.max():.2g} over {len(off)} rows; {missed} beyond {tolerance:g}"
    return Outcome(VIOLATED if missed else HOLDS, reason, len(off), {}, {"rows": len(off), "missed": missed})


@rule("certified")
def certified_rankings(rows: pd.DataFrame, *, pairs: Pairs, by: Literal["gap", "class"], bound: str) -> Outcome:
    """Holds when every replicate that bounds certify is ranked consistently.

    By `gap`: the gap of the real risks exceeds the sum of the bounds of both utilities. By `class`: the bound of both risks
    of model 2 lies below the least risk in the class of model 1. The reason has the share that is certified at the largest n.
    """
    counts, shares = {"replicates": 0, "certified": 0, "inconsistent": 0}, []
    for models in pairs:
        pair = joined(rows, *models)
        if pair.empty:
            continue
        sure, agrees = certified(pair, by, bound), consistent(pair, "excess_real", "excess_synthetic")
        counts["replicates"] += len(pair)
        counts["certified"] += int(sure.sum())
        counts["inconsistent"] += int((sure & ~agrees).sum())
        shares.append(f"{' / '.join(models)} {sure[(pair['n'] == pair['n'].max()).to_numpy()].mean():.0%}")
    if not counts["replicates"]:
        return too_few("no pair of models has rows here")
    reason = f"{counts['inconsistent']} of {counts['certified']} certified rankings inconsistent; certified at the largest n: "
    verdict = VIOLATED if counts["inconsistent"] else HOLDS
    return Outcome(verdict, reason + ", ".join(shares), counts["replicates"], {}, counts)
