"""Rules about relative utility U_Q/U_P: of features from the law Q over features from the real law, all else equal.

It is the ratio of means over replicates, which are common to both laws: they share the real sample, its fit and the responses.
"""

from collections.abc import Callable

import numpy as np
import pandas as pd

from experiments.estimators.intervals import Interval, ratio_interval, simultaneous_level
from experiments.estimators.slopes import slope_excess
from figures.claims.rules.family import Family, Group, below, bracketed, inside, joint, judged, rule
from figures.claims.verdict import HOLDS, Outcome, too_few
from figures.rows import Array, by_n

Tables = dict[str, tuple[Array, Array, Array]]
Criterion = Callable[[str, Interval], str]
LACKING = "two sizes, two replicates and the law equal to the real one are needed"


def paired(rows: pd.DataFrame, group: Group, column: str, base: str) -> Tables:
    """Return for each group the sizes (K,) and the values (K, R) of `column` at its synthetic law and at the law `base`."""
    key = [*(name for name in group if name != "synthetic_law"), "n", "m", "replicate"]
    real = rows["synthetic_law"] == base
    both = rows[~real].merge(rows.loc[real, [*key, column]], on=key, suffixes=("", "_base"), validate="many_to_one")
    own, other = (by_n(both, group, name) for name in (column, f"{column}_base"))
    return {name: (*own[name], other[name][1]) for name in own}


@rule("relative_bounded")
def relative_bounded(
    rows: pd.DataFrame, *, column: str, group: Group, margin: float, level: float, synthetic: str = "", real: str = "",
    base: str = "uniform",
) -> Outcome:  # fmt: skip
    """Holds when in every group the interval of the slope of log U_Q/U_P on log n, over sizes from a quarter of the largest on,
    lies below `margin`, and that of U_Q/U_P at every n below its bound, where there is one; violated when one lies above.

    The bound is that of theory/README.md 7.11; the columns `synthetic` and `real` are mean risks given the features. `base` is
    the synthetic law equal to the real one.
    """
    tables = _tables(rows, group, column, base)
    if not tables:
        return too_few(LACKING)
    bounds = _bounds(rows, group, synthetic, real, base) if synthetic else {}
    return _outcome(rows, tables, level, f"below {margin:g}", lambda _, s: below(s, margin), bounds)


@rule("relative_grows")
def relative_grows(
    rows: pd.DataFrame, *, column: str, group: Group, rate: float, margin: float, level: float, base: str = "uniform"
) -> Outcome:
    """Holds when in every group the interval of the slope of log U_Q/U_P on log n, over sizes from a quarter of the largest on,
    lies within `margin` of `rate`; violated when one lies wholly beyond. `base` is the synthetic law equal to the real one.
    """
    tables = _tables(rows, group, column, base)
    if not tables:
        return too_few(LACKING)
    wanted = f"within {margin:g} of {rate:.3f}"
    return _outcome(rows, tables, level, wanted, lambda _, s: inside(s, rate - margin, rate + margin), {})


def _tables(rows: pd.DataFrame, group: Group, column: str, base: str) -> Tables:
    """Sizes and values at both laws by group; empty where the data do not suffice."""
    tables = paired(rows, group, column, base)
    short = any((sizes >= sizes[-1] / 4).sum() < 2 or q.shape[1] < 2 for sizes, q, _ in tables.values())
    return {} if short else tables


def _bounds(rows: pd.DataFrame, group: Group, synthetic: str, real: str, base: str) -> dict[str, float]:
    """The bound of 7.11 by group and n; infinite where the mean gap under the real law is not positive."""
    risks, fits = (paired(rows, group, name, base) for name in (synthetic, real))
    found: dict[str, float] = {}
    for name, (sizes, *both) in risks.items():
        (q, p), fit = (part.mean(axis=1) for part in both), fits[name][1].mean(axis=1)
        bound = np.where(p > fit, (q + fit) / np.where(p > fit, p - fit, 1.0), np.inf)
        found |= {f"{name}, n = {n:g}": float(b) for n, b in zip(sizes, bound)}
    return found


def _outcome(
    rows: pd.DataFrame, tables: Tables, level: float, wanted: str, of_slope: Criterion, bounds: dict[str, float]
) -> Outcome:
    """Judge the slopes and, by bounds where there are any, the ratios at every n; all intervals hold jointly."""
    cells = {f"{k}, n = {n:g}": (q, p) for k, (sizes, *both) in tables.items() for n, q, p in zip(sizes, *both)}
    ends = {f"slope, {k}": tuple(part[t[0] >= t[0][-1] / 4] for part in t) for k, t in tables.items()}
    number = len(ends) + len(cells)
    slopes = judged(ends, level, lambda t, each: slope_excess(t[0], t[1], t[2], 1.0, each), of_slope, number)
    each = simultaneous_level(number, level)
    if bounds:
        ratios = judged(cells, level, lambda pair, each: ratio_interval(*pair, each), lambda k, r: below(r, bounds[k]), number)
    else:  # shown, not judged
        ratios = Family.of({k: ratio_interval(*pair, each) for k, pair in cells.items()}, lambda *_: HOLDS)
    verdicts, parts = {}, []
    for name, (sizes, *_) in tables.items():
        own, slope = [f"{name}, n = {n:g}" for n in sizes], f"slope, {name}"
        verdicts[name] = joint({slope: slopes.verdicts[slope]} | {k: ratios.verdicts[k] for k in own})
        first, last, steepness = ratios.estimates[own[0]], ratios.estimates[own[-1]], slopes.estimates[slope]
        parts.append(f"{name}: {first.value:.3g} → {bracketed(last, '.3g')}, slope {bracketed(steepness, '.2f')}")
        parts[-1] += f", bound {bounds[own[-1]]:.3g}" if bounds else ""
    reason = f"U_Q/U_P from the least to the largest n, {'; '.join(parts)}; slopes wanted {wanted}"
    return Outcome(joint(verdicts), reason, len(rows), slopes.estimates | ratios.estimates, groups=verdicts)
