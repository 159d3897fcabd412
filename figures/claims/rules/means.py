"""Rules about means over replicates: below a bound, equal to a prediction, different from each other, lowest in between."""

import numpy as np
import pandas as pd

from experiments.estimators.intervals import Interval, mean_interval, simultaneous_level, wilson
from figures.claims.rules.family import Rule, above, below, inside, joint, judged, rule
from figures.claims.verdict import HOLDS, INCONCLUSIVE, VIOLATED, Outcome, too_few
from figures.rows import Array, by_n, without_options


@rule("mean_below")
class MeanBelow(Rule):
    """Holds when in every cell the interval of the mean of `column` lies below the mean of `bound`; violated when in one it lies
    above.

    Cells are told apart by `group` and n; the evidence has the ratio of mean to bound of the tightest cell of each group.
    """

    column: str
    bound: str
    group: tuple[str, ...]
    level: float

    def __call__(self, rows: pd.DataFrame) -> Outcome:
        rows = rows[rows[self.bound].notna()]
        if rows.empty:
            return too_few(f"no cell has {self.bound}")
        grouped = rows.groupby([*self.group, "n"], observed=True, sort=False)
        cells = {", ".join(map(str, key)): part for key, part in grouped}
        found = judged(cells, self.level, self._ratio, lambda _, ratio: below(ratio, 1))
        tightest: dict[str, Interval] = {}
        for name, ratio in found.estimates.items():
            label = name.rpartition(", ")[0]
            if label not in tightest or ratio.value > tightest[label].value:
                tightest[label] = ratio
        name, worst = found.worst(lambda _, ratio: ratio.value)
        counts = {"cells": len(cells), "above": found.count(VIOLATED)}
        reason = f"mean is at most {worst.value:.3g} of the bound ({name.rpartition(', ')[0]}); "
        reason += f"above it in {counts['above']} of {counts['cells']} cells"
        return Outcome(found.verdict, reason, len(rows), tightest, counts)

    def _ratio(self, cell: pd.DataFrame, level: float) -> Interval:
        return mean_interval(cell[self.column].to_numpy() / float(cell[self.bound].mean()), level)


@rule("mean_matches")
class MeanMatches(Rule):
    """Holds when in every group the interval of the mean lies within the margin of its prediction; violated when one lies
    wholly beyond it.

    `columns` names for each measured column its prediction, a column or a number; `margin` is absolute, or a share of the
    prediction if `relative`. Columns of 0 and 1 get Wilson's interval, others Student's; missing values are left out.
    """

    columns: dict[str, str | float]
    group: tuple[str, ...]
    margin: float
    level: float
    relative: bool = False

    def __call__(self, rows: pd.DataFrame) -> Outcome:
        values, predicted = {}, {}
        for column, prediction in self.columns.items():
            for key, part in rows[rows[column].notna()].groupby(list(self.group), observed=True, sort=False):
                name = ", ".join(map(str, (column, *key)))
                values[name] = part[column].to_numpy(dtype=float)
                predicted[name] = float(part[prediction].mean()) if isinstance(prediction, str) else prediction
        if not values or any(len(own) < 2 for own in values.values()):
            return too_few("two replicates of every group are needed")
        found = judged(values, self.level, _mean, lambda name, mean: self._verdict(mean, predicted[name]))
        name, worst = found.worst(lambda name, mean: abs(mean.value - predicted[name]))
        margin = f"{self.margin:.0%} of the prediction" if self.relative else f"±{self.margin:g}"
        reason = f"farthest: {worst.value:.4g} ± {worst.half_width:.2g}, predicted {predicted[name]:.4g} ({name}); "
        return found.outcome(rows, f"{reason}{found.count(HOLDS)} of {len(values)} means within {margin}")

    def _verdict(self, mean: Interval, predicted: float) -> str:
        margin = self.margin * (abs(predicted) if self.relative else 1)
        return inside(mean, predicted - margin, predicted + margin)


def _mean(values: Array, level: float) -> Interval:
    if np.isin(values, (0.0, 1.0)).all():
        return wilson(int(values.sum()), len(values), level)
    return mean_interval(values, level)


@rule("costs_more")
class CostsMore(Rule):
    """Holds when at the largest n and every common e_r from `least` to `most` the interval of the mean difference of `column`
    between the responses `more` and `less`, replicate by replicate, lies above 0; violated when one lies below.

    `more` and `less` are labels of responses without their options.
    """

    column: str
    more: str
    less: str
    least: float
    most: float
    level: float

    def __call__(self, rows: pd.DataFrame) -> Outcome:
        rows = rows[rows["n"] == rows["n"].max()]
        rows = rows.assign(_error=rows["e_r"].round(9), _kind=without_options(rows["responses"]))
        rows = rows[rows["_error"].between(self.least, self.most)]
        cell = ["synthetic_law", "learner", "n", "m", "_error"]
        first, second = (rows[rows["_kind"] == kind] for kind in (self.more, self.less))
        both = first.merge(second, on=[*cell, "replicate"], suffixes=("_1", "_2"), validate="one_to_one")
        named = ["synthetic_law", *(c for c in ("learner", "m") if both[c].nunique() > 1)]
        cells = {
            ", ".join([f"e_r={key[-1]:.3g}", *(str(key[cell.index(c)]) for c in named)]): part
            for key, part in both.groupby(cell, observed=True, sort=True)
        }
        if not cells:
            return too_few("no response error is common to both directions")
        one, two = f"{self.column}_1", f"{self.column}_2"
        found = judged(cells, self.level, lambda c, level: mean_interval(c[one] - c[two], level), lambda _, d: above(d, 0))
        ratios = [part[one].mean() / part[two].mean() for part in cells.values()]
        times = f"{min(ratios):.2g} to {max(ratios):.2g} times as much"
        return found.outcome(both, f"{self.more} costs {times} as {self.less} in {len(cells)} cells")


@rule("dips_between")
class DipsBetween(Rule):
    """Holds when in every group some inner point of the axis lies below both ends; violated when in one group an end lies below
    every inner point.

    Replicates are common along the axis; the intervals hold jointly over groups, inner points and both ends.
    """

    column: str
    axis: str
    group: tuple[str, ...]
    level: float

    def __call__(self, rows: pd.DataFrame) -> Outcome:
        tables = {name: table for name, (_, table) in by_n(rows, self.group, self.column, self.axis).items()}
        if any(len(table) < 3 or table.shape[1] < 2 for table in tables.values()):
            return too_few("an inner point and two replicates are needed")
        level = simultaneous_level(2 * sum(len(table) - 2 for table in tables.values()), self.level)
        verdicts, parts = {}, []
        shown: dict[str, Interval] = {}
        for name, table in tables.items():
            below_ends = [[mean_interval(row - table[end], level) for end in (0, -1)] for row in table[1:-1]]
            verdicts[name] = _dips(below_ends)
            start, end = min(below_ends, key=lambda pair: pair[0].value + pair[1].value)
            shown |= {f"{name}: against start": start, f"{name}: against end": end}
            parts.append(f"{start.value:+.2g} to the start, {end.value:+.2g} to the end ({name})")
        return Outcome(joint(verdicts), "lowest inner point " + "; ".join(parts), len(rows), shown)


def _dips(below_ends: list[list[Interval]]) -> str:
    """The verdict on one group, from each inner point minus the first and minus the last point."""
    if any(start.high < 0 and end.high < 0 for start, end in below_ends):
        return HOLDS
    an_end_is_lowest = any(all(pair[i].low > 0 for pair in below_ends) for i in (0, 1))
    return VIOLATED if an_end_is_lowest else INCONCLUSIVE
