"""Rules about relative utility U_Q/U_P: of features from the law Q over features from the real law, all else equal.

It is the ratio of means over replicates, which are common to both laws: they share the real sample, its fit and the responses.
"""

import numpy as np
import pandas as pd

from experiments.estimators.intervals import Interval, ratio_interval, simultaneous_level
from experiments.estimators.slopes import slope_excess
from figures.claims.rules.family import Group, below, bracketed, inside, joint, rule
from figures.claims.verdict import Outcome, too_few
from figures.rows import Array, by_n


def paired(rows: pd.DataFrame, group: Group, column: str, base: str) -> dict[str, tuple[Array, Array, Array]]:
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
    slopes, ratios = _estimates(rows, group, column, base, level)
    if not slopes:
        return too_few("two sizes, two replicates and the law equal to the real one are needed")
    bounds = _bounds(rows, group, synthetic, real, base) if synthetic else {}
    verdicts = {
        name: joint({"slope": below(s, margin)} | {k: below(r, bounds[k]) for k, r in ratios[name].items() if k in bounds})
        for name, s in slopes.items()
    }
    return _outcome(rows, slopes, ratios, verdicts, f"below {margin:g}", bounds)


@rule("relative_grows")
def relative_grows(
    rows: pd.DataFrame, *, column: str, group: Group, rate: float, margin: float, level: float, base: str = "uniform"
) -> Outcome:
    """Holds when in every group the interval of the slope of log U_Q/U_P on log n, over sizes from a quarter of the largest on,
    lies within `margin` of `rate`; violated when one lies wholly beyond. `base` is the synthetic law equal to the real one.
    """
    slopes, ratios = _estimates(rows, group, column, base, level)
    if not slopes:
        return too_few("two sizes, two replicates and the law equal to the real one are needed")
    verdicts = {name: inside(s, rate - margin, rate + margin) for name, s in slopes.items()}
    return _outcome(rows, slopes, ratios, verdicts, f"within {margin:g} of {rate:.3f}", {})


def _estimates(
    rows: pd.DataFrame, group: Group, column: str, base: str, level: float
) -> tuple[dict[str, Interval], dict[str, dict[str, Interval]]]:
    """Slopes by group, and by group the ratios at every n, all holding jointly; empty where the data do not suffice."""
    tables = paired(rows, group, column, base)
    ends = {name: sizes >= sizes[-1] / 4 for name, (sizes, *_) in tables.items()}
    if any(last.sum() < 2 or tables[name][1].shape[1] < 2 for name, last in ends.items()):
        return {}, {}
    each = simultaneous_level(max(1, sum(1 + len(sizes) for sizes, *_ in tables.values())), level)
    slopes = {k: slope_excess(s[ends[k]], q[ends[k]], p[ends[k]], 1.0, each) for k, (s, q, p) in tables.items()}
    ratios = {
        k: {f"{k}, n = {n:g}": ratio_interval(q, p, each) for n, q, p in zip(*table)} for k, table in tables.items()
    }
    return slopes, ratios


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
    rows: pd.DataFrame, slopes: dict[str, Interval], ratios: dict[str, dict[str, Interval]], verdicts: dict[str, str],
    wanted: str, bounds: dict[str, float],
) -> Outcome:  # fmt: skip
    parts = []
    for name, s in slopes.items():
        first, *_, last = ratios[name].values()
        parts.append(f"{name}: {first.value:.3g} to {bracketed(last, '.3g')}, slope {bracketed(s, '.2f')}")
        parts[-1] += f", bound {bounds[list(ratios[name])[-1]]:.3g}" if bounds else ""
    estimates = {f"slope, {k}": s for k, s in slopes.items()} | {k: r for each in ratios.values() for k, r in each.items()}
    reason = f"U_Q/U_P from the least to the largest n, {'; '.join(parts)}; slopes wanted {wanted}"
    return Outcome(joint(verdicts), reason, len(rows), estimates, groups=verdicts)
