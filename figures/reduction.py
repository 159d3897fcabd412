"""The least that a figure needs to show the same: which columns, which sizes, how many digits."""

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from itertools import chain, groupby, product
from types import ModuleType
from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from figures import compact, numbers
from figures.report import cell_means

DIGITS = (3, 4, 5, 6, compact.EXACT)
"""Significant digits that are tried, in this order."""

FEW = 8
"""Replicates, or rows of a test table, on which columns are tried."""

BATCHES = 1000
"""Of more replicates, means over so many batches are tried where all of them are too many bytes."""


@dataclass(frozen=True)
class Shown:
    """A figure, its caption, and what it shows."""

    figure: Figure
    caption: str
    axes: numbers.Drawn


def shown(module: ModuleType, rows: pd.DataFrame) -> Shown:
    """Draw rows by a module of figures/plots."""
    figure = module.draw(rows)
    return Shown(figure, module.caption(rows), numbers.drawn(figure))


def differences(module: ModuleType, rows: pd.DataFrame, wanted: Shown) -> list[str]:
    """Return in a line each where a figure of these rows differs from another, beyond tolerance."""
    found = shown(module, rows)
    other = [] if found.caption == wanted.caption else [f"other caption: {found.caption}"]
    return numbers.differences(wanted.axes, found.axes) + other


def smallest(module: ModuleType, rows: pd.DataFrame, wanted: Shown, most: int) -> tuple[bytes | None, str]:
    """Return the smallest table from which a module draws the same figure, and in words what it holds.

    Parameters
    ----------
    module : ModuleType
        A module of figures/plots.
    rows : pandas.DataFrame
        All rows of the experiment.
    wanted : Shown
        The figure of these rows.
    most : int
        Bytes that the table may take.

    Returns
    -------
    tuple of bytes or None and str
        The table (figures/compact.py), None where it would be too large; its rows, columns and digits, or why there is none.
    """
    few = _probe(module, rows)
    sizes, columns = needed_sizes(module, few), needed(module, few)
    drawn = rows[rows["n"].isin(sizes)] if sizes else rows
    least, of_batches = drawn[columns], ""
    if "replicate" in least and len(compact.encode(least, DIGITS[0])) > most:
        least, of_batches = batched(least), f", means of at most {BATCHES:,} batches of replicates"
    for table, digits in product((least, rows), DIGITS):
        data = compact.encode(table, digits)
        if len(data) > most:
            return None, f"its table would take {len(data) / 1e6:.1f} MB"
        if not differences(module, compact.decode(data), wanted):
            size = f"{len(table):,} of {len(rows):,} rows, {table.shape[1]} of {rows.shape[1]} columns"
            return data, f"{size}, {'all' if digits == compact.EXACT else digits} digits{of_batches if table is least else ''}"
    raise AssertionError("a table that keeps every digit does not draw the same figure")


def batched(rows: pd.DataFrame) -> pd.DataFrame:
    """Return means over batches of replicates, of which no more than `BATCHES` are left; fewer replicates stay as they are."""
    keys = [*cell_means.labels(rows), "replicate"]
    batches = rows.assign(replicate=rows["replicate"] % BATCHES).groupby(keys, observed=True, sort=False, dropna=False)
    return batches.mean().reset_index()[list(rows)]


def needed(module: ModuleType, rows: pd.DataFrame) -> list[str]:
    """Return the columns without any of which a figure would be another or none; `value_0`, `value_1`, ... go together."""
    wanted = shown(module, rows)
    blocks = [list(own) for _, own in groupby(map(str, rows.columns), lambda name: name.rstrip("0123456789"))]
    kept = _kept(blocks, lambda left: same(module, rows[list(chain(*left))], wanted))
    return list(chain(*kept))


def needed_sizes(module: ModuleType, rows: pd.DataFrame) -> list[Any]:
    """Return the sample sizes n whose rows are drawn; none where rows have no n."""
    if "n" not in rows:
        return []
    wanted = shown(module, rows)
    return _kept(list(rows["n"].unique()), lambda left: same(module, rows[rows["n"].isin(left)], wanted))


def same(module: ModuleType, rows: pd.DataFrame, wanted: Shown) -> bool:
    """Tell whether rows give the same figure; rows of which none can be drawn do not."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what a figure says of tables that lack something is of no interest
        try:
            return not differences(module, rows, wanted)
        # a figure may miss rows or a column in any way, and each of them means that they are needed
        except Exception:
            return False


def _kept(items: list[Any], suffices: Callable[[list[Any]], bool]) -> list[Any]:
    """Return the items that are left when the dispensable ones are dropped: all at once, else half by half."""

    def without(tried: list[Any], kept: list[Any]) -> list[Any]:
        left = [item for item in kept if item not in tried]
        if suffices(left):
            return left
        half = len(tried) // 2
        return without(tried[half:], without(tried[:half], kept)) if half else kept

    return without(items, items)


def _probe(module: ModuleType, rows: pd.DataFrame) -> pd.DataFrame:
    """Return few replicates or test rows, if a figure can be drawn of them; else all."""
    axis = next((a for a in ("replicate", "test_row") if a in rows), "")
    few = rows[rows[axis] < FEW] if axis else rows
    try:
        module.draw(few)
    # whatever stops a figure of few rows: columns are then tried on all
    except Exception:
        return rows
    return few
