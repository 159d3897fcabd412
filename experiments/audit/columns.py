"""The columns of the tables brought to one footing: kinds agreed, text that is meant as numbers read, the rest told."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Literal

import numpy as np
import pandas as pd

from experiments.audit.errors import InputError
from experiments.audit.options import AuditOptions
from experiments.audit.reading import RawTable

Kind = Literal["number", "date", "text", "empty"]

MIN_ROWS = {"real": 60, "synthetic": 60, "test": 30}
"""Fewest rows of a table about which an interval can be given."""

MOST_CLASSES = 100
MOSTLY = 0.95
"""Share of a text column that must read as numbers for the rest to be called missing."""


@dataclass
class Notes:
    """Warnings, gathered by what is said, so that two thousand columns do not make two thousand lines."""

    columns: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    lines: list[str] = field(default_factory=list)

    def about(self, column: str, text: str) -> None:
        """Note `text` about one column."""
        self.columns[text].append(column)

    def say(self, line: str) -> None:
        """Note a whole line."""
        self.lines.append(line)

    def to_lines(self) -> list[str]:
        """Return one line for each thing said."""
        return self.lines + [f"{_some(names)}: {text}" for text, names in self.columns.items()]


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
    task = _task(frames["real"][options.target], options)
    cleaned: dict[str, dict[str, pd.Series]] = {name: {} for name in frames}
    kinds: dict[str, Kind] = {}
    for column in sorted(frames["real"].columns):
        series = {name: frame[column] for name, frame in frames.items()}
        if column == options.target:
            made = _labels(series, column) if task == "classification" else _responses(series, column)
        else:
            kinds[column], made = _feature(series, column, notes)
        for name in frames:
            cleaned[name][column] = made[name]
    whole = {name: pd.DataFrame(columns) for name, columns in cleaned.items()}
    numbers, categories = _kept(whole, kinds, notes)
    return CleanTables(whole, numbers, categories, options.target, task)


def _some(names: Sequence[str], most: int = 6) -> str:
    """Write a list of columns, cut where it is long."""
    shown = ", ".join(repr(name) for name in names[:most])
    rest = f" and {len(names) - most} more" if len(names) > most else ""
    return f"column{'s' if len(names) > 1 else ''} {shown}{rest}"


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


def _is_text(series: pd.Series) -> bool:
    return not pd.api.types.is_numeric_dtype(series)  # true and false count as numbers


def _shown(value: object) -> str:
    """Show a value in a message: text in quotes, cut where it is long."""
    return repr(value)[:40] if isinstance(value, str) else str(value)[:40]


def _numbers(series: pd.Series) -> pd.Series:
    """Read as float64; what is no number becomes NaN."""
    if not _is_text(series):
        return series.astype("float64")
    if pd.api.types.is_datetime64_any_dtype(series):
        return pd.Series(np.nan, index=series.index)
    return pd.to_numeric(series, errors="coerce").astype("float64")


def _dates(series: pd.Series) -> pd.Series:
    """Read as days since 1970; what is no ISO date becomes NaN."""
    stamps = pd.to_datetime(series, errors="coerce", format="ISO8601", utc=True)
    return (stamps - pd.Timestamp(0, tz="UTC")) / pd.Timedelta(days=1)


def _text(series: pd.Series) -> pd.Series:
    """Write as text: 1.0 as 1, blanks at the ends removed, None where missing."""
    if _is_text(series) or pd.api.types.is_bool_dtype(series):
        return series.map(lambda v: None if pd.isna(v) else _plain(str(v).strip())).astype(object)
    return series.map(lambda v: None if pd.isna(v) else _plain(repr(float(v)))).astype(object)


def _plain(text: str) -> str:
    """Write a whole number without fraction, any other text as it is."""
    return re.sub(r"(?<=\d)\.0+$", "", text) if re.fullmatch(r"-?\d+\.0+", text) else text


def _kind(series: pd.Series) -> Kind:
    known = series.dropna()
    if known.empty:
        return "empty"
    if not _is_text(known):
        return "number"
    if _numbers(known).notna().all():
        return "number"
    looks = known.astype(str).str.match(r"\d{4}-\d\d").mean() > MOSTLY
    return "date" if looks and _dates(known).notna().mean() > MOSTLY else "text"


def _example(series: pd.Series) -> str:
    """Show a value that is no number, or the first one."""
    known = series.dropna()
    odd = known[_numbers(known).isna()]
    return _shown((odd if len(odd) else known).iloc[0])


def _feature(series: Mapping[str, pd.Series], column: str, notes: Notes) -> tuple[Kind, dict[str, pd.Series]]:
    """Agree on the kind of a feature, which the real table decides, and convert it everywhere."""
    kind = _kind(series["real"])
    if kind == "empty":
        return kind, dict(series)
    if kind == "text":
        return kind, {name: _as_text(s, series["real"], name, column) for name, s in series.items()}
    return kind, {name: _as_numbers(s, kind, name, column, notes) for name, s in series.items()}


def _as_text(series: pd.Series, real: pd.Series, name: str, column: str) -> pd.Series:
    """Read a column as categories; numbers are accepted where they are categories of the real table."""
    text = _text(series)
    if _kind(series) == "number" and not set(text.dropna()) & set(_text(real).dropna()):
        raise InputError(
            f"column {column!r}: text in the real table (such as {_example(real)}), numbers in the {name} table "
            f"(such as {_example(series)}); write both in the same way"
        )
    return text


def _as_numbers(series: pd.Series, kind: Kind, name: str, column: str, notes: Notes) -> pd.Series:
    """Read a column as numbers; a few words among them count as missing, many are an error."""
    values = _dates(series) if kind == "date" else _numbers(series)
    known = series.notna()
    lost = known & values.isna()
    what = "dates" if kind == "date" else "numbers"
    if known.any() and lost.sum() > (1 - MOSTLY) * known.sum():
        example = _shown(series[lost].iloc[0])
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


def _task(real: pd.Series, options: AuditOptions) -> str:
    """Decide between classes and numbers, from the real target alone."""
    if options.task != "auto":
        return options.task
    if _kind(real) != "number":
        return "classification"
    values = _numbers(real).dropna().unique()
    return "classification" if len(values) <= 20 and np.all(values == np.round(values)) else "regression"


def _responses(series: Mapping[str, pd.Series], column: str) -> dict[str, pd.Series]:
    """Numeric targets, all finite, none constant."""
    made = {name: _numbers(s) for name, s in series.items()}
    for name, values in made.items():
        where = f"column {column!r} (the target)"
        bad = ~np.isfinite(values)
        if bad.any():
            example = _shown(series[name][bad].iloc[0])
            raise InputError(
                f"{where}: {int(bad.sum()):,} values of the {name} table are no finite numbers (such as "
                f"{example}); mend them, or set audit.task=classification"
            )
        if values.nunique() < 2:
            raise InputError(f"{where}: constant in the {name} table; nothing can be learned, check the table")
    return made


def _labels(series: Mapping[str, pd.Series], column: str) -> dict[str, pd.Series]:
    """Class labels as text, spelled as in the real table."""
    made = {name: _text(s) for name, s in series.items()}
    where, real = f"column {column!r} (the target)", sorted(set(made["real"]))
    if len(real) > MOST_CLASSES:
        raise InputError(
            f"{where}: {len(real):,} classes are more than {MOST_CLASSES}; group them, or set audit.task=regression"
        )
    for name, labels in made.items():
        classes = sorted(set(labels))
        _check_spelling(where, name, classes, real)
        if len(classes) < 2:
            raise InputError(
                f"{where}: only the class {classes[0]!r} in the {name} table; give a table with at least two classes"
            )
    return made


def spelling(label: str) -> str:
    """Return what is left of a label without case, blanks, trailing dots, and marks between letters."""
    return re.sub(r"(?<=\w)[-_\s.]+(?=\w)", "", label.strip().rstrip(". ").casefold())


def _check_spelling(where: str, name: str, classes: Sequence[str], real: Sequence[str]) -> None:
    known = {spelling(label): label for label in real}
    for label in classes:
        if label not in real and spelling(label) in known:
            raise InputError(
                f"{where}: spelled {label!r} in the {name} table and {known[spelling(label)]!r} in the real one; "
                "use one spelling"
            )
    if not set(classes) & set(real):
        ours, theirs = (", ".join(map(repr, labels[:4])) for labels in (real, classes))
        raise InputError(
            f"{where}: no label in common, {ours} in the real table and {theirs} in the {name} one; rename them"
        )


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
