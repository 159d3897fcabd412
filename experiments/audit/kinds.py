"""One column: what it holds, read as numbers, days or text."""

from __future__ import annotations

import re
from typing import Literal

import numpy as np
import pandas as pd

Kind = Literal["number", "date", "text", "empty"]

MOSTLY = 0.95
"""Share of a text column that must read as numbers or dates for the rest to be called missing."""


def is_text(series: pd.Series) -> bool:
    """Tell whether a column holds text; true and false count as numbers."""
    return not pd.api.types.is_numeric_dtype(series)


def shown(value: object) -> str:
    """Show a value in a message: text in quotes, cut where it is long."""
    return repr(value)[:40] if isinstance(value, str) else str(value)[:40]


def as_float(series: pd.Series) -> pd.Series:
    """Read as float64; what is no number becomes NaN."""
    if not is_text(series):
        return series.astype("float64")
    if pd.api.types.is_datetime64_any_dtype(series):
        return pd.Series(np.nan, index=series.index)
    return pd.to_numeric(series, errors="coerce").astype("float64")


def as_days(series: pd.Series) -> pd.Series:
    """Read as days since 1970; what is no ISO date becomes NaN."""
    stamps = pd.to_datetime(series, errors="coerce", format="ISO8601", utc=True)
    return (stamps - pd.Timestamp(0, tz="UTC")) / pd.Timedelta(days=1)


def as_text(series: pd.Series) -> pd.Series:
    """Write as text: 1.0 as 1, blanks at the ends removed; what is missing stays so."""
    if isinstance(series.dtype, pd.StringDtype):
        codes, distinct = pd.factorize(series)  # each text is written once, however often it occurs; -1 is missing
        written = np.array([*(_plain(text.strip()) for text in distinct), np.nan], dtype=object)
        return pd.Series(written[codes], index=series.index, name=series.name, dtype=object)
    if is_text(series) or pd.api.types.is_bool_dtype(series):
        return series.map(lambda v: None if pd.isna(v) else _plain(str(v).strip())).astype(object)
    return series.map(lambda v: None if pd.isna(v) else _plain(repr(float(v)))).astype(object)


def _plain(text: str) -> str:
    """Write a whole number without fraction, any other text as it is."""
    return re.sub(r"(?<=\d)\.0+$", "", text) if re.fullmatch(r"-?\d+\.0+", text) else text


def kind_of(series: pd.Series) -> Kind:
    """Tell what a column holds, from its values."""
    known = series.dropna()
    if known.empty:
        return "empty"
    if not is_text(known):
        return "number"
    # Only text is sure to have a hash: Parquet may hold lists.
    distinct = pd.Series(known.unique()) if isinstance(known.dtype, pd.StringDtype) else known
    if as_float(distinct).notna().all():
        return "number"
    looks = known.astype(str).str.match(r"\d{4}-\d\d").mean() > MOSTLY
    return "date" if looks and as_days(known).notna().mean() > MOSTLY else "text"


def example(series: pd.Series) -> str:
    """Show a value that is no number, or the first one."""
    known = series.dropna()
    odd = known[as_float(known).isna()]
    return shown((odd if len(odd) else known).iloc[0])


def spelling(label: str) -> str:
    """Return what is left of a label without case, blanks, trailing dots, and marks between letters."""
    return re.sub(r"(?<=[^\W\d_])[-_\s.]+(?=[^\W\d_])", "", label.strip().rstrip(". ").casefold())
