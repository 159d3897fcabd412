"""Rules about the slope of the logarithm of a mean on the logarithm of a size."""

from math import inf

import pandas as pd

from experiments.estimators.intervals import Interval
from experiments.estimators.slopes import log_slope, slope_excess
from figures.claims.rules.family import Rule, above, below, bracketed, inside, judged, plus_minus, rule
from figures.claims.verdict import Outcome, too_few
from figures.rows import Array, by_n

Table = tuple[Array, Array]


def slope(table: Table, level: float) -> Interval:
    """Return the slope of one group: sizes (K,) and values (K, R)."""
    return log_slope(*table, level)


@rule("vanishing")
class Vanishing(Rule):
    """Holds when every group's interval of the slope of log mean on log size lies below `threshold`; violated when one lies above.

    A limit of zero at a polynomial rate shows as a negative slope that stays; a curve that levels off at a positive value has
    a slope near 0 in the end. The threshold, a little below 0, tells the two apart. `axis` is the column of sizes.
    """

    column: str
    group: tuple[str, ...]
    threshold: float
    level: float
    axis: str = "n"

    def __call__(self, rows: pd.DataFrame) -> Outcome:
        tables = by_n(rows, self.group, self.column, self.axis)
        if any(len(sizes) < 3 for sizes, _ in tables.values()):
            return too_few("slopes need three sample sizes")
        found = judged(tables, self.level, slope, lambda _, s: below(s, self.threshold))
        name, worst = found.worst(lambda _, s: s.value)
        reason = f"flattest slope {bracketed(worst, '.2f')} ({name}), threshold {self.threshold:g}"
        return found.outcome(rows, reason, nearest=(worst, self.threshold))


@rule("rising")
class Rising(Rule):
    """Holds when in every group the interval of the slope of log mean `column` (divided by `of`, where given) lies above 0;
    violated when in one it lies below.

    With `small`, `large` and `share`, only cells whose mean `small` is at most `share` times the mean `large` count. Groups
    with fewer than three points on the axis are left out.
    """

    column: str
    group: tuple[str, ...]
    level: float
    of: str | None = None
    axis: str = "n"
    small: str | None = None
    large: str | None = None
    share: float | None = None

    def __call__(self, rows: pd.DataFrame) -> Outcome:
        rows = rows.assign(_value=rows[self.column] / (1.0 if self.of is None else rows[self.of]))
        if self.small is not None:
            means = rows.groupby("cell")[[self.small, self.large]].transform("mean")
            rows = rows[means[self.small] <= self.share * means[self.large]]
        tables = {k: t for k, t in by_n(rows, self.group, "_value", self.axis).items() if len(t[0]) >= 3}
        if not tables:
            return too_few("no group has three points on the axis" + (" in the cells asked for" if self.small else ""))
        found = judged(tables, self.level, slope, lambda _, s: above(s, 0))
        name, worst = found.worst(lambda _, s: -s.value)
        reason = f"flattest of {len(tables)} slopes {plus_minus(worst, '.3f')} ({name})"
        ends = tables[name][1].mean(axis=1)
        return found.outcome(rows, f"{reason}, there from {ends[0]:.3g} to {ends[-1]:.3g}", nearest=(worst, 0.0))


@rule("slope_between")
class SlopeBetween(Rule):
    """Holds when in every group the interval of the slope of log mean on the logarithm of the axis lies in [low, high];
    violated when one lies wholly outside.
    """

    column: str
    axis: str
    group: tuple[str, ...]
    level: float
    low: float = -inf
    high: float = inf

    def __call__(self, rows: pd.DataFrame) -> Outcome:
        tables = by_n(rows[rows[self.column].notna()], self.group, self.column, self.axis)
        short = any(min(s.shape[0] - 1, s.shape[1]) < 2 or (s.mean(axis=1) <= 0).any() for _, s in tables.values())
        if not tables or short:
            return too_few("slopes need three points of the axis and positive means")
        found = judged(tables, self.level, slope, lambda _, s: inside(s, self.low, self.high))
        name, worst = found.worst(lambda _, s: max(self.low - s.low, s.high - self.high))
        low, high = (f"{end:g}".replace("-inf", "−∞").replace("inf", "∞") for end in (self.low, self.high))
        return found.outcome(rows, f"slope {bracketed(worst, '.3f')} ({name}), expected in [{low}, {high}]")


@rule("slope_at_most")
class SlopeAtMost(Rule):
    """Holds when in every group the interval of the slope of log mean `column` on log n lies below the predicted slope;
    violated when in one it lies above.

    `predicted` is a column of slopes, constant in a group; groups without a prediction are left out.
    """

    column: str
    predicted: str
    group: tuple[str, ...]
    level: float

    def __call__(self, rows: pd.DataFrame) -> Outcome:
        rows = rows[rows[self.predicted].notna()]
        tables = by_n(rows, self.group, self.column)
        if not tables or any(len(sizes) < 3 for sizes, _ in tables.values()):
            return too_few("slopes need three sample sizes and a prediction")
        predicted = {name: float(s.mean()) for name, (_, s) in by_n(rows, self.group, self.predicted).items()}
        found = judged(tables, self.level, slope, lambda name, s: below(s, predicted[name]))
        first, worst = found.worst(lambda name, s: s.value - predicted[name])
        slopes = {first: worst} | found.estimates  # the one nearest to its prediction first
        parts = [f"{name}: {plus_minus(s, '.2f')}, predicted {predicted[name]:.2f}" for name, s in slopes.items()]
        return found.outcome(rows, "; ".join(parts), nearest=(worst, predicted[first]))


@rule("slope_as_power")
class SlopeAsPower(Rule):
    """Holds when in every group the interval of slope(log mean `column`) - exponent slope(log mean `against`), on log n, lies
    below 0; violated when in one it lies above.

    `exponent` is a column, constant in a group; groups without an exponent are left out.
    """

    column: str
    against: str
    exponent: str
    group: tuple[str, ...]
    level: float

    def __call__(self, rows: pd.DataFrame) -> Outcome:
        rows = rows[rows[self.exponent].notna()]
        tables, against, exponents = (by_n(rows, self.group, c) for c in (self.column, self.against, self.exponent))
        if not tables or any(len(sizes) < 3 for sizes, _ in tables.values()):
            return too_few("slopes need three sample sizes and an exponent")
        if any((samples.mean(axis=1) <= 0).any() for _, samples in tables.values()):
            return too_few("a mean is 0: the logarithm needs more replicates or smaller sizes")
        groups = {name: (*table, against[name][1], float(exponents[name][1].mean())) for name, table in tables.items()}
        found = judged(groups, self.level, lambda data, level: slope_excess(*data, level), lambda _, d: below(d, 0))
        name, worst = found.worst(lambda _, d: d.value)
        return found.outcome(rows, f"largest excess of slope {bracketed(worst, '.2f')} ({name})", nearest=(worst, 0.0))
