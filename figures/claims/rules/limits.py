"""Rules about where a mean ends as n grows: the limit of its fit a + b/n, the floor and the forecast of a scaling law."""

import pandas as pd

from experiments.config.registry import require
from experiments.estimators.intervals import Interval, around
from experiments.estimators.power_laws import fit_power_law
from experiments.estimators.slopes import plateau
from figures.claims.rules.family import Rule, about, above, bracketed, judged, pins, plus_minus, rule
from figures.claims.verdict import INCONCLUSIVE, Outcome, too_few
from figures.rows import Array, by_n

Table = tuple[Array, Array]


def limit(table: Table, level: float) -> Interval:
    """Return the constant a of the fit a + b/n to one group: sizes (K,) and values (K, R)."""
    return plateau(*table, level)


@rule("limit_above")
class LimitAbove(Rule):
    """Holds when in every group the interval of a in the fit a + b/n lies above `least`; violated when in one it lies below."""

    column: str
    group: tuple[str, ...]
    least: float
    level: float

    def __call__(self, rows: pd.DataFrame) -> Outcome:
        tables = by_n(rows, self.group, self.column)
        if any(len(sizes) < 3 for sizes, _ in tables.values()):
            return too_few("limits need three sample sizes")
        found = judged(tables, self.level, limit, lambda _, a: above(a, self.least))
        name, worst = found.worst(lambda _, a: -a.low)
        return found.outcome(rows, f"limit {bracketed(worst, '.4f')} ({name}), must exceed {self.least:g}")


@rule("settles_at")
class SettlesAt(Rule):
    """Holds when in every group the interval of a in the fit a + b/n contains the predicted limit with a half-width below the
    margin; violated when one misses it.

    `limit` is a column of predictions or a number. The margin is `margin`, or `share` of the largest absolute value of the
    column `scale`, which is the column of predictions unless given; rows without a scale are left out.
    """

    column: str
    limit: str | float
    group: tuple[str, ...]
    level: float
    share: float | None = None
    scale: str | None = None
    margin: float | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        given = self.margin is not None or (self.share is not None and self._scale is not None)
        require(given, "margin", "this, or share with a column as limit or scale", self.margin)

    @property
    def _scale(self) -> str | None:
        return self.limit if self.scale is None and isinstance(self.limit, str) else self.scale

    def __call__(self, rows: pd.DataFrame) -> Outcome:
        if self.margin is None:
            rows = rows[rows[self._scale].notna()]
        tables = by_n(rows, self.group, self.column)
        if not tables or any(len(sizes) < 3 for sizes, _ in tables.values()):
            return too_few("limits need three sample sizes and a prediction")
        predicted, margin = self._predicted(rows), self._margin(rows)
        found = judged(tables, self.level, limit, lambda name, a: pins(a, predicted[name], margin))
        parts = [f"{name}: {plus_minus(a, '.4f')}, predicted {predicted[name]:.4f}" for name, a in found.estimates.items()]
        reason = "; ".join(parts) + f"; half-widths must be below {margin:.4f}"
        if found.verdict == INCONCLUSIVE:
            widest = max(a.half_width for a in found.estimates.values())
            reason += about(rows["replicate"].nunique() * (widest / margin) ** 2)
        return found.outcome(rows, reason)

    def _margin(self, rows: pd.DataFrame) -> float:
        return (self.share or 0.0) * float(rows[self._scale].abs().max()) if self.margin is None else self.margin

    def _predicted(self, rows: pd.DataFrame) -> dict[str, float]:
        """The prediction for each group: the same number for all, or the mean of the column."""
        if isinstance(self.limit, str):
            return {name: float(values.mean()) for name, (_, values) in by_n(rows, self.group, self.limit).items()}
        return dict.fromkeys(by_n(rows, self.group, self.column), self.limit)


@rule("scaling_floor")
class ScalingFloor(SettlesAt):
    """Holds when in every group the interval of C in the fit C + D m^(-alpha) contains the prediction with a half-width below
    the margin; violated when one misses it.

    Parameters as of `settles_at`; the fit is to the mean of `column` less the column `minus`.
    """

    minus: str

    def __call__(self, rows: pd.DataFrame) -> Outcome:
        tables = by_n(_difference(rows, self.column, self.minus), self.group, "difference")
        if not tables or any(len(sizes) < 4 or samples.shape[1] < 2 for sizes, samples in tables.values()):
            return too_few("scaling laws need four sample sizes")
        laws = {name: fit_power_law(*table) for name, table in tables.items()}
        predicted, margin = self._predicted(rows), self._margin(rows)
        found = judged(
            laws, self.level, lambda law, level: law.interval("floor", level), lambda name, c: pins(c, predicted[name], margin)
        )
        shown: dict[str, Interval] = {}
        for name, floor in found.estimates.items():
            shown |= {f"C, {name}": floor, f"α, {name}": laws[name].interval("exponent", floor.level)}
        parts = [f"{name}: C = {plus_minus(c, '.4f')}, predicted {predicted[name]:.4f}" for name, c in found.estimates.items()]
        return Outcome(found.verdict, "; ".join(parts) + f"; half-widths must be below {margin:.4f}", len(rows), shown)


@rule("scaling_forecast")
class ScalingForecast(Rule):
    """Holds when in every group the interval of forecast minus measurement at the largest size contains 0 with a half-width
    below a share of the mean at the last fitted size; violated when one does not contain 0.

    A scaling law, with a `floor` or without, is fitted to the mean of `column` less the column `minus` at sizes up to the
    largest divided by `ahead`.
    """

    column: str
    minus: str
    group: tuple[str, ...]
    ahead: float
    floor: bool
    share: float
    level: float

    def __call__(self, rows: pd.DataFrame) -> Outcome:
        tables = by_n(_difference(rows, self.column, self.minus), self.group, "difference")
        fitted = {name: sizes <= sizes[-1] / self.ahead for name, (sizes, _) in tables.items()}
        if any(seen.sum() < 4 for seen in fitted.values()):
            return too_few("four sizes to fit are needed")
        last = {name: float(samples[fitted[name]][-1].mean()) for name, (_, samples) in tables.items()}
        found = judged(
            {name: (*table, fitted[name]) for name, table in tables.items()},
            self.level,
            lambda data, level: forecast_error(*data, self.floor, level),
            lambda name, miss: pins(miss, 0, self.share * last[name]),
        )
        parts = [
            f"{name}: {miss.value:+.2g} ± {miss.half_width:.1g} at {tables[name][1][-1].mean():.2g}"
            for name, miss in found.estimates.items()
        ]
        return found.outcome(rows, "; ".join(parts))


def forecast_error(sizes: Array, samples: Array, seen: Array, floor: bool, level: float) -> Interval:
    """Return the interval of forecast minus mean at the largest size, replicates common to both."""
    law = fit_power_law(sizes[seen], samples[seen], floor)
    influence = law.influence_at(sizes[-1]) - (samples[-1] - samples[-1].mean())
    return around(law.at(sizes[-1]) - float(samples[-1].mean()), influence, level)


def _difference(rows: pd.DataFrame, column: str, minus: str) -> pd.DataFrame:
    return rows.assign(difference=rows[column] - rows[minus])
