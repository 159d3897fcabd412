"""A mean falls at least as fast as a given power of another one."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from experiments.estimators.intervals import simultaneous_level
from experiments.estimators.slopes import slope_excess
from figures.claims.verdict import INCONCLUSIVE, Outcome, below, joint, settled_by, too_few
from figures.rows import by_n


def judge(rows: pd.DataFrame, params: Mapping[str, Any]) -> Outcome:
    """Holds when in every group the interval of slope(log mean `column`) - exponent slope(log mean `against`), on log n,
    lies below 0; violated when in one it lies above.

    Parameters
    ----------
    rows : pandas.DataFrame
        Rows with `n`, `replicate`, both columns, the column of exponents (constant in a group) and the grouping columns;
        groups without an exponent are left out.
    params : Mapping
        `column`, `against`, `exponent` (column names), `group`, `level` (joint, over groups).

    Returns
    -------
    Outcome
        One difference per group as estimate.
    """
    rows = rows[rows[params["exponent"]].notna()]
    tables = {name: by_n(rows, params["group"], params[name]) for name in ("column", "against", "exponent")}
    if not tables["column"] or any(len(sizes) < 3 for sizes, _ in tables["column"].values()):
        return too_few("slopes need three sample sizes and an exponent")
    if any((samples.mean(axis=1) <= 0).any() for _, samples in tables["column"].values()):
        return too_few("a mean is 0: the logarithm needs more replicates or smaller sizes")
    level = simultaneous_level(len(tables["column"]), params["level"])
    found = {}
    for name, (sizes, samples) in tables["column"].items():
        exponent = float(tables["exponent"][name][1].mean())
        found[name] = slope_excess(sizes, samples, tables["against"][name][1], exponent, level)
    verdicts = [below(d, 0) for d in found.values()]
    verdict, worst = joint(verdicts), max(found, key=lambda name: found[name].value)
    reason = f"largest excess of slope {found[worst].value:.2f} [{found[worst].low:.2f}, {found[worst].high:.2f}] ({worst})"
    more = settled_by(found[worst], 0.0, rows["replicate"].nunique()) if verdict == INCONCLUSIVE else ""
    return Outcome(verdict, reason + more, len(rows), found)
