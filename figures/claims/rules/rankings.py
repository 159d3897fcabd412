"""Rules about how often synthetic data rank two models as real data do, over replicates."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pandas as pd

from experiments.config.registry import require
from experiments.estimators.intervals import Interval, wilson
from figures.claims.pairs import Flags, consistent, joined, named, share
from figures.claims.rules.family import Rule, above, below, bracketed, joint, judged, rule
from figures.claims.rules.slopes import Rising
from figures.claims.verdict import HOLDS, INCONCLUSIVE, VIOLATED, Outcome, too_few


@dataclass(frozen=True, kw_only=True)
class PairRule(Rule):
    """A rule about pairs of models in groups of rows; `real` and `synthetic` are the columns of risks that rank them."""

    pairs: tuple[tuple[str, ...], ...]
    group: tuple[str, ...]
    level: float
    real: str = "risk_real_test"
    synthetic: str = "risk_synthetic_test"

    def __post_init__(self) -> None:
        super().__post_init__()
        require(all(len(models) == 2 for models in self.pairs), "pairs", "lists of two learners", self.pairs)

    def _cells(
        self, rows: pd.DataFrame, group: tuple[str, ...], keep: Callable[[pd.DataFrame], "pd.Series[bool]"] | None = None
    ) -> Iterator[tuple[str, pd.DataFrame]]:
        """Yield the joined rows of each pair and group, by name; only those to keep."""
        for models in self.pairs:
            pair = joined(rows, *models)
            pair = pair if keep is None else pair[keep(pair)]
            for key, part in pair.groupby(list(group), observed=True, sort=False):
                yield f"{named(models)}, {', '.join(map(str, key))}", part

    def _consistent(self, part: pd.DataFrame) -> Flags:
        return consistent(part, self.real, self.synthetic)


@rule("consistent")
class Consistent(PairRule):
    """Holds when at the largest n, for every pair of models and group, Wilson's interval of the probability of a consistent
    ranking lies above `threshold`; violated when one lies below.

    With `beyond`, a column of the first model, only rows whose `e_r` exceeds it count.
    """

    threshold: float
    beyond: str | None = None

    def __call__(self, rows: pd.DataFrame) -> Outcome:
        keep = None if self.beyond is None else lambda pair: pair["e_r_1"] > pair[f"{self.beyond}_1"]
        at_largest = rows[rows["n"] == rows["n"].max()]
        flags = {name: self._consistent(part) for name, part in self._cells(at_largest, self.group, keep)}
        if not flags:
            return too_few("no pair of models has rows here")
        found = judged(flags, self.level, share, lambda _, s: above(s, self.threshold))
        name, worst = found.worst(lambda _, s: -s.value)
        reason = f"least probability {bracketed(worst, '.2f')} ({name}), threshold {self.threshold:g}"
        return found.outcome(rows, reason, {"groups": len(flags), "below": found.count(VIOLATED)})


@rule("kept_while_growing")
class KeptWhileGrowing(Consistent):
    """Holds when the ranking is consistent with high probability at every response error (rule `consistent`) while the mean of
    `column` rises with e_r for every model (rule `rising`); violated when either is.
    """

    column: str

    def __call__(self, rows: pd.DataFrame) -> Outcome:
        order = super().__call__(rows)
        rising = Rising(column=self.column, axis="e_r", group=("learner",), level=self.level)
        growth = rising(rows[rows["n"] == rows["n"].max()])
        estimates = {**order.estimates, **{f"growth, {name}": e for name, e in growth.estimates.items()}}
        verdict = joint({"order": order.verdict, "growth": growth.verdict})
        return Outcome(verdict, f"order: {order.reason}; growth: {growth.reason}", len(rows), estimates, order.counts)


@rule("tolerance")
class Tolerance(PairRule):
    """Holds when at the largest n Wilson's interval of the probability of a consistent ranking lies above `threshold` for e_r
    below `before` times delta*, and below 1 - `threshold` for e_r beyond `after` times delta° (up to where the flipped interval
    ends, over `after`); violated when one lies on the other side of 1/2.

    Rows are of worst responses, `responses` among the groups; the first model, a linear class, has the columns `tolerance`,
    `flip` and `flip_end`.
    """

    before: float
    after: float
    threshold: float

    def __call__(self, rows: pd.DataFrame) -> Outcome:
        flags, kept = {}, {}
        for name, part in self._cells(rows[rows["n"] == rows["n"].max()], self.group):
            side = self._predicted(part)
            if side.notna().all():
                flags[name], kept[name] = self._consistent(part), bool(side.iloc[0])
        if set(kept.values()) != {True, False}:
            return too_few("response errors on both sides of the flip point are needed")
        found = judged(flags, self.level, share, lambda name, s: self._verdict(s, kept[name]))
        before, after = ([s.value for name, s in found.estimates.items() if kept[name] is side] for side in (True, False))
        reason = f"consistent with probability at least {min(before):.2f} in {len(before)} cells below the tolerance, "
        return found.outcome(rows, reason + f"at most {max(after):.2f} in {len(after)} cells beyond the flip point")

    def _predicted(self, pair: pd.DataFrame) -> "pd.Series[float]":
        """1 where the ranking is predicted to be kept, 0 where flipped, nan where nothing is said."""
        e_r = pair["e_r_1"]
        flipped = (e_r > self.after * pair["flip_1"]) & (e_r < pair["flip_end_1"] / self.after)
        unsaid = pd.Series(float("nan"), pair.index)
        return unsaid.mask(e_r < self.before * pair["tolerance_1"], 1.0).mask(flipped, 0.0)

    def _verdict(self, probability: Interval, kept: bool) -> str:
        low, high = (probability.low, probability.high) if kept else (1 - probability.high, 1 - probability.low)
        return HOLDS if low > self.threshold else VIOLATED if high < 0.5 else INCONCLUSIVE


@rule("rarely_inconsistent")
class RarelyInconsistent(PairRule):
    """Holds when in every cell that can tell, Wilson's interval of the probability of an inconsistent ranking lies below the a
    priori bound of model 2's mean utility over the approximation error of model 1; violated when in any cell one lies above.

    A cell can tell when the bound is below 1 and above the interval's upper end for no inconsistent ranking at all. Of a pair
    the first model is the wrong class, the second has the bound.

    By theory/README.md 6.3 the ranking is consistent where both risks of model 2 are below A_1, the least risk in the class
    of model 1; by Markov's inequality P(inconsistent) <= (E Phi(f~_2) + E Phi(f^_2))/A_1, whose numerator the a priori bound of
    the mean utility bounds (its two terms, added).
    """

    bound: str
    real: str = "excess_real"
    synthetic: str = "excess_synthetic"

    def __call__(self, rows: pd.DataFrame) -> Outcome:
        second = f"{self.bound}_2"
        cells = dict(self._cells(rows, (*self.group, "n"), lambda p: p[second].notna() & p["class_error_1"].notna()))
        bounds = {name: float(c[second].mean() / c["class_error_1"].mean()) for name, c in cells.items()}
        flags = {name: ~self._consistent(c) for name, c in cells.items() if bounds[name] < 1}
        found = judged(flags, self.level, share, lambda name, s: below(s, bounds[name])) if flags else None
        shares = found.estimates if found else {}
        telling = [n for n, s in shares.items() if wilson(0, len(flags[n]), s.level).high < bounds[n]]
        above_bound = [n for n, s in shares.items() if s.low > bounds[n]]
        if found is None or not (telling or above_bound):
            return too_few("no cell has a bound that is below 1 and that this many replicates could undercut")
        worst = max(above_bound or telling, key=lambda name: shares[name].high / bounds[name])
        s = shares[worst]
        reason = f"probability at most {s.value:.3g} [{s.low:.2g}, {s.high:.2g}] against a bound of {bounds[worst]:.2g} ({worst}); "
        reason += f"{len(telling)} of {len(cells)} cells can tell, {len(above_bound)} above"
        counts = {"cells": len(cells), "telling": len(telling), "above": len(above_bound)}
        verdict = joint({name: found.verdicts[name] for name in [*telling, *above_bound]})
        return Outcome(verdict, reason, len(rows), {worst: s}, counts)
