"""Rules about where a mean ends as n grows: the limit of its fit a + b/n, the floor and the forecast of a scaling law."""

from math import inf

import numpy as np
import pandas as pd

from experiments.estimators.intervals import Interval, mean_interval
from experiments.estimators.power_laws import fit_power_law
from experiments.estimators.slopes import plateau
from figures.claims.rules.family import (
    Family,
    Group,
    about,
    above,
    bracketed,
    contains,
    farthest,
    judged,
    plus_minus,
    rule,
)
from figures.claims.verdict import INCONCLUSIVE, Outcome, too_few
from figures.rows import Array, by_n

Table = tuple[Array, Array]
ROUNDING = 1e-12
"""A predicted limit up to here is 0."""


def limit_of(table: Table, level: float) -> Interval:
    """Return the constant a of the fit a + b/n to one group: sizes (K,) and values (K, R)."""
    return plateau(*table, level)


@rule("limit_above")
def limit_above(rows: pd.DataFrame, *, column: str, group: Group, least: float, level: float) -> Outcome:
    """Holds when in every group the interval of a in the fit a + b/n lies above `least`; violated when in one it lies below."""
    tables = by_n(rows, group, column)
    if any(len(sizes) < 3 for sizes, _ in tables.values()):
        return too_few("limits need three sample sizes")
    found = judged(tables, level, limit_of, lambda _, a: above(a, least))
    name, worst = found.worst(lambda _, a: -a.low)
    return found.outcome(rows, f"limit {bracketed(worst, '.4f')} ({name}), must exceed {least:g}")


@rule("settles_at")
def settles_at(
    rows: pd.DataFrame, *, column: str, limit: str | float, group: Group, margin: float, level: float, scale: str = "",
    own: float = inf,
) -> Outcome:  # fmt: skip
    """Holds when in every group the interval of a in the fit a + b/n contains the predicted limit and lies within the margin
    of it; violated when one misses it.

    `limit` is a column of predictions or a number. `margin` is absolute, or a share of the largest absolute value of the
    column `scale`, and then at most the share `own` of the group's own, or of the least one where that is 0; rows without a
    scale are left out.
    """
    rows = rows[rows[scale].notna()] if scale else rows
    tables = by_n(rows, group, column)
    if not tables or any(len(sizes) < 3 for sizes, _ in tables.values()):
        return too_few("limits need three sample sizes and a prediction")
    predicted, margins = _predicted(rows, limit, tables, group), _margins(margin, rows, scale, own, tables, group)
    found = judged(tables, level, limit_of, lambda name, a: contains(a, predicted[name], margins[name]))
    reason = _told(found, "", predicted, margins)
    if found.verdict == INCONCLUSIVE:
        widest = max(farthest(a, predicted[name]) / margins[name] for name, a in found.estimates.items())
        reason += about(rows["replicate"].nunique() * widest**2)
    return found.outcome(rows, reason)


@rule("scaling_floor")
def scaling_floor(
    rows: pd.DataFrame, *, column: str, minus: str, limit: str | float, group: Group, margin: float, level: float,
    scale: str = "", own: float = inf,
) -> Outcome:  # fmt: skip
    """Holds when in every group the interval of C in the fit C + D m^(-alpha) contains the prediction and lies within the
    margin of it; violated when one misses it.

    The fit is to the mean of `column` less the column `minus`; `limit`, `margin`, `scale` and `own` are as in `settles_at`.
    """
    tables = by_n(rows.assign(_difference=rows[column] - rows[minus]), group, "_difference")
    if not tables or any(len(sizes) < 4 or samples.shape[1] < 2 for sizes, samples in tables.values()):
        return too_few("scaling laws need four sample sizes")
    laws = {name: fit_power_law(*table) for name, table in tables.items()}
    predicted, margins = _predicted(rows, limit, tables, group), _margins(margin, rows, scale, own, tables, group)
    floors = {name: law.floor + law.influence[0] for name, law in laws.items()}
    found = judged(floors, level, mean_interval, lambda name, c: contains(c, predicted[name], margins[name]))
    shown: dict[str, Interval] = {}
    for name, c in found.estimates.items():
        shown |= {f"C, {name}": c, f"α, {name}": laws[name].interval("exponent", c.level)}
    return Outcome(found.verdict, _told(found, "C = ", predicted, margins), len(rows), shown, groups=found.verdicts)


@rule("scaling_forecast")
def scaling_forecast(
    rows: pd.DataFrame, *, column: str, minus: str, group: Group, ahead: float, floor: bool, share: float, level: float
) -> Outcome:
    """Holds when in every group the interval of forecast minus measurement at the largest size contains 0 and lies within
    a share of the mean at the last fitted size; violated when one does not contain 0.

    A scaling law, with a `floor` or without, is fitted to the mean of `column` less the column `minus` at sizes up to the
    largest divided by `ahead`.
    """
    tables = by_n(rows.assign(_difference=rows[column] - rows[minus]), group, "_difference")
    fitted = {name: sizes <= sizes[-1] / ahead for name, (sizes, _) in tables.items()}
    if any(seen.sum() < 4 for seen in fitted.values()):
        return too_few("four sizes to fit are needed")
    last = {name: float(samples[fitted[name]][-1].mean()) for name, (_, samples) in tables.items()}
    errors = {name: forecast_errors(*table, fitted[name], floor) for name, table in tables.items()}
    found = judged(errors, level, mean_interval, lambda name, error: contains(error, 0, share * last[name]))
    largest = {name: float(samples[-1].mean()) for name, (_, samples) in tables.items()}
    parts = [f"{k}: {e.value:+.2g} ± {e.half_width:.1g} at {largest[k]:.2g}" for k, e in found.estimates.items()]
    return found.outcome(rows, "; ".join(parts))


def forecast_errors(sizes: Array, samples: Array, seen: Array, floor: bool) -> Array:
    """Return values (R,), the mean of which is forecast minus measurement at the largest size, replicates common to both."""
    law = fit_power_law(sizes[seen], samples[seen], floor)
    return np.asarray(law.at(sizes[-1]) + law.influence_at(sizes[-1]) - samples[-1])


def _predicted(rows: pd.DataFrame, limit: str | float, tables: dict[str, Table], group: Group) -> dict[str, float]:
    """The prediction for each group: the mean of a column, or the same number for all."""
    if isinstance(limit, str):
        return {name: float(values.mean()) for name, (_, values) in by_n(rows, group, limit).items()}
    return dict.fromkeys(tables, limit)


def _margins(
    margin: float, rows: pd.DataFrame, scale: str, own: float, tables: dict[str, Table], group: Group
) -> dict[str, float]:
    """How far from the prediction the interval of each group may reach."""
    if not scale:
        return dict.fromkeys(tables, margin)
    sizes = {name: float(np.abs(values).max()) for name, (_, values) in by_n(rows, group, scale).items()}
    largest, least = max(sizes.values()), min((size for size in sizes.values() if size > ROUNDING), default=inf)
    return {name: min(margin * largest, own * (size if size > ROUNDING else least)) for name, size in sizes.items()}


def _told(found: Family, what: str, predicted: dict[str, float], margins: dict[str, float]) -> str:
    parts = [f"{name}: {what}{plus_minus(a, '.4f')}, predicted {predicted[name]:.4f}" for name, a in found.estimates.items()]
    return "; ".join([*parts, f"within {min(margins.values()):.4f} to {max(margins.values()):.4f} wanted"])
