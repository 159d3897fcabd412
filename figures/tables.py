"""From long rows to the arrays that estimators take."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Array = NDArray[np.float64]

AXES = ("learner", "task", "synthetic_law", "responses", "real_law", "generator", "n", "m")
"""Labels by which groups are told apart."""


def by_n(rows: pd.DataFrame, group: Sequence[str], column: str, axis: str = "n") -> dict[str, tuple[Array, Array]]:
    """Return for each group the sample sizes `(K,)` and the values `(K, R)`, replicates in the same order.

    Parameters
    ----------
    rows : pandas.DataFrame
        Long rows with the axis, `replicate`, the grouping columns and `column`.
    group : Sequence[str]
        Grouping columns; the group's name joins their values with commas. Where an override of the command line leaves
        several values of a further axis in a group, that axis is added to the grouping columns.
    column : str
        What was measured.
    axis : str
        The column of sizes, `n` unless said otherwise.

    Returns
    -------
    dict
        In the order in which groups appear.
    """
    tables = {}
    for key, part in rows.groupby(_refined(rows, list(group), axis), observed=True, sort=False):
        wide = part.pivot(index=axis, columns="replicate", values=column).sort_index()
        tables[", ".join(map(str, key))] = (wide.index.to_numpy(dtype=float), wide.to_numpy(dtype=float))
    return tables


def _refined(rows: pd.DataFrame, group: list[str], axis: str) -> list[str]:
    """Add axes until every group has one row per size and replicate."""
    for column in AXES:
        if not rows.duplicated([*group, axis, "replicate"]).any():
            break
        if column in rows and column not in group and column != axis and rows[column].nunique() > 1:
            group = [*group, column]
    return group


def matching(rows: pd.DataFrame, where: dict[str, object]) -> pd.DataFrame:
    """Return the rows whose columns have the wanted values; a wanted list means any of its values, `not` excludes.

    `{"synthetic_law": ["uniform", "beta"]}` keeps two laws, `{"synthetic_law": {"not": "uncovered"}}` all but one. A label
    stands for all its sub-axes: `beta` for `beta(a=2)`.
    """
    for column, wanted in where.items():
        exclude = isinstance(wanted, dict)
        values = wanted["not"] if isinstance(wanted, dict) else wanted
        listed = values if isinstance(values, list) else [values]
        inside = rows[column].isin(listed) | without_options(rows[column]).isin(listed)
        rows = rows[~inside if exclude else inside]
    return rows


def without_options(labels: "pd.Series[Any]") -> "pd.Series[str]":
    """Return labels such as `beta(a=2)` without what follows the name: `beta`."""
    return labels.astype(str).map(lambda label: label.partition("(")[0])


@dataclass(frozen=True)
class Losses:
    """Losses of K models at N test rows: of the fits on the full table, and on the halves of B cuts."""

    models: list[str]
    full: Array
    """(K, N), averaged over the seeds of randomised models."""
    halves: Array
    """(K, B, 2, N)."""


def losses(rows: pd.DataFrame) -> Losses:
    """Return the losses of one source of training data as arrays, models and test rows in a fixed order.

    Parameters
    ----------
    rows : pandas.DataFrame
        Rows of the measurement `real_data` of one data set, source and size.
    """
    models = sorted(map(str, rows["model"].unique()))
    full, halves = [], []
    for model in models:
        own = rows[rows["model"] == model]
        whole, cut = own[own["cut"] < 0], own[own["cut"] >= 0]
        full.append(whole.groupby("test_row")["loss"].mean().to_numpy(dtype=float))
        wide = cut.sort_values(["cut", "half", "test_row"])["loss"].to_numpy(dtype=float)
        halves.append(wide.reshape(cut["cut"].nunique(), 2, -1))
    return Losses(models, np.stack(full), np.stack(halves))


def sources(rows: pd.DataFrame) -> tuple[Losses, dict[str, Losses]]:
    """Return the losses after real training, and those of every synthetic source by its name."""
    by_source = {str(k): losses(part) for k, part in rows.groupby("generator", observed=True, sort=False)}
    return by_source.pop("real"), by_source
