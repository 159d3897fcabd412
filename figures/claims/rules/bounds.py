"""Rules about bounds: they hold on every replicate, are attained, and certify no wrong ranking."""

import numpy as np
import pandas as pd

from experiments.config.registry import require
from figures.claims.pairs import certified, consistent, joined, named
from figures.claims.rules.family import Rule, rule
from figures.claims.verdict import HOLDS, VIOLATED, Outcome, too_few


@rule("never_above")
class NeverAbove(Rule):
    """Holds when `column` exceeds `bound` on no replicate, beyond `tolerance` (rounding: 1e-9) of the squared sup norm.

    The squared sup norm is the scale on which a bound is computed (theory/README.md, section 9). A larger tolerance is for a
    bound of the law and a value at the nodes. The reason has the quartiles of bound/value.
    """

    column: str
    bound: str
    tolerance: float = 1e-9

    def __call__(self, rows: pd.DataFrame) -> Outcome:
        value, bound = rows[self.column].to_numpy(), rows[self.bound].to_numpy()
        over = int((value > bound + self.tolerance * rows["sup_norm"].to_numpy() ** 2).sum())
        low, middle, high = np.quantile(bound / np.maximum(value, 1e-300), [0.25, 0.5, 0.75])
        reason = f"{over} of {len(rows)} replicates above; bound/value median {middle:.3g}, quartiles {low:.3g} to {high:.3g}"
        counts = {"replicates": len(rows), "violations": over}
        return Outcome(VIOLATED if over else HOLDS, reason, len(rows), {}, counts)


@rule("attained")
class Attained(Rule):
    """Holds when `column` is the bound times 1 +- `tolerance` in every row where the bound is known and positive."""

    column: str
    bound: str
    tolerance: float

    def __call__(self, rows: pd.DataFrame) -> Outcome:
        rows = rows[rows[self.bound].notna() & (rows[self.bound] > 0)]
        if rows.empty:
            return too_few(f"no row has {self.bound}")
        off = np.abs(rows[self.column].to_numpy() / rows[self.bound].to_numpy() - 1)
        missed = int((off > self.tolerance).sum())
        reason = f"largest relative difference {off.max():.2g} over {len(off)} rows; {missed} beyond {self.tolerance:g}"
        return Outcome(VIOLATED if missed else HOLDS, reason, len(off), {}, {"rows": len(off), "missed": missed})


@rule("certified")
class Certified(Rule):
    """Holds when every replicate that bounds certify is ranked consistently.

    By `gap`: the gap of the real risks exceeds the sum of the bounds of both utilities. By `class`: the bound of both risks
    of model 2 lies below the least risk in the class of model 1. The reason has the share that is certified at the largest n.
    """

    pairs: tuple[tuple[str, ...], ...]
    by: str
    bound: str

    def __post_init__(self) -> None:
        super().__post_init__()
        require(self.by in ("gap", "class"), "by", "gap or class", self.by)

    def __call__(self, rows: pd.DataFrame) -> Outcome:
        counts, shares = {"replicates": 0, "certified": 0, "inconsistent": 0}, []
        for models in self.pairs:
            pair = joined(rows, *models)
            if pair.empty:
                continue
            sure = certified(pair, self.by, self.bound)
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
