"""Rules about how often synthetic data rank two models as real data do, over replicates.

`pairs` are lists of two learners; `real` and `synthetic` are the columns of risks that rank them. `axis` is a column of sizes
of errors in the responses: `e_r`, or `wrong_labels`.
"""

from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Literal

import pandas as pd

from experiments.estimators.intervals import mean_interval
from figures.claims.pairs import Flags, Pairs, consistent, joined, share
from figures.claims.rules.family import Group, above, below, bracketed, joint, judged, kept_or_flipped, rule
from figures.claims.verdict import INCONCLUSIVE, VIOLATED, Outcome, too_few
from figures.rows import Array, grouped

REAL, SYNTHETIC = "risk_real_test", "risk_synthetic_test"


def _cells(
    rows: pd.DataFrame, pairs: Pairs, group: Group, keep: Callable[[pd.DataFrame], "pd.Series[bool]"] | None = None
) -> Iterator[tuple[str, pd.DataFrame]]:
    """Yield the joined rows of each pair and group, by name; only those to keep."""
    for models in pairs:
        pair = joined(rows, *models)
        pair = pair if keep is None else pair[keep(pair)]
        for name, part in grouped(pair, group):
            yield f"{' / '.join(models)}, {name}", part


def _flipped(pair: pd.DataFrame, axis: str, flip: str, after: float) -> "pd.Series[bool]":
    """Whether the axis lies within the flipped interval, off its ends by the factor `after`."""
    return (pair[f"{axis}_1"] > after * pair[f"{flip}_1"]) & (pair[f"{axis}_1"] < pair[f"{flip}_end_1"] / after)


@rule("consistent")
def consistent_rankings(
    rows: pd.DataFrame, *, pairs: Pairs, group: Group, threshold: float, level: float, beyond: str | None = None,
    after: float = 1.0, axis: str = "e_r", real: str = REAL, synthetic: str = SYNTHETIC,
) -> Outcome:  # fmt: skip
    """Holds when at the largest n, for every pair of models and group, the interval of the probability of a consistent ranking
    lies above `threshold`; violated when one lies below.

    With `beyond`, a column of the first model, only rows count whose `axis` exceeds it `after` times, up to `beyond` with
    `_end` over `after`.
    """
    keep = None if beyond is None else lambda pair: _flipped(pair, axis, beyond, after)
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
    rows: pd.DataFrame, *, column: str, pairs: Pairs, group: Group, before: float, threshold: float, level: float,
    tolerance: str = "tolerance", axis: str = "e_r", real: str = REAL, synthetic: str = SYNTHETIC,
) -> Outcome:  # fmt: skip
    """Holds when in every group, at the largest n and every point of the axis below `before` times `tolerance`, the interval of
    the probability of a consistent ranking lies above `threshold`, and the interval of the mean difference of `column`, of the
    model with the smaller real risk, from each point to the next, above 0; violated when in one group one of them lies below.

    `tolerance` is a column of the first model; differences are taken replicate by replicate.
    """
    largest = rows[rows["n"] == rows["n"].max()]
    cells = _cells(largest, pairs, group, lambda p: p[f"{axis}_1"] < before * p[f"{tolerance}_1"])
    flags: dict[tuple[str, str], Flags] = {}
    steps: dict[tuple[str, str], Array] = {}
    for name, part in cells:
        better = 1 if part[f"{real}_1"].mean() < part[f"{real}_2"].mean() else 2
        table = part.pivot(index="replicate", columns=f"{axis}_1", values=f"{column}_{better}")
        flags |= {(name, f"order at {x:.3g}"): consistent(own, real, synthetic) for x, own in part.groupby(f"{axis}_1")}
        moves = {f"{x:.3g} to {y:.3g}": (table[y] - table[x]).to_numpy() for x, y in pairwise(table)}
        steps |= {(name, f"{column} of model {better} from {where}"): move for where, move in moves.items()}
    if not steps:
        return too_few("two response errors below the tolerance are needed")
    number = len(flags) + len(steps)
    order = judged({", ".join(k): own for k, own in flags.items()}, level, share, lambda _, s: above(s, threshold), number)
    growth = judged({", ".join(k): own for k, own in steps.items()}, level, mean_interval, lambda _, s: above(s, 0), number)
    parts = order.verdicts | growth.verdicts
    groups = {name: joint({k: parts[", ".join(k)] for k in (*flags, *steps) if k[0] == name}) for name, _ in flags}
    (first, least), (second, flattest) = order.worst(lambda _, s: -s.value), growth.worst(lambda _, s: -s.low)
    reason = f"least probability {bracketed(least, '.2f')} ({first}), threshold {threshold:g}; "
    reason += f"least growth {bracketed(flattest, '.2g')} ({second})"
    return Outcome(joint(groups), reason, len(rows), order.estimates | growth.estimates, groups=groups)


@rule("tolerance")
def tolerance_to_errors(
    rows: pd.DataFrame, *, pairs: Pairs, group: Group, before: float, after: float, threshold: float, level: float,
    side: Literal["both", "flipped"] = "both", tolerance: str = "tolerance", flip: str = "flip", axis: str = "e_r",
    real: str = REAL, synthetic: str = SYNTHETIC,
) -> Outcome:  # fmt: skip
    """Holds when at the largest n the interval of the probability of a consistent ranking lies above `threshold` where the axis
    is below `before` times `tolerance`, and below 1 - `threshold` where it is beyond `after` times `flip` (up to where the
    flipped interval ends, over `after`); violated when one lies on the other side of 1/2. With `side: flipped` only the second
    half counts.

    Each group is one point of the axis. The first model, a linear class or logistic regression, has the columns `tolerance`,
    `flip` and the latter with `_end`.
    """
    flags, kept = {}, {}
    for name, part in _cells(rows[rows["n"] == rows["n"].max()], pairs, group):
        early = (part[f"{axis}_1"] < before * part[f"{tolerance}_1"]) & (side == "both")
        predicted = pd.Series(float("nan"), part.index).mask(early, 1.0).mask(_flipped(part, axis, flip, after), 0.0)
        if predicted.notna().all():
            flags[name], kept[name] = consistent(part, real, synthetic), bool(predicted.iloc[0])
    if set(kept.values()) != ({True, False} if side == "both" else {False}):
        return too_few("response errors on both sides of the flip point are needed")

    found = judged(flags, level, share, lambda name, s: kept_or_flipped(s, kept[name], threshold))
    first, last = ([s.value for name, s in found.estimates.items() if kept[name] is early] for early in (True, False))
    reason = f"at least {min(first):.2f} in {len(first)} cells below the tolerance, " if first else ""
    reason += f"at most {max(last):.2f} in {len(last)} cells beyond the flip point"
    return found.outcome(rows, f"consistent with probability {reason}")


@rule("rarely_inconsistent")
def rarely_inconsistent(
    rows: pd.DataFrame, *, pairs: Pairs, bound: str, group: Group, level: float,
    real: str = "excess_real", synthetic: str = "excess_synthetic",
) -> Outcome:  # fmt: skip
    """Holds when in every cell with an a priori bound below 1, of model 2's mean utility over the approximation error of model
    1, the interval of the probability of an inconsistent ranking lies below it; violated when in any cell one lies above.

    Cells are told apart by pair, group and n. Of a pair the first model is the wrong class, the second has the bound.

    By theory/README.md 6.3 the ranking is consistent where both risks of model 2 are below Phi_F1, the least risk in the class
    of model 1; by Markov's inequality P(inconsistent) <= (E Phi(f~_2) + E Phi(f^_2))/Phi_F1 (6.7), whose numerator the a priori
    bound of the mean utility bounds (its two terms, added).
    """
    cells = dict(_cells(rows, pairs, (*group, "n"), lambda p: p[f"{bound}_2"].notna() & p["class_error_1"].notna()))
    bounds = {name: float(part[f"{bound}_2"].mean() / part["class_error_1"].mean()) for name, part in cells.items()}
    flags = {name: ~consistent(part, real, synthetic) for name, part in cells.items() if bounds[name] < 1}
    if not flags:
        return too_few("no cell has a bound below 1")
    found = judged(flags, level, share, lambda name, s: below(s, bounds[name]))
    name, worst = found.worst(lambda name, s: s.high / bounds[name])
    reason = f"probability at most {bracketed(worst, '.2g')} against a bound of {bounds[name]:.2g} ({name}); "
    reason += f"{len(flags)} of {len(cells)} cells have a bound below 1, {found.count(INCONCLUSIVE)} too few replicates, "
    over = found.count(VIOLATED)
    return found.outcome(rows, reason + f"{over} above", cells=len(cells), judged=len(flags), above=over)
