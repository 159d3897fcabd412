"""Rules about how often synthetic data rank two models as real data do, over replicates.

`pairs` are lists of two learners; `real` and `synthetic` are the columns of risks that rank them.
"""

from collections.abc import Callable, Iterator

import pandas as pd

from experiments.estimators.intervals import Interval, clopper_pearson
from figures.claims.pairs import Pairs, consistent, joined, share
from figures.claims.rules.family import Group, above, below, bracketed, joint, judged, rule
from figures.claims.rules.slopes import rising
from figures.claims.verdict import VIOLATED, Outcome, too_few

REAL, SYNTHETIC = "risk_real_test", "risk_synthetic_test"


def _cells(
    rows: pd.DataFrame, pairs: Pairs, group: Group, keep: Callable[[pd.DataFrame], "pd.Series[bool]"] | None = None
) -> Iterator[tuple[str, pd.DataFrame]]:
    """Yield the joined rows of each pair and group, by name; only those to keep."""
    for models in pairs:
        pair = joined(rows, *models)
        pair = pair if keep is None else pair[keep(pair)]
        for key, part in pair.groupby(list(group), observed=True, sort=False):
            yield f"{' / '.join(models)}, {', '.join(map(str, key))}", part


@rule("consistent")
def consistent_rankings(
    rows: pd.DataFrame, *, pairs: Pairs, group: Group, threshold: float, level: float, beyond: str | None = None,
    real: str = REAL, synthetic: str = SYNTHETIC,
) -> Outcome:  # fmt: skip
    """Holds when at the largest n, for every pair of models and group, the exact interval of the probability of a consistent
    ranking lies above `threshold`; violated when one lies below.

    With `beyond`, a column of the first model, only rows whose `e_r` exceeds it count.
    """
    keep = None if beyond is None else lambda pair: pair["e_r_1"] > pair[f"{beyond}_1"]
    cells = _cells(rows[rows["n"] == rows["n"].max()], pairs, group, keep)
    flags = {name: consistent(part, real, synthetic) for name, part in cells}
    if not flags:
        return too_few("no pair of models has rows here")
    found = judged(flags, level, share, lambda _, s: above(s, threshold))
    name, worst = found.worst(lambda _, s: -s.value)
    reason = f"least probability {bracketed(worst, '.2f')} ({name}), threshold {threshold:g}"
    return found.outcome(rows, reason, groups=len(flags), below=found.count(VIOLATED))


@rule("kept_while_growing")
def kept_while_growing(
    rows: pd.DataFrame, *, column: str, pairs: Pairs, group: Group, threshold: float, level: float
) -> Outcome:
    """Holds when the ranking is consistent with high probability at every response error (rule `consistent`) while the mean of
    `column` rises with e_r for every model (rule `rising`); violated when either is.
    """
    order = consistent_rankings(rows, pairs=pairs, group=group, threshold=threshold, level=level)
    largest = rows[rows["n"] == rows["n"].max()]
    growth = rising(largest, column=column, axis="e_r", group=("learner",), level=level)
    estimates = {**order.estimates, **{f"growth, {name}": e for name, e in growth.estimates.items()}}
    verdict = joint({"order": order.verdict, "growth": growth.verdict})
    groups = {**order.groups, **{f"growth, {name}": v for name, v in growth.groups.items()}}
    return Outcome(verdict, f"order: {order.reason}; growth: {growth.reason}", len(rows), estimates, order.counts, groups)


@rule("tolerance")
def tolerance(
    rows: pd.DataFrame, *, pairs: Pairs, group: Group, before: float, after: float, threshold: float, level: float,
    real: str = REAL, synthetic: str = SYNTHETIC,
) -> Outcome:  # fmt: skip
    """Holds when at the largest n the exact interval of the probability of a consistent ranking lies above `threshold` for e_r
    below `before` times delta*, and below 1 - `threshold` for e_r beyond `after` times delta° (up to where the flipped interval
    ends, over `after`); violated when one lies on the other side of 1/2.

    Rows are of worst responses, `responses` among the groups; the first model, a linear class, has the columns `tolerance`,
    `flip` and `flip_end`.
    """
    flags, kept = {}, {}
    for name, part in _cells(rows[rows["n"] == rows["n"].max()], pairs, group):
        e_r = part["e_r_1"]
        flipped = (e_r > after * part["flip_1"]) & (e_r < part["flip_end_1"] / after)
        predicted = pd.Series(float("nan"), part.index).mask(e_r < before * part["tolerance_1"], 1.0).mask(flipped, 0.0)
        if predicted.notna().all():
            flags[name], kept[name] = consistent(part, real, synthetic), bool(predicted.iloc[0])
    if set(kept.values()) != {True, False}:
        return too_few("response errors on both sides of the flip point are needed")

    def side(name: str, probability: Interval) -> str:
        slack = threshold - 0.5
        return above(probability, threshold, slack) if kept[name] else below(probability, 1 - threshold, slack)

    found = judged(flags, level, share, side)
    first, last = ([s.value for name, s in found.estimates.items() if kept[name] is early] for early in (True, False))
    reason = f"consistent with probability at least {min(first):.2f} in {len(first)} cells below the tolerance, "
    return found.outcome(rows, reason + f"at most {max(last):.2f} in {len(last)} cells beyond the flip point")


@rule("rarely_inconsistent")
def rarely_inconsistent(
    rows: pd.DataFrame, *, pairs: Pairs, bound: str, group: Group, level: float,
    real: str = "excess_real", synthetic: str = "excess_synthetic",
) -> Outcome:  # fmt: skip
    """Holds when in every cell that can tell, the exact interval of the probability of an inconsistent ranking lies below the a
    priori bound of model 2's mean utility over the approximation error of model 1; violated when in any cell one lies above.

    A cell can tell when the bound is below 1 and above the interval's upper end for no inconsistent ranking at all. Of a pair
    the first model is the wrong class, the second has the bound.

    By theory/README.md 6.3 the ranking is consistent where both risks of model 2 are below Phi_F1, the least risk in the class
    of model 1; by Markov's inequality P(inconsistent) <= (E Phi(f~_2) + E Phi(f^_2))/Phi_F1 (6.7), whose numerator the a priori
    bound of the mean utility bounds (its two terms, added).
    """
    cells = dict(_cells(rows, pairs, (*group, "n"), lambda p: p[f"{bound}_2"].notna() & p["class_error_1"].notna()))
    bounds = {name: float(part[f"{bound}_2"].mean() / part["class_error_1"].mean()) for name, part in cells.items()}
    flags = {name: ~consistent(part, real, synthetic) for name, part in cells.items() if bounds[name] < 1}
    lacking = too_few("no cell has a bound that is below 1 and that this many replicates could undercut")
    if not flags:
        return lacking
    found = judged(flags, level, share, lambda name, s: below(s, bounds[name]))
    telling = [k for k, s in found.estimates.items() if clopper_pearson(0, len(flags[k]), s.level).high < bounds[k]]
    over = [name for name, verdict in found.verdicts.items() if verdict == VIOLATED]
    if not telling and not over:
        return lacking
    worst = max(over or telling, key=lambda name: found.estimates[name].high / bounds[name])
    s = found.estimates[worst]
    reason = f"probability at most {s.value:.3g} [{s.low:.2g}, {s.high:.2g}] against a bound of {bounds[worst]:.2g} ({worst}); "
    reason += f"{len(telling)} of {len(cells)} cells can tell, {len(over)} above"
    counts = {"cells": len(cells), "telling": len(telling), "above": len(over)}
    groups = {name: found.verdicts[name] for name in [*telling, *over]}
    return Outcome(joint(groups), reason, len(rows), {worst: s}, counts, groups)
