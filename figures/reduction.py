"""The least that a figure needs: which columns, how many digits, so that it shows the same."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import product
from types import ModuleType

import pandas as pd
from matplotlib.figure import Figure

from figures import compact, numbers

DIGITS = (4, 5, 6, compact.EXACT)
"""Significant digits that are tried, in this order."""

FEW = 8
"""Replicates, or rows of a test table, on which columns are tried."""


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


def smallest(module: ModuleType, rows: pd.DataFrame, wanted: Shown) -> tuple[bytes, str]:
    """Return the smallest table from which a module draws the same figure, and its size in words.

    Parameters
    ----------
    module : ModuleType
        A module of figures/plots.
    rows : pandas.DataFrame
        All rows of the experiment.
    wanted : Shown
        The figure of these rows.

    Returns
    -------
    tuple of bytes and str
        The table (figures/compact.py), and its rows, columns and digits.
    """
    for columns, digits in product((needed(module, rows), list(rows.columns)), DIGITS):
        data = compact.encode(rows[columns], digits)
        if not differences(module, compact.decode(data), wanted):
            return data, f"{len(rows):,} rows, {len(columns)} of {rows.shape[1]} columns, {digits} digits"
    raise AssertionError("a table that keeps every digit does not draw the same figure")


def needed(module: ModuleType, rows: pd.DataFrame) -> list[str]:
    """Return the columns without any of which a figure would be another or none, tried on few rows."""
    probe = _probe(module, rows)
    wanted = shown(module, probe)

    def dispensable(columns: Sequence[str], kept: Sequence[str]) -> bool:
        left = [c for c in kept if c not in columns]
        try:
            return not differences(module, probe[left], wanted)
        # a figure may miss a column in any way, and each of them means that the column is needed
        except Exception:
            return False

    return _without(list(rows.columns), list(rows.columns), dispensable)


def _without(
    tried: list[str], kept: list[str], dispensable: Callable[[Sequence[str], Sequence[str]], bool]
) -> list[str]:
    """Drop from `kept` what of `tried` is dispensable: all at once, else half by half."""
    if dispensable(tried, kept):
        return [c for c in kept if c not in tried]
    if len(tried) == 1:
        return kept
    half = len(tried) // 2
    return _without(tried[half:], _without(tried[:half], kept, dispensable), dispensable)


def _probe(module: ModuleType, rows: pd.DataFrame) -> pd.DataFrame:
    """Return few replicates or test rows, if a figure can be drawn of them; else all."""
    for axis in ("replicate", "test_row"):
        if axis in rows:
            few = rows[rows[axis] < FEW]
            try:
                module.draw(few)
                return few
            # whatever stops a figure of few rows: it is then tried on all
            except Exception:
                return rows
    return rows
