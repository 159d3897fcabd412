"""A table in few bytes, for publication: numbers as decimals of few digits, names as numbers; nothing pickled.

A number is m 10^e: its mantissa m, of the wanted number of digits, and its exponent e are stored as small whole numbers, and
give the decimal back exactly. 0.1 stays 0.1, so that rows are still selected by equality.
"""

import io
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Array = NDArray[Any]

NOT_FINITE = 127
"""The exponent that marks nan, inf and -inf, with mantissas 0, 1 and -1."""

EXACT = 17
"""With so many digits, numbers are kept as they are."""

MOST_LEVELS = 256
"""Columns with at most so many different numbers, each four times on average, are settings and keep every digit."""


def encode(rows: pd.DataFrame, digits: int) -> bytes:
    """Return a table as the bytes of a compressed npz archive, a function of the rows alone.

    Parameters
    ----------
    rows : pandas.DataFrame
        Columns of numbers, truth values, names or categories of names.
    digits : int
        Significant digits that are kept of numbers that are not whole, 1 to 17; 17 keeps all.
    """
    if not 1 <= digits <= EXACT:
        raise ValueError(f"digits: expected a whole number in [1, {EXACT}], got {digits}")
    parts = {f"{kind}:{name}": array for name in rows for kind, array in _parts(rows[name], digits)}
    rounded = [key for key in parts if key.startswith("rounded:")]
    packed = np.array([parts.pop(key) for key in rounded], dtype=np.float64).reshape(len(rounded), len(rows))
    mantissas, exponents = _split(packed, min(digits, EXACT - 1))
    parts |= {"columns": np.array(list(map(str, rows.columns)), dtype=str), "mantissas": _small(mantissas)}
    parts |= {"exponents": exponents, "rounded": np.array([key.partition(":")[2] for key in rounded], dtype=str)}
    buffer = io.BytesIO()
    np.savez_compressed(buffer, allow_pickle=False, **parts)
    return buffer.getvalue()


def decode(data: bytes) -> pd.DataFrame:
    """Return the table of `encode`, columns in their order; whole numbers as int64, others as float64."""
    with np.load(io.BytesIO(data), allow_pickle=False) as stored:
        parts = {key: stored[key] for key in stored.files}
    columns = dict(zip(map(str, parts["rounded"]), _decimal(parts["mantissas"], parts["exponents"])))
    for key, array in parts.items():
        kind, _, name = key.partition(":")
        if kind in ("category", "text"):
            named = pd.Series(pd.Categorical.from_codes(array, [str(n) for n in parts[f"names:{name}"]]))
            columns[name] = named if kind == "category" else named.astype(str).where(named.notna())
        elif kind == "level":
            columns[name] = parts[f"levels:{name}"][array]
        elif kind == "number":
            columns[name] = array.astype(np.int64) if array.dtype.kind == "i" else array
    return pd.DataFrame({str(name): columns[str(name)] for name in parts["columns"]})


def read(folder: Path, names: Sequence[str]) -> pd.DataFrame:
    """Return the rows of published tables, one after the other."""
    return pd.concat([decode((folder / f"{name}.npz").read_bytes()) for name in names], ignore_index=True)


def _parts(column: "pd.Series[Any]", digits: int) -> Iterator[tuple[str, Array]]:
    """The arrays that stand for one column, each with its kind."""
    values = column.to_numpy()
    if not pd.api.types.is_numeric_dtype(column):
        named = pd.Categorical(column)
        yield ("category" if isinstance(column.dtype, pd.CategoricalDtype) else "text"), _small(named.codes)
        yield "names", np.array([str(name) for name in named.categories], dtype=str)
    elif values.dtype.kind != "f":
        yield "number", values if values.dtype.kind == "b" else _small(values)
    else:
        levels, codes = np.unique(values.astype(np.float64), return_inverse=True)
        if len(levels) <= min(MOST_LEVELS, len(values) / 4):
            yield "level", _small(codes)
            yield "levels", levels
        else:
            yield ("rounded" if digits < EXACT else "number"), values


def _small(values: Array) -> Array:
    """Whole numbers in the smallest signed type that holds them."""
    lowest = min(int(values.min(initial=0)), -int(values.max(initial=0)) - 1)
    return values.astype(np.min_scalar_type(lowest))


def _split(values: Array, digits: int) -> tuple[Array, Array]:
    """Mantissas and exponents of numbers rounded to so many significant digits."""
    finite = np.isfinite(values)
    size = np.abs(np.where(finite & (values != 0), values, 1.0))
    exponents = np.floor(np.log10(size)).astype(np.int64) + 1 - digits
    mantissas = np.rint(np.where(finite, values, 0.0) / 10.0**exponents).astype(np.int64)
    exponents = np.where(mantissas == 0, 0, exponents)
    special = np.where(np.isnan(values), 0, np.sign(np.where(np.isnan(values), 0, values)))
    mantissas = np.where(finite, mantissas, special.astype(np.int64))
    return mantissas, np.where(finite, exponents, NOT_FINITE).astype(np.int8)


def _decimal(mantissas: Array, exponents: Array) -> Array:
    """The numbers m 10^e; one correctly rounded operation each for |e| up to 22."""
    special = exponents == NOT_FINITE
    m, e = mantissas.astype(np.float64), np.where(special, 0, exponents).astype(np.int64)
    values = np.where(e < 0, m / 10.0 ** np.maximum(-e, 0), m * 10.0 ** np.maximum(e, 0))
    values[special] = np.array([np.nan, np.inf, -np.inf])[mantissas[special]]
    return values
