"""The floor of a scaling law is the number that theory predicts."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from experiments.estimators.intervals import Interval, simultaneous_level
from experiments.estimators.power_laws import PowerLaw, fit_power_law
from figures.claims.verdict import Outcome, at, joint, too_few
from figures.rows import by_n, limits


def judge(rows: pd.DataFrame, params: Mapping[str, Any]) -> Outcome:
    """Holds when in every group the interval of C in the fit C + D m^(-alpha) contains the prediction with a half-width
    below a share of the largest one; violated when one misses it.

    Parameters
    ----------
    rows : pandas.DataFrame
        Rows with `n`, `replicate`, the measured column, the column of predictions and the grouping columns.
    params : Mapping
        `column` (less the column `minus`), `limit` (column of predictions, or a number), `group`, `share`, `level`
        (joint, over groups).

    Returns
    -------
    Outcome
        Intervals of C and of alpha for each group.
    """
    rows = with_difference(rows, params)
    laws = fits(rows, params["group"])
    if not laws:
        return too_few("scaling laws need four sample sizes")
    level, predictions = simultaneous_level(len(laws), params["level"]), limits(rows, params["group"], params["limit"])
    margin = params["share"] * float(rows["limit"].max())
    verdicts, parts = [], []
    shown: dict[str, Interval] = {}
    for name, law in laws.items():
        floor, predicted = law.interval("floor", level), predictions[name]
        verdicts.append(at(floor, predicted, margin))
        shown |= {f"C, {name}": floor, f"α, {name}": law.interval("exponent", level)}
        parts.append(f"{name}: C = {floor.value:.4f} ± {floor.half_width:.4f}, predicted {predicted:.4f}")
    return Outcome(joint(verdicts), "; ".join(parts) + f"; half-widths to be below {margin:.4f}", len(rows), shown)


def with_difference(rows: pd.DataFrame, params: Mapping[str, Any]) -> pd.DataFrame:
    """Return the rows with a column `difference`: `column` less `minus`."""
    return rows.assign(difference=rows[params["column"]] - rows[params["minus"]])


def fits(rows: pd.DataFrame, group: list[str]) -> dict[str, PowerLaw]:
    """Return the scaling law of `difference` in each group; nothing where sizes are too few."""
    tables = by_n(rows, group, "difference")
    if not tables or any(len(sizes) < 4 or samples.shape[1] < 2 for sizes, samples in tables.values()):
        return {}
    return {name: fit_power_law(sizes, samples) for name, (sizes, samples) in tables.items()}
