"""What one column holds, read as numbers, days or text; and the target, as classes or numbers, the same in every table."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np
import pandas as pd

from experiments.audit.options import AuditOptions, InputError

Dtype = Literal["number", "date", "text", "empty"]

MOSTLY = 0.95
"""Share of a text column that must read as numbers or dates for the rest to count as missing."""

MOST_CLASSES = 100

LARGEST, LARGEST_RESPONSE = 1e30, 1e15
"""Features, and responses with their squares, beyond which single precision does not reach safely."""


def is_text(series: pd.Series) -> bool:
    """Tell whether a column holds text; true and false count as numbers."""
    return not pd.api.types.is_numeric_dtype(series)


def shown(value: object) -> str:
    """Show a value in a message: text in quotes, cut where it is long."""
    return repr(value)[:40] if isinstance(value, str) else str(value)[:40]


def as_float(series: pd.Series) -> pd.Series:
    """Read as float64; anything that is not a number becomes NaN."""
    if not is_text(series):
        return series.astype("float64")
    if pd.api.types.is_datetime64_any_dtype(series):
        return pd.Series(np.nan, index=series.index)
    return pd.to_numeric(series, errors="coerce").astype("float64")


def as_days(series: pd.Series) -> pd.Series:
    """Read as days since 1970; anything that is not an ISO date becomes NaN."""
    stamps = pd.to_datetime(series, errors="coerce", format="ISO8601", utc=True)
    return (stamps - pd.Timestamp(0, tz="UTC")) / pd.Timedelta(days=1)


def as_text(series: pd.Series) -> pd.Series:
    """Write as text: 1.0 as 1, blanks at the ends removed; missing values stay missing."""
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


def dtype_of(series: pd.Series) -> Dtype:
    """Tell what a column holds, from its values."""
    known = series.dropna()
    if known.empty:
        return "empty"
    if not is_text(known):
        return "number"
    # Only text is certain to have a hash: Parquet may hold lists.
    distinct = pd.Series(known.unique()) if isinstance(known.dtype, pd.StringDtype) else known
    if as_float(distinct).notna().all():
        return "number"
    looks = known.astype(str).str.match(r"\d{4}-\d\d").mean() > MOSTLY
    return "date" if looks and as_days(known).notna().mean() > MOSTLY else "text"


def example(series: pd.Series) -> str:
    """Show a value that is not a number, or the first one."""
    known = series.dropna()
    odd = known[as_float(known).isna()]
    return shown((odd if len(odd) else known).iloc[0])


def spelling(label: str) -> str:
    """Return what is left of a label without case, blanks, trailing dots, and marks between letters."""
    return re.sub(r"(?<=[^\W\d_])[-_\s.]+(?=[^\W\d_])", "", label.strip().rstrip(". ").casefold())


def target_of(series: Mapping[str, pd.Series], options: AuditOptions) -> tuple[str, dict[str, pd.Series], list[str]]:
    """Return the task, which the real target alone decides, the target of every table, read accordingly, and what to note."""
    values = as_float(series["real"]).dropna().unique()
    few = dtype_of(series["real"]) != "number" or (len(values) <= 20 and np.all(values == np.round(values)))
    if options.task == "regression" or (options.task == "auto" and not few):
        return "regression", _responses(series, options.target), []
    return "classification", *_labels(series, options.target)


def _responses(series: Mapping[str, pd.Series], column: str) -> dict[str, pd.Series]:
    """Numeric targets, all finite, none constant."""
    read = {name: as_float(s) for name, s in series.items()}
    for name, values in read.items():
        where, bad = f"column {column!r} (the target)", ~(values.abs() <= LARGEST_RESPONSE)
        if bad.any():
            raise InputError(
                f"{where}: {int(bad.sum()):,} values of the {name} table are not numbers up to {LARGEST_RESPONSE:g} "
                f"(such as {shown(series[name][bad].iloc[0])}); correct or rescale them, or set audit.task=classification"
            )
        if values.nunique() < 2:
            raise InputError(f"{where}: constant in the {name} table; nothing can be learned, check the table")
    return read


def _labels(series: Mapping[str, pd.Series], column: str) -> tuple[dict[str, pd.Series], list[str]]:
    """Class labels as text, spelled as in the real table, and what to note about them."""
    read, notes = {name: as_text(s) for name, s in series.items()}, []
    where, real = f"column {column!r} (the target)", sorted(set(read["real"]))
    if len(real) > MOST_CLASSES:
        remedy = "group them, or set audit.task=regression"
        raise InputError(f"{where}: {len(real):,} classes are more than {MOST_CLASSES}; {remedy}")
    truth = {_TRUTH.get(label.casefold(), label): label for label in real}
    marks, known = (_TRUTH, sorted(truth)) if set(truth) == {"0", "1"} else ({}, real)
    for name, labels in read.items():
        labels = labels.map(lambda label: marks.get(label.casefold(), label))
        if (nearest := _nearest(labels, known)) is not None:
            notes.append(f"{where}: fractions in the {name} table, each taken for the nearest label of the real one")
            labels = nearest
        labels = labels.map(lambda label: truth.get(label, label)) if marks else labels
        read[name], classes = labels, sorted(set(labels))
        _check_spelling(where, name, classes, real)
        if len(classes) < 2:
            remedy = "give a table with at least two classes (NA, null and the like count as missing)"
            raise InputError(f"{where}: only the class {classes[0]!r} in the {name} table; {remedy}")
    return read, notes


_TRUTH = {"false": "0", "true": "1"}


def _nearest(labels: pd.Series, real: Sequence[str]) -> pd.Series | None:
    """Return the nearest of the real labels, all whole numbers, where a generator gave fractions about them; else None."""
    numbers, known = pd.to_numeric(labels, errors="coerce"), pd.to_numeric(pd.Series(real), errors="coerce").to_numpy()
    if np.any(known != np.round(known)) or numbers.isna().any() or np.all(numbers == np.round(numbers)):
        return None
    if numbers.between(known.min() - 0.5, known.max() + 0.5).mean() <= MOSTLY:
        return None
    places = np.abs(numbers.to_numpy()[:, None] - known).argmin(axis=1)
    return pd.Series(np.array(real, dtype=object)[places], index=labels.index)


def _check_spelling(where: str, name: str, classes: Sequence[str], real: Sequence[str]) -> None:
    known = {spelling(label): label for label in real}
    for label in classes:
        if label not in real and spelling(label) in known:
            pair = f"{label!r} in the {name} table and {known[spelling(label)]!r} in the real one"
            raise InputError(f"{where}: spelled {pair}; use one spelling")
    if not set(classes) & set(real):
        ours, theirs = (", ".join(map(repr, labels[:4])) for labels in (real, classes))
        pair = f"{ours} in the real table and {theirs} in the {name} one"
        raise InputError(f"{where}: no label in common, {pair}; rename them")
