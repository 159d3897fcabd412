"""The columns of the tables aligned: the same everywhere, of agreed types, useless ones left out; the rest are warnings."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from difflib import get_close_matches

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from experiments.audit.dtypes import (
    LARGEST,
    MOST_CLASSES,
    MOSTLY,
    Dtype,
    as_days,
    as_float,
    as_text,
    dtype_of,
    example,
    spelling,
    target_of,
)
from experiments.audit.notation import plainly_written
from experiments.audit.options import AuditOptions, InputError
from experiments.audit.reading import RawTable, read_head

OFTEN = 10
"""Rows of a category, real and expected, from which its lack is worth a word: 2^-10 is the largest probability by chance."""

MIN_ROWS = {"real": 60, "synthetic": 60, "test": 30}
"""Fewest rows of a table about which an interval can be given."""


@dataclass
class Warnings:
    """Warnings of an audit, grouped by what is said, so that two thousand columns do not make two thousand lines.

    `notes` are those without which the verdict would be read wrongly: they stand beside it.
    """

    columns: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    lines: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def about(self, column: str, text: str) -> None:
        """Add `text` about one column."""
        self.columns[text].append(column)

    def to_lines(self) -> list[str]:
        """Return one line for each thing said, with the columns that it is about."""
        return self.lines + [f"{_listed(names)}: {text}" for text, names in self.columns.items()]


def _listed(names: Sequence[str], most: int = 6) -> str:
    rest = f" and {len(names) - most} more" if len(names) > most else ""
    return f"column{'s' if len(names) > 1 else ''} {', '.join(map(repr, names[:most]))}{rest}"


@dataclass(frozen=True)
class CleanTables:
    """Tables with the same columns, of agreed types.

    `frames` has `real`, `synthetic` and perhaps `test`: numbers as float64 (NaN missing, no infinities), categories as
    text (None missing), the target without missing values. Feature names are sorted; `task` is `classification` or
    `regression`.
    """

    frames: dict[str, pd.DataFrame]
    numbers: list[str]
    categories: list[str]
    target: str
    task: str


@contextmanager
def naming(path: str, several: bool) -> Iterator[None]:
    """Say in an `InputError` which synthetic table it is about, where there are several."""
    try:
        yield
    except InputError as error:
        raise InputError(f"{path}: {error}" if several else str(error)) from None


def check_heads(options: AuditOptions, synthetic: Collection[str] = ()) -> None:
    """Check what the first rows of the tables show, before anything heavy is loaded; raises `InputError`.

    `synthetic`: the paths of several synthetic tables in place of one.
    """
    for path in synthetic or [options.synthetic]:
        paths = replace(options, synthetic=path).paths()
        heads = [read_head(place, name, options.encoding) for name, place in paths.items()]
        if not options.split:
            with naming(path, len(synthetic) > 1):
                _check_names({head.name: _selected(head, options, Warnings()) for head in heads}, options.target)


def clean(tables: Mapping[str, RawTable], options: AuditOptions, warnings: Warnings) -> CleanTables:
    """Check and align the tables `real`, `synthetic` and perhaps `test`.

    Raises `InputError`: one line that names the column and the remedy.
    """
    frames = {name: _selected(table, options, warnings) for name, table in tables.items()}
    _check_names(frames, options.target)
    frames = {name: _with_target(frame, name, options.target, warnings) for name, frame in frames.items()}
    for name, frame in frames.items():
        if len(frame) < MIN_ROWS[name]:
            raise InputError(f"{name} table: {len(frame)} rows are too few; give at least {MIN_ROWS[name]}")
    cleaned: dict[str, dict[str, pd.Series]] = {}
    dtypes: dict[str, Dtype] = {}
    task = ""
    for column in sorted(frames["real"].columns):
        series, told = plainly_written({name: frame[column] for name, frame in frames.items()})
        for line in told:
            warnings.about(column, line)
        if column == options.target:
            task, cleaned[column], notes = target_of(series, options)
            warnings.notes += notes
        else:
            dtypes[column], cleaned[column] = _feature(series, column, warnings)
    whole = {name: pd.DataFrame({column: read[name] for column, read in cleaned.items()}) for name in frames}
    kept = _kept(whole, dtypes, options.keep, warnings)
    for column in kept:
        if _says_target(whole["real"][column], whole["real"][options.target]):
            copied = f"column {column!r} says the target itself in the real table"
            warnings.notes.append(f"{copied}; if it is not known when predicting, leave it out: audit.ignore=[{column}]")
    numbers, categories = ([c for c in kept if (dtypes[c] == "text") == text] for text in (False, True))
    return CleanTables(whole, numbers, categories, options.target, task)


def _suggestion(name: str, known: Sequence[str]) -> str:
    lower = {k.casefold(): k for k in known}
    match = get_close_matches(name.casefold(), list(lower), 1, 0.6)
    return f" (did you mean {lower[match[0]]!r}?)" if match else ""


def _selected(table: RawTable, options: AuditOptions, warnings: Warnings) -> pd.DataFrame:
    """Drop the columns to be ignored and those without a name."""
    frame = table.frame
    if table.name == "real":
        for option, names in (("ignore", options.ignore), ("keep", options.keep)):
            for name in (n for n in names if n not in frame):
                close = _suggestion(name, list(frame))
                raise InputError(f"audit.{option}: no column {name!r} in the real table{close}")
    nameless = [name for name in sorted(frame) if re.fullmatch(r"(?i)unnamed:? \d+", name)]
    for name in nameless:
        warnings.about(name, f"without a name in the {table.name} table (row numbers?), left out")
    if table.total > len(frame):
        sampled = f"{table.total:,} rows in the file, a sample of {len(frame):,} is used (audit.rows)"
        warnings.lines.append(f"{table.name} table: {sampled}")
    return frame.drop(columns=[*nameless, *(n for n in options.ignore if n in frame)])


def _check_names(frames: Mapping[str, pd.DataFrame], target: str) -> None:
    """Require the same columns everywhere, the target among them."""
    real = list(frames["real"])
    if target not in real:
        close = _suggestion(target, real) or f" (they begin with {', '.join(map(repr, real[:3]))})"
        raise InputError(f"audit.target: no column {target!r} in the real table{close}; name one of its columns")
    for name, frame in frames.items():
        if target not in frame:
            close = _suggestion(target, list(frame))
            raise InputError(f"column {target!r} (the target): missing in the {name} table{close}; add it")
        for column in sorted(set(real) - set(frame)):
            close = _suggestion(column, list(frame))
            remedy = f"add it, or set audit.ignore=[{column}]"
            raise InputError(f"column {column!r}: missing in the {name} table{close}; {remedy}")
        for column in sorted(set(frame) - set(real)):
            raise InputError(f"column {column!r}: in the {name} table but not in the real one; drop it there")
    if len(real) < 2:
        raise InputError(f"real table: only the target {target!r} is left; at least one other column is needed")


def _with_target(frame: pd.DataFrame, name: str, target: str, warnings: Warnings) -> pd.DataFrame:
    """Drop rows whose target is missing; the word None is a class of text, but a missing number."""
    none = frame[target].eq("None")
    if none.any() and as_float(frame[target][~none].dropna()).notna().all():
        frame = frame.assign(**{target: frame[target].mask(none)})
    present = frame[target].notna()
    if not present.any():
        raise InputError(f"column {target!r} (the target): every value is missing in the {name} table; fill it")
    if not present.all():
        lost = int((~present).sum())
        warnings.about(target, f"target missing in {lost:,} rows of the {name} table, which are left out")
    return frame[present].reset_index(drop=True)


def _feature(series: Mapping[str, pd.Series], column: str, warnings: Warnings) -> tuple[Dtype, dict[str, pd.Series]]:
    """Agree on the type of a feature, which the real table decides, and convert it everywhere."""
    dtype = dtype_of(series["real"])
    if dtype == "empty":
        return dtype, dict(series)
    if dtype == "text":
        return dtype, {name: _as_text(s, series["real"], name, column) for name, s in series.items()}
    return dtype, {name: _as_numbers(s, dtype, name, column, warnings) for name, s in series.items()}


def _as_text(series: pd.Series, real: pd.Series, name: str, column: str) -> pd.Series:
    """Read a column as categories; numbers are accepted where they are categories of the real table."""
    text = as_text(series)
    if dtype_of(series) == "number" and not set(text.dropna()) & set(as_text(real).dropna()):
        raise InputError(
            f"column {column!r}: text in the real table (such as {example(real)}), numbers in the {name} table "
            f"(such as {example(series)}); write both in the same way"
        )
    return text


def _as_numbers(series: pd.Series, dtype: Dtype, name: str, column: str, warnings: Warnings) -> pd.Series:
    """Read a column as numbers; a few words among them count as missing, many are an error."""
    values = as_days(series) if dtype == "date" else as_float(series)
    known = series.notna()
    lost = known & values.isna()
    what = "dates" if dtype == "date" else "numbers"
    if known.any() and lost.sum() > (1 - MOSTLY) * known.sum():
        found = f"text in the {name} table (such as {example(series[lost])})"
        raise InputError(f"column {column!r}: {what} in the real table, {found}; write plain {what} there")
    if lost.any():
        warnings.about(column, f"{int(lost.sum()):,} values of the {name} table are not {what} and count as missing")
    large = values.abs() > LARGEST
    if large.any():
        told = f"{int(large.sum()):,} values of the {name} table are infinite or beyond {LARGEST:g} and count as missing"
        warnings.about(column, told)
    return values.mask(large)


def _kept(
    frames: Mapping[str, pd.DataFrame], dtypes: Mapping[str, Dtype], wanted: Sequence[str], warnings: Warnings
) -> list[str]:
    """Return the features worth keeping or `wanted`, and warn of the others and of what is odd about those kept."""
    seen: dict[tuple[int, ...], str] = {}
    kept: list[str] = []
    for column, dtype in dtypes.items():
        series = [frame[column] for frame in frames.values()]
        trouble = None if column in wanted else _useless(dtype, series)
        if trouble is None:
            digest = tuple(int(pd.util.hash_pandas_object(s, index=False).sum()) for s in series)
            twin = seen.setdefault(digest, column)
            if twin != column and all(frame[column].equals(frame[twin]) for frame in frames.values()):
                trouble = f"the same as {twin!r} in every table, left out"
        if trouble is None:
            kept.append(column)
        else:
            warnings.about(column, trouble)
    if not kept:
        raise InputError("real table: no usable feature column is left; every one is empty, constant or an identifier")
    for column in kept:
        real = frames["real"][column]
        if dtypes[column] == "text" and 0 < (words := as_float(real.dropna()).isna()).sum() < len(words) / 2:
            odd = f"{words.sum():,} of {len(words):,} real values are no numbers (such as {example(real)})"
            warnings.about(column, f"{odd}, so all are categories; empty them to have the others read as numbers")
        for name in [n for n in frames if n != "real"]:
            _warn_of_differences(column, dtypes[column], name, frames[name][column], real, warnings)
    return kept


def _useless(dtype: Dtype, series: Sequence[pd.Series]) -> str | None:
    """Say why a column is left out, None if it is kept."""
    if dtype == "empty":
        return "empty in the real table, left out"
    if all(s.nunique(dropna=False) == 1 for s in series) and len({str(s.iloc[0]) for s in series}) == 1:
        return "constant and the same in every table, left out"
    distinct = series[0].nunique()
    if dtype == "text" and distinct > 100 and distinct > 0.5 * len(series[0]):
        return "nearly every value is different (identifier or free text), left out"
    if dtype == "number" and _numbered(series[0].dropna().to_numpy()):
        return "whole numbers that hardly recur or are too long for a measurement (identifier), left out; audit.keep keeps it"
    return None


def _says_target(column: pd.Series, target: pd.Series) -> bool:
    """Whether a feature is the target, renamed or in other units, or a number in whose order the classes do not mix."""
    if column.notna().mean() <= MOSTLY:
        return False
    column, target = column.dropna(), target[column.notna()]
    if pd.api.types.is_numeric_dtype(column) and pd.api.types.is_numeric_dtype(target):
        return bool(column.nunique() > 1 < target.nunique() and abs(np.corrcoef(column, target)[0, 1]) > 1 - 1e-9)
    if pd.api.types.is_numeric_dtype(column):
        ends = column.groupby(target).agg(["min", "max", "size"]).sort_values("min").to_numpy()
        return bool(len(ends) > 1 and (ends[1:, 0] > ends[:-1, 1]).all() and ends[:, 2].min() > 2)
    codes = pd.factorize(column)[0]
    return bool(codes.max() < MOST_CLASSES and np.array_equal(codes, pd.factorize(target)[0]))


def _numbered(values: NDArray[np.float64]) -> bool:
    """Whether numbers identify rows: whole ones that hardly recur although they should, or ones of more than 15 digits.

    Of n numbers drawn at random within a range of L whole numbers, n²/2L pairs and more agree: none, where ten are expected,
    has probability e^-10 at most, and so has a twentieth of twenty and more.
    """
    if len(values) < MIN_ROWS["test"] or np.any(values != np.round(values)):
        return False
    times = np.unique(values, return_counts=True)[1]
    if np.median(np.abs(values)) >= 1e15:
        return len(times) > len(values) / 2
    expected = len(values) ** 2 / 2 / (np.ptp(values) + 1)
    return bool(expected >= 10 and np.sum(times * (times - 1)) / 2 <= expected // 20)


def _warn_of_differences(column: str, dtype: Dtype, name: str, series: pd.Series, real: pd.Series, warnings: Warnings) -> None:
    """Warn of what is odd about a column of the table called `name`, beside the real one."""
    share, real_share = float(series.isna().mean()), float(real.isna().mean())
    if abs(share - real_share) > 0.05:
        warnings.about(column, f"{share:.0%} missing in the {name} table, {real_share:.0%} in the real one")
    if series.nunique() <= 1 < real.nunique():
        warnings.about(column, f"constant in the {name} table, not in the real one")
    counts = real.value_counts() if dtype == "text" else pd.Series(dtype=int)
    known = set(counts.index)
    lacking = counts[~counts.index.isin(series) & (counts * min(len(series) / len(real), 1) >= OFTEN)]
    if len(lacking):
        names = ", ".join(map(repr, lacking.index[:3]))
        told = f"lacks {len(lacking)} of {len(known)} categories ({names}{', ...' * (len(lacking) > 3)})"
        warnings.about(column, f"the {name} table {told}, which {lacking.sum() / len(real):.1%} of the real rows have")
    unseen = series[~series.isin(known) & series.notna()] if known else series[:0]
    if unseen.empty:
        return
    spelled = {spelling(v): v for v in known}
    variants = sorted(v for v in unseen.unique() if spelling(v) in spelled)
    if variants:
        pair = f"{variants[0]!r} in the {name} table, {spelled[spelling(variants[0])]!r} in the real one"
        warnings.about(column, f"spelled differently ({pair}); treated as different categories")
    else:
        warnings.about(column, f"{len(unseen):,} values of the {name} table are categories that the real table lacks")
