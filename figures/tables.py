"""From long rows to the arrays that estimators take."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Array = NDArray[np.float64]


def by_n(rows: pd.DataFrame, group: Sequence[str], column: str) -> dict[str, tuple[Array, Array]]:
    """Return for each group the sample sizes `(K,)` and the values `(K, R)`, replicates in the same order.

    Parameters
    ----------
    rows : pandas.DataFrame
        Long rows with `n`, `replicate`, the grouping columns and `column`.
    group : Sequence[str]
        Grouping columns; the group's name joins their values with commas.
    column : str
        What was measured.

    Returns
    -------
    dict
        In the order in which groups appear.
    """
    tables = {}
    for key, part in rows.groupby(list(group), observed=True, sort=False):
        wide = part.pivot(index="n", columns="replicate", values=column).sort_index()
        tables[", ".join(map(str, key))] = (wide.index.to_numpy(dtype=float), wide.to_numpy(dtype=float))
    return tables


def matching(rows: pd.DataFrame, where: dict[str, object]) -> pd.DataFrame:
    """Return the rows whose columns have the wanted values; a wanted list means any of its values, `not` excludes.

    `{"synthetic_law": ["uniform", "beta"]}` keeps two laws, `{"synthetic_law": {"not": "uncovered"}}` all but one.
    """
    for column, wanted in where.items():
        exclude = isinstance(wanted, dict)
        values = wanted["not"] if isinstance(wanted, dict) else wanted
        inside = rows[column].isin(values if isinstance(values, list) else [values])
        rows = rows[~inside if exclude else inside]
    return rows
