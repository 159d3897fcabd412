"""Rules about the slope of the logarithm of a mean on the logarithm of a size."""

from math import inf, nan
from typing import Any

import numpy as np
import pandas as pd

from experiments.estimators.intervals import Interval
from experiments.estimators.slopes import log_slope, slope_excess
from figures.claims.rules.family import Group, above, below, bracketed, contains, inside, judged, plus_minus, rule
from figures.claims.verdict import Outcome, too_few
from figures.rows import Array, by_n

COLUMNS = {"excess_real": "the slope of the real fit's excess risk", "rate_learner": "the learner's rate"}
"""What references are called."""


def slope(table: tuple[Array, Array], level: float) -> Interval:
    """Return the slope of one group: sizes (K,) and values (K, R)."""
    return log_slope(*table, level)


@rule("vanishing")
def vanishing(
    rows: pd.DataFrame, *, column: str, group: Group, level: float, reference: str | float = "", against: str = "",
    source: str = "", share: float = 0.75, axis: str = "n",
) -> Outcome:  # fmt: skip
    """Holds when in every group the interval of slope(log mean `column`) - `share` (reference slope), on the logarithms
    of the sizes from a quarter of the largest on, lies below 0; violated when in one it lies above.

    The reference is a rate of convergence to 0: `reference`, a number or a column of them, constant in a group; or the
    slope at the same sizes of the mean of the column `against`, such as a prediction or the excess risk after real
    training, replicate by replicate; of both the steeper one. It counts as 0 where it is above. `source` says where it
    comes from. `axis` is the column of sizes.

    Of a floor planted at half of what is seen at the largest size (`figures.claims.plant`) a true rate r shows as
    log2((4^r + 1)/2)/2 over two doublings, below 0.75 r for 0 < r <= 1.5.
    """
    tables = by_n(rows, group, column, axis)
    ends = {k: tuple(part[s >= s[-1] / 4] for part in (s, u)) for k, (s, u) in tables.items()}
    if any(len(sizes) < 2 or u.shape[1] < 2 for sizes, u in ends.values()):
        return too_few("two sizes from a quarter of the largest on and two replicates are needed")
    rates, others = _references(rows, ends, group, reference, against, axis)
    unusable = [k for k, (_, u) in ends.items() if not (np.isfinite(rates[k]) and (u.mean(axis=1) > 0).all())]
    if unusable:
        return too_few(f"positive means and a reference are needed ({unusable[0]})")
    pairs = {k: (*end, others[k]) for k, end in ends.items()}
    found = judged(pairs, level, lambda d, each: slope_excess(d[0], d[1], d[2], share, each), lambda _, off: below(off, 0))
    name, worst = found.worst(lambda _, off: off.high)
    told = f"slope {worst.value + share * rates[name]:.2f} ± {worst.half_width:.2f} over {axis} ≥ {ends[name][0][0]:g} "
    told += f"({name}), must be below {share:g} × {rates[name]:.2f}, "
    steepest = against and COLUMNS.get(against, f"the slope of {against}")
    told += source or " or ".join(filter(None, (COLUMNS.get(str(reference), str(reference)), steepest)))
    return found.outcome(rows, told, (worst, 0.0))


def _references(
    rows: pd.DataFrame, ends: dict[str, Any], group: Group, reference: str | float, against: str, axis: str
) -> tuple[dict[str, float], dict[str, Array]]:
    """The reference slope of each group, and values (K, R) whose mean falls at it."""
    named = {name: by_n(rows, group, name, axis) for name in (reference, against) if name and isinstance(name, str)}
    rates, others = {}, {}
    for k, (sizes, u) in ends.items():
        rate = float(named[reference][k][1].mean()) if isinstance(reference, str) and reference else reference or 0.0
        values = named[against][k][1][-len(sizes) :] if against else np.ones_like(u)
        usable = np.isfinite(values).all() and (values.mean(axis=1) > 0).all()
        measured = log_slope(sizes, values).value if usable else nan
        steeper = against and not measured >= min(rate, 0.0)
        rates[k] = measured if steeper else min(rate, 0.0)
        others[k] = values if steeper else np.broadcast_to(sizes[:, None] ** rates[k], u.shape)
    return rates, others


@rule("rising")
def rising(
    rows: pd.DataFrame, *, column: str, group: Group, level: float, of: str | None = None, axis: str = "n",
    small: str | None = None, large: str | None = None, share: float = 1.0,
) -> Outcome:  # fmt: skip
    """Holds when in every group the interval of the slope of log mean `column` (divided by `of`, where given) lies above 0;
    violated when in one it lies below.

    With `small` and `large`, only cells whose mean `small` is at most `share` times the mean `large` count. Groups with fewer
    than three points on the axis are left out.
    """
    rows = rows.assign(_value=rows[column] / (1.0 if of is None else rows[of]))
    if small is not None:
        means = rows.groupby("cell")[[small, large]].transform("mean")
        rows = rows[means[small] <= share * means[large]]
    tables = {name: table for name, table in by_n(rows, group, "_value", axis).items() if len(table[0]) >= 3}
    if not tables:
        return too_few("no group has three points on the axis" + (" in the cells asked for" if small else ""))
    found = judged(tables, level, slope, lambda _, s: above(s, 0))
    name, worst = found.worst(lambda _, s: -s.value)
    ends = tables[name][1].mean(axis=1)
    reason = f"flattest of {len(tables)} slopes {plus_minus(worst, '.3f')} ({name}), there from {ends[0]:.3g} to {ends[-1]:.3g}"
    return found.outcome(rows, reason, (worst, 0.0))


@rule("slope_between")
def slope_between(
    rows: pd.DataFrame, *, column: str, axis: str, group: Group, level: float, low: float = -inf, high: float = inf
) -> Outcome:
    """Holds when in every group the interval of the slope of log mean on the logarithm of the axis lies in [low, high];
    violated when one lies wholly outside.
    """
    tables = by_n(rows[rows[column].notna()], group, column, axis)
    short = any(min(s.shape[0] - 1, s.shape[1]) < 2 or (s.mean(axis=1) <= 0).any() for _, s in tables.values())
    if not tables or short:
        return too_few("slopes need three points of the axis and positive means")
    found = judged(tables, level, slope, lambda _, s: inside(s, low, high))
    name, worst = found.worst(lambda _, s: max(low - s.low, s.high - high))
    wanted = f"[{low:g}, {high:g}]".replace("-inf", "−∞").replace("inf", "∞")
    return found.outcome(rows, f"slope {bracketed(worst, '.3f')} ({name}), expected in {wanted}")


@rule("slope_at_most")
def slope_at_most(rows: pd.DataFrame, *, column: str, predicted: str, group: Group, level: float) -> Outcome:
    """Holds when in every group the interval of the slope of log mean `column` on log n lies below the predicted slope;
    violated when in one it lies above.

    `predicted` is a column of slopes, constant in a group; groups without a prediction are left out.
    """
    rows = rows[rows[predicted].notna()]
    tables = by_n(rows, group, column)
    if not tables or any(len(sizes) < 3 for sizes, _ in tables.values()):
        return too_few("slopes need three sample sizes and a prediction")
    wanted = {name: float(values.mean()) for name, (_, values) in by_n(rows, group, predicted).items()}
    found = judged(tables, level, slope, lambda name, s: below(s, wanted[name]))
    first, worst = found.worst(lambda name, s: s.value - wanted[name])
    slopes = {first: worst} | found.estimates  # the one nearest to its prediction first
    parts = [f"{name}: {plus_minus(s, '.2f')}, predicted {wanted[name]:.2f}" for name, s in slopes.items()]
    return found.outcome(rows, "; ".join(parts), (worst, wanted[first]))


@rule("slope_matches")
def slope_matches(
    rows: pd.DataFrame, *, column: str, predicted: str, group: Group, margin: float, level: float, exponent: str | None = None
) -> Outcome:
    """Holds when in every group the interval of slope(log mean `column`) less the predicted slope, on log n, contains 0 and
    lies within ±`margin`; violated when one misses 0.

    The predicted slope is that of the mean of `predicted`, over the same replicates, or where `exponent` is given the column
    of that name, constant in a group. Groups without a prediction are left out.
    """
    source = exponent or predicted
    rows = rows[rows[source].notna()]
    rows = rows.assign(_predicted=rows["n"].astype(float) ** rows[exponent] if exponent else rows[source])
    tables, others = by_n(rows, group, column), by_n(rows, group, "_predicted")
    if not tables or any(len(sizes) < 3 or samples.shape[1] < 2 for sizes, samples in tables.values()):
        return too_few("slopes need three sample sizes, two replicates and a prediction")
    pairs = {name: (*table, others[name][1]) for name, table in tables.items()}
    found = judged(pairs, level, lambda data, each: slope_excess(*data, 1.0, each), lambda _, off: contains(off, 0, margin))
    name, worst = found.worst(lambda _, off: abs(off.value) / off.half_width if off.half_width else 0.0)
    slopes = {k: (slope(table, level).value, slope(others[k], level).value) for k, table in tables.items()}
    parts = [f"{k}: {own:.3f}, predicted {wanted:.3f}" for k, (own, wanted) in slopes.items()]
    reason = f"farthest {plus_minus(worst, '.3f')} off ({name}), intervals must stay within ±{margin:g}; " + "; ".join(parts)
    return found.outcome(rows, reason)


@rule("slope_as_power")
def slope_as_power(
    rows: pd.DataFrame, *, column: str, against: str, exponent: str | float, group: Group, level: float
) -> Outcome:
    """Holds when in every group the interval of slope(log mean `column`) - exponent slope(log mean `against`), on log n, lies
    below 0; violated when in one it lies above.

    `exponent` is a number or a column, constant in a group; groups without an exponent are left out.
    """
    rows = rows.assign(_exponent=rows[exponent] if isinstance(exponent, str) else exponent)
    rows = rows[rows["_exponent"].notna()]
    tables, others, exponents = (by_n(rows, group, name) for name in (column, against, "_exponent"))
    if not tables or any(len(sizes) < 3 for sizes, _ in tables.values()):
        return too_few("slopes need three sample sizes and an exponent")
    if any((samples.mean(axis=1) <= 0).any() for _, samples in tables.values()):
        return too_few("a mean is 0: the logarithm needs more replicates or smaller sizes")
    groups = {name: (*table, others[name][1], float(exponents[name][1].mean())) for name, table in tables.items()}
    found = judged(groups, level, lambda data, each: slope_excess(*data, each), lambda _, excess: below(excess, 0))
    name, worst = found.worst(lambda _, excess: excess.value)
    return found.outcome(rows, f"largest excess of slope {bracketed(worst, '.2f')} ({name})", (worst, 0.0))
