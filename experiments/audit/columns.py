"""The columns of the tables brought to one footing: kinds agreed, text that is meant as numbers read, the rest told."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

import numpy as np
import pandas as pd

from experiments.audit.errors import InputError
from experiments.audit.kinds import MOSTLY, Kind, as_days, as_float, as_text, example, kind_of, shown, spelling
from experiments.audit.notes import Notes
from experiments.audit.options import AuditOptions
from experiments.audit.reading import RawTable
from experiments.audit.targets import labels_of, responses, task_of

MIN_ROWS = {"real": 60, "synthetic": 60, "test": 30}
"""Fewest rows of a table about which an interval can be given."""


@dataclass(frozen=True)
class CleanTables:
    """Tables with the same columns, of agreed kinds.

    Parameters
    ----------
    frames : dict of DataFrame
        `real`, `synthetic` and perhaps `test`: numbers as float64 (NaN missing, no infinities), categories as text
        (None missing), the target without missing values.
    numbers, categories : list of str
        Feature columns of either kind, sorted by name.
    target : str
        Column to predict.
    task : str
        `classification` or `regression`.
    """

    frames: dict[str, pd.DataFrame]
    numbers: list[str]
    categories: list[str]
    target: str
    task: str


def clean(tables: Mapping[str, RawTable], options: AuditOptions, notes: Notes) -> CleanTables:
    """Check and align the tables.

    Parameters
    ----------
    tables : mapping
        `real`, `synthetic` and perhaps `test`, as read.
    options : AuditOptions
        Target, task, columns to ignore.
    notes : Notes
        Receives the warnings.

    Returns
    -------
    CleanTables
        Tables that can be encoded.

    Raises
    ------
    InputError
        One line that names the column and the remedy.
    """
    frames = {name: _selected(table, options, notes) for name, table in tables.items()}
    _check_names(frames, options.target)
    frames = {name: _with_target(frame, name, options.target, notes) for name, frame in frames.items()}
    for name, frame in frames.items():
        if len(frame) < MIN_ROWS[name]:
            raise InputError(
                f"{name} table: {len(frame)} rows are too few to say anything; give at least {MIN_ROWS[name]}"
            )
    task = task_of(frames["real"][options.target], options)
    cleaned: dict[str, dict[str, pd.Series]] = {name: {} for name in frames}
    kinds: dict[str, Kind] = {}
    for column in sorted(frames["real"].columns):
        series = {name: frame[column] for name, frame in frames.items()}
        if column == options.target:
            made = labels_of(series, column) if task == "classification" else responses(series, column)
        else:
            kinds[column], made = _feature(series, column, notes)
        for name in frames:
            cleaned[name][column] = made[name]
    whole = {name: pd.DataFrame(columns) for name, columns in cleaned.items()}
    numbers, categories = _kept(whole, kinds, notes)
    return CleanTables(whole, numbers, categories, options.target, task)


def _near(name: str, known: Sequence[str]) -> str:
    lower = {k.casefold(): k for k in known}
    match = get_close_matches(name.casefold(), list(lower), 1, 0.6)
    return f" (did you mean {lower[match[0]]!r}?)" if match else ""


def _selected(table: RawTable, options: AuditOptions, notes: Notes) -> pd.DataFrame:
    """Drop the columns to be ignored and those without a name."""
    frame = table.frame.rename(columns=lambda name: str(name).strip())
    if table.name == "real":
        for name in options.ignore:
            if name not in frame:
                raise InputError(f"audit.ignore: no column {name!r} in the real table{_near(name, list(frame))}")
    nameless = [name for name in sorted(frame) if re.fullmatch(r"(?i)unnamed:? \d+", name)]
    for name in nameless:
        notes.about(name, f"without a name in the {table.name} table (row numbers?), left out")
    if table.total > len(frame):
        notes.say(
            f"{table.name} table: {table.total:,} rows in the file, a sample of {len(frame):,} is used (audit.rows)"
        )
    return frame.drop(columns=[*nameless, *(n for n in options.ignore if n in frame)])


def _check_names(frames: Mapping[str, pd.DataFrame], target: str) -> None:
    """Require the same columns everywhere, the target among them."""
    real = list(frames["real"])
    if target not in real:
        raise InputError(
            f"audit.target: no column {target!r} in the real table{_near(target, real)}; name one of its columns"
        )
    for name, frame in frames.items():
        if target not in frame:
            raise InputError(
                f"column {target!r} (the target): missing in the {name} table{_near(target, list(frame))}; add it"
            )
        for column in sorted(set(real) - set(frame)):
            close = _near(column, list(frame))
            remedy = f"add it, or set audit.ignore=[{column}]"
            raise InputError(f"column {column!r}: missing in the {name} table{close}; {remedy}")
        for column in sorted(set(frame) - set(real)):
            raise InputError(f"column {column!r}: in the {name} table but not in the real one; drop it there")
    if len(real) < 2:
        raise InputError(f"real table: only the target {target!r} is left; at least one other column is needed")


def _with_target(frame: pd.DataFrame, name: str, target: str, notes: Notes) -> pd.DataFrame:
    """Drop rows whose target is missing."""
    present = frame[target].notna()
    if not present.any():
        raise InputError(f"column {target!r} (the target): every value is missing in the {name} table; fill it")
    if not present.all():
        notes.about(target, f"target missing in {int((~present).sum()):,} rows of the {name} table, which are left out")
    return frame[present].reset_index(drop=True)


def _feature(series: Mapping[str, pd.Series], column: str, notes: Notes) -> tuple[Kind, dict[str, pd.Series]]:
    """Agree on the kind of a feature, which the real table decides, and convert it everywhere."""
    kind = kind_of(series["real"])
    if kind == "empty":
        return kind, dict(series)
    if kind == "text":
        return kind, {name: _as_text(s, series["real"], name, column) for name, s in series.items()}
    return kind, {name: _as_numbers(s, kind, name, column, notes) for name, s in series.items()}


def _as_text(series: pd.Series, real: pd.Series, name: str, column: str) -> pd.Series:
    """Read a column as categories; numbers are accepted where they are categories of the real table."""
    text = as_text(series)
    if kind_of(series) == "number" and not set(text.dropna()) & set(as_text(real).dropna()):
        raise InputError(
            f"column {column!r}: text in the real table (such as {example(real)}), numbers in the {name} table "
            f"(such as {example(series)}); write both in the same way"
        )
    return text


def _as_numbers(series: pd.Series, kind: Kind, name: str, column: str, notes: Notes) -> pd.Series:
    """Read a column as numbers; a few words among them count as missing, many are an error."""
    values = as_days(series) if kind == "date" else as_float(series)
    known = series.notna()
    lost = known & values.isna()
    what = "dates" if kind == "date" else "numbers"
    if known.any() and lost.sum() > (1 - MOSTLY) * known.sum():
        example = shown(series[lost].iloc[0])
        raise InputError(
            f"column {column!r}: {what} in the real table, text in the {name} table (such as {example}); "
            f"write plain {what} there"
        )
    if lost.any():
        notes.about(column, f"{int(lost.sum()):,} values of the {name} table are not {what} and count as missing")
    infinite = np.isinf(values)
    if infinite.any():
        notes.about(column, f"{int(infinite.sum()):,} infinite values in the {name} table count as missing")
    return values.mask(infinite)


def _kept(frames: Mapping[str, pd.DataFrame], kinds: Mapping[str, Kind], notes: Notes) -> tuple[list[str], list[str]]:
    """Return the features worth keeping, numbers and categories, and note the others."""
    seen: dict[tuple[int, ...], str] = {}
    kept: list[str] = []
    for column, kind in kinds.items():
        series = [frame[column] for frame in frames.values()]
        trouble = _useless(kind, series)
        if trouble is None:
            digest = tuple(int(pd.util.hash_pandas_object(s, index=False).sum()) for s in series)
            twin = seen.setdefault(digest, column)
            if twin != column and all(frame[column].equals(frame[twin]) for frame in frames.values()):
                trouble = f"the same as {twin!r} in every table, left out"
        if trouble is None:
            kept.append(column)
        else:
            notes.about(column, trouble)
    if not kept:
        raise InputError("real table: no usable feature column is left; every one is empty, constant or an identifier")
    for column in kept:
        _remark(column, kinds[column], frames, notes)
    return [c for c in kept if kinds[c] != "text"], [c for c in kept if kinds[c] == "text"]


def _useless(kind: Kind, series: Sequence[pd.Series]) -> str | None:
    """Say why a column is left out, None if it is kept."""
    if kind == "empty":
        return "empty in the real table, left out"
    if all(s.nunique(dropna=False) == 1 for s in series) and len({str(s.iloc[0]) for s in series}) == 1:
        return "constant and the same in every table, left out"
    distinct = series[0].nunique()
    if kind == "text" and distinct > 100 and distinct > 0.5 * len(series[0]):
        return "nearly every value is different (identifier or free text), left out"
    return None


def _remark(column: str, kind: Kind, frames: Mapping[str, pd.DataFrame], notes: Notes) -> None:
    """Note what is odd about a column that is kept."""
    real = frames["real"][column]
    for name, frame in frames.items():
        series, share = frame[column], float(frame[column].isna().mean())
        if name != "real" and abs(share - float(real.isna().mean())) > 0.05:
            notes.about(column, f"{share:.0%} missing in the {name} table, {real.isna().mean():.0%} in the real one")
        if name != "real" and series.nunique() <= 1 < real.nunique():
            notes.about(column, f"constant in the {name} table, not in the real one")
        if name != "real" and kind == "text":
            _remark_unseen(column, name, series, real, notes)


def _remark_unseen(column: str, name: str, series: pd.Series, real: pd.Series, notes: Notes) -> None:
    known = set(real.dropna())
    unseen = series[~series.isin(known) & series.notna()]
    if unseen.empty:
        return
    shapes = {spelling(v): v for v in known}
    twins = sorted(v for v in unseen.unique() if spelling(v) in shapes)
    if twins:
        pair = f"{twins[0]!r} in the {name} table, {shapes[spelling(twins[0])]!r} in the real one"
        notes.about(column, f"spelled differently ({pair}); treated as different categories")
    else:
        notes.about(column, f"{len(unseen):,} values of the {name} table are categories that the real table lacks")
