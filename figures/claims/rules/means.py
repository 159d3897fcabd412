"""Rules about means over replicates: below a bound, equal to a prediction, different from each other, lowest in between."""

import numpy as np
import pandas as pd

from experiments.estimators.intervals import (
    Interval,
    clopper_pearson,
    mean_interval,
    ratio_interval,
    simultaneous_level,
)
from figures.claims.rules.family import (
    Group,
    above,
    below,
    bracketed,
    contains,
    farthest,
    inside,
    joint,
    judged,
    plus_minus,
    rule,
)
from figures.claims.verdict import HOLDS, INCONCLUSIVE, VIOLATED, Outcome, too_few
from figures.rows import Array, by_n, grouped, without_options


@rule("mean_below")
def mean_below(rows: pd.DataFrame, *, column: str, bound: str, group: Group, level: float) -> Outcome:
    """Holds when in every cell the interval of mean `column` lies below the mean of `bound`; violated when one lies above.

    Cells are told apart by `group` and n; the evidence has the ratio of mean to bound of the tightest cell of each group.
    """
    rows = rows[rows[bound].notna()]
    if rows.empty:
        return too_few(f"no cell has {bound}")
    cells = {
        name: part[column].to_numpy() / float(part[bound].mean())
        for name, part in grouped(rows, [*group, "n"])
    }
    found = judged(cells, level, mean_interval, lambda _, ratio: below(ratio, 1))
    tightest: dict[str, Interval] = {}
    for name, ratio in found.estimates.items():
        label = name.rpartition(", ")[0]
        tightest[label] = max(tightest.get(label, ratio), ratio, key=lambda own: own.value)
    worst, over = max(tightest, key=lambda label: tightest[label].value), found.count(VIOLATED)
    reason = f"mean is at most {tightest[worst].value:.3g} of the bound ({worst}); above it in {over} of {len(cells)} cells"
    return Outcome(found.verdict, reason, len(rows), tightest, {"cells": len(cells), "above": over}, found.verdicts)


@rule("mean_matches")
def mean_matches(
    rows: pd.DataFrame, *, columns: dict[str, str | float], group: Group, margin: float, level: float, relative: bool = False
) -> Outcome:
    """Holds when in every group the interval of the mean lies within the margin of its prediction; violated when one lies
    wholly beyond it.

    `columns` names for each measured column its prediction, a column or a number; `margin` is absolute, or a share of the
    prediction if `relative`. Columns of 0 and 1 get the exact interval of a proportion; missing values are left out.
    """
    values, predicted = {}, {}
    for column, prediction in columns.items():
        for key, part in grouped(rows[rows[column].notna()], group):
            name = f"{column}, {key}"
            values[name] = part[column].to_numpy(dtype=float)
            predicted[name] = float(part[prediction].mean()) if isinstance(prediction, str) else prediction
    if not values or any(len(own) < 2 for own in values.values()):
        return too_few("two replicates of every group are needed")
    reach = {name: margin * (abs(p) if relative else 1) for name, p in predicted.items()}
    found = judged(
        values, level, _mean, lambda k, mean: inside(mean, predicted[k] - reach[k], predicted[k] + reach[k])
    )
    name, worst = found.worst(lambda name, mean: abs(mean.value - predicted[name]))
    reason = f"farthest: {worst.value:.4g} ± {worst.half_width:.2g}, predicted {predicted[name]:.4g} ({name}); "
    reason += f"{found.count(HOLDS)} of {len(values)} means within "
    return found.outcome(rows, reason + (f"{margin:.0%} of the prediction" if relative else f"±{margin:g}"))


@rule("mean_predicted")
def mean_predicted(
    rows: pd.DataFrame, *, column: str, predicted: str, group: Group, margin: float, level: float
) -> Outcome:
    """Holds when in every cell the interval of mean `column` less its prediction, as a share of the mean prediction, contains 0
    and lies within ±`margin`; violated when one misses 0.

    Cells are told apart by `group` and n; differences are taken replicate by replicate, so that a prediction that knows the
    features takes their spread away. Cells without a prediction are left out.
    """
    rows = rows[rows[predicted].notna()]
    if rows.empty or rows.groupby([*group, "n"], observed=True).size().min() < 2:
        return too_few(f"two replicates of every cell and {predicted} are needed")
    cells = {
        name: (part[column] - part[predicted]).to_numpy() / float(part[predicted].mean())
        for name, part in grouped(rows, [*group, "n"])
    }
    found = judged(cells, level, mean_interval, lambda _, share: contains(share, 0, margin))
    name, worst = found.worst(lambda _, share: abs(share.value) / share.half_width if share.half_width else 0.0)
    widest, missed = max(farthest(share, 0) for share in found.estimates.values()), found.count(VIOLATED)
    reason = f"farthest from its prediction: {worst.value:+.2%} ± {worst.half_width:.2%} ({name}); "
    reason += f"intervals reach {widest:.2%}, must stay within {margin:.0%}; {missed} of {len(cells)} cells missed"
    return found.outcome(rows, reason, cells=len(cells), missed=missed)


@rule("median_share_above")
def median_share_above(
    rows: pd.DataFrame, *, column: str, bound: str, group: Group, least: float, level: float
) -> Outcome:
    """Holds when at the largest n the median over groups of mean `column` over mean `bound` lies above `least`, by the lower
    ends of intervals that hold jointly; violated when by their upper ends it lies below.
    """
    rows = rows[(rows["n"] == rows["n"].max()) & rows[bound].notna()]
    if rows.empty or rows.groupby(list(group), observed=True).size().min() < 2:
        return too_few(f"two replicates of every group and {bound} are needed")
    shares = {
        name: part[column].to_numpy() / float(part[bound].mean())
        for name, part in grouped(rows, group)
    }
    estimates = judged(shares, level, mean_interval, lambda _, share: above(share, least)).estimates
    value, low, high = np.median([(s.value, s.low, s.high) for s in estimates.values()], axis=0).tolist()
    middle = Interval(value, low, high, level)
    times = sorted(1 / s.value for s in estimates.values())
    reason = f"bound is {1 / middle.value:.3g} times the mean in the median, {times[0]:.3g} to {times[-1]:.3g} over groups"
    return Outcome(above(middle, least), reason, len(rows), {"median": middle} | estimates)


def _mean(values: Array, level: float) -> Interval:
    if np.isin(values, (0.0, 1.0)).all():
        return clopper_pearson(int(values.sum()), len(values), level)
    return mean_interval(values, level)


@rule("costs_more")
def costs_more(rows: pd.DataFrame, *, column: str, more: str, less: str, least: float, level: float) -> Outcome:
    """Holds when at the largest n and every common e_r of at least `least` the interval of the mean difference of `column`
    between the responses `more` and `less`, replicate by replicate, lies above 0; violated when one lies below.

    `more` and `less` are labels of responses without their options.
    """
    rows = rows[rows["n"] == rows["n"].max()]
    rows = rows.assign(_error=rows["e_r"].round(9), _kind=without_options(rows["responses"]))
    rows = rows[rows["_error"] >= least]
    cell = ["synthetic_law", "learner", "n", "m", "_error"]
    first, second = (rows[rows["_kind"] == kind] for kind in (more, less))
    both = first.merge(second, on=[*cell, "replicate"], suffixes=("_1", "_2"), validate="one_to_one")
    named = [0, *(i for i in (1, 3) if both[cell[i]].nunique() > 1)]
    cells = {
        ", ".join([f"e_r={key[-1]:.3g}", *(str(key[i]) for i in named)]): (part[f"{column}_1"], part[f"{column}_2"])
        for key, part in both.groupby(cell, observed=True, sort=True)
    }
    if not cells:
        return too_few("no response error is common to both directions")
    found = judged(cells, level, lambda c, each: mean_interval(c[0] - c[1], each), lambda _, d: above(d, 0))
    ratios = [one.mean() / two.mean() for one, two in cells.values()]
    times = f"{min(ratios):.2g} to {max(ratios):.2g} times as much"
    return found.outcome(both, f"{more} costs {times} as {less} in {len(cells)} cells")


@rule("dips_between")
def dips_between(rows: pd.DataFrame, *, column: str, axis: str, group: Group, level: float) -> Outcome:
    """Holds when in every group some inner point of the axis lies below both ends; violated when in one group an end lies below
    every inner point.

    Replicates are common along the axis; the intervals hold jointly over groups, inner points and both ends.
    """
    tables = {name: table for name, (_, table) in by_n(rows, group, column, axis).items()}
    if any(len(table) < 3 or table.shape[1] < 2 for table in tables.values()):
        return too_few("an inner point and two replicates are needed")
    each = simultaneous_level(2 * sum(len(table) - 2 for table in tables.values()), level)
    verdicts, parts = {}, []
    shown: dict[str, Interval] = {}
    for name, table in tables.items():
        inner = [[mean_interval(row - table[end], each) for end in (0, -1)] for row in table[1:-1]]
        verdicts[name] = _dips(inner)
        start, end = min(inner, key=lambda pair: pair[0].value + pair[1].value)
        shown |= {f"{name}: against start": start, f"{name}: against end": end}
        parts.append(f"{start.value:+.2g} to the start, {end.value:+.2g} to the end ({name})")
    return Outcome(joint(verdicts), "lowest inner point " + "; ".join(parts), len(rows), shown, groups=verdicts)


def _dips(inner: list[list[Interval]]) -> str:
    """The verdict on one group, from each inner point minus the first and minus the last point."""
    if any(start.high < 0 and end.high < 0 for start, end in inner):
        return HOLDS
    return VIOLATED if any(all(pair[i].low > 0 for pair in inner) for i in (0, 1)) else INCONCLUSIVE


@rule("ratio_below")
def ratio_below(rows: pd.DataFrame, *, column: str, of: str, most: float, group: Group, level: float) -> Outcome:
    """Holds when in every group the interval of mean `column` over mean `of`, taken on the same replicates, lies below `most`;
    violated when one lies above.
    """
    pairs = _pairs(rows, column, of, group)
    if not pairs or any(len(own) < 2 for own, _ in pairs.values()):
        return too_few("two replicates of every group are needed")
    found = judged(pairs, level, lambda pair, each: ratio_interval(*pair, each), lambda _, ratio: below(ratio, most))
    name, worst = found.worst(lambda _, ratio: ratio.high)
    return found.outcome(rows, f"largest ratio {bracketed(worst, '.4g')} ({name}), must be below {most:g}", (worst, most))


@rule("ratio_matches")
def ratio_matches(
    rows: pd.DataFrame, *, column: str, of: str, predicted: str, predicted_of: str, group: Group, margin: float, level: float
) -> Outcome:
    """Holds when in every group the interval of mean `column` over mean `of`, taken on the same replicates, lies within the
    share `margin` of the ratio of the means of `predicted` and `predicted_of`; violated when one lies wholly beyond it.
    """
    pairs = _pairs(rows, column, of, group)
    if not pairs or any(len(own) < 2 for own, _ in pairs.values()):
        return too_few("two replicates of every group are needed")
    wanted = {name: float(a.mean() / b.mean()) for name, (a, b) in _pairs(rows, predicted, predicted_of, group).items()}
    found = judged(
        pairs, level, lambda pair, each: ratio_interval(*pair, each),
        lambda name, ratio: inside(ratio, wanted[name] * (1 - margin), wanted[name] * (1 + margin)),
    )  # fmt: skip
    parts = [f"{name}: {plus_minus(ratio, '.3f')}, predicted {wanted[name]:.3f}" for name, ratio in found.estimates.items()]
    return found.outcome(rows, "; ".join([*parts, f"within {margin:.0%} wanted"]))


def _pairs(rows: pd.DataFrame, column: str, of: str, group: Group) -> dict[str, tuple[Array, Array]]:
    """Both columns of every group, replicates in the same order."""
    return {name: (part[column].to_numpy(), part[of].to_numpy()) for name, part in grouped(rows, group)}
