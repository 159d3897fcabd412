"""From a file to a table of plain columns, and digests of rows. Trouble with a file is reported in one line."""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import re
import sys
import warnings
import zipfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from statistics import median_low
from typing import IO, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from experiments.audit.options import InMemory, InputError

Digest = NDArray[np.uint64]

DELIMITERS = (",", ";", "\t", "|")
MISSING = ["", "?", "NA", "N/A", "n/a", "#N/A", "#NA", "<NA>", "NaN", "nan", "-NaN", "-nan", "NULL", "null"]
MISSING += ["1.#IND", "-1.#IND", "1.#QNAN", "-1.#QNAN"]
"""Marks of a missing value; in features, `None` is another."""

_CELLS = 500_000
"""Cells of a chunk: what is held in memory beyond the sample."""

_FIRST_BYTES = 1 << 20

_MARKS = {codecs.BOM_UTF32_LE: "utf-32", codecs.BOM_UTF32_BE: "utf-32", codecs.BOM_UTF8: "utf-8-sig"}
_MARKS |= {codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
"""Byte-order marks, and the encodings that they tell; the longer ones first."""

_NOT_TEXT = {b"PK\x03\x04": "a zip or Excel file", b"\xd0\xcf\x11\xe0": "an old or locked Excel file"}
_NOT_TEXT |= {b"\x89PNG": "a picture", b"%PDF": "a PDF", b"{": "JSON"}


@dataclass(frozen=True)
class RawTable:
    """A table as read.

    `name` is what messages call it (`real`, `synthetic` or `test`), `frame` its columns with the types that pandas
    inferred and at most as many rows as were asked for, `total` the number of rows in the file.
    """

    name: str
    frame: pd.DataFrame
    total: int


def read_table(path: str, name: str, rows: int, encoding: str = "utf-8", seed: int = 0, target: str = "") -> RawTable:
    """Read a CSV (plain or gzip), Parquet or Excel file or a data frame, sampling it where it is longer than `rows`.

    Which rows are kept depends on their content and the seed only, never on their order. `name` is what messages call
    the table; in its column `target`, the word None is left, which may be a class. Raises `InputError`: one line that
    names the table, the trouble and the remedy.
    """
    place = f"{name} table {path}"
    with _one_line(place, encoding):
        frame, total = _sample(_chunks(path, place, encoding, target=target), rows, seed)
    if total == 0:
        raise InputError(f"{place}: 0 rows below the header; give a table with data")
    return RawTable(name, frame, total)


def read_head(path: str, name: str, encoding: str = "utf-8") -> RawTable:
    """Read the first rows only, at once whatever the size; raises as `read_table` does."""
    place = f"{name} table {path}"
    with _one_line(place, encoding):
        return RawTable(name, next(_chunks(path, place, encoding, nrows=100)()).head(0), 0)


def _chunks(path: str, place: str, encoding: str, **options: Any) -> Callable[[], Iterator[pd.DataFrame]]:
    """Return what yields the parts of a table, by the kind of file; `options` are those of `_csv` and `_excel`."""
    if isinstance(path, InMemory):
        return lambda: iter([_plain(path.held, place)])
    file = Path(path).expanduser()
    if not file.is_file():
        raise InputError(f"{place}: {'not a' if file.exists() else 'no such'} file; give the path of a CSV file")
    if file.stat().st_size == 0:
        raise InputError(f"{place}: the file is empty; expected a header line and rows")
    if (kind := _kind(file)) == "Excel":
        return partial(_excel, file, place, **options)
    return partial(_parquet, file, place) if kind == "Parquet" else partial(_csv, file, place, encoding, **options)


def _kind(file: Path) -> str:
    """Tell Parquet and Excel files from text."""
    if zipfile.is_zipfile(file):
        return "Excel" if "xl/workbook.xml" in zipfile.ZipFile(file).namelist() else "text"
    return "Parquet" if _starts(file) == b"PAR1" else "text"


def _plain(frame: pd.DataFrame, place: str) -> pd.DataFrame:
    """Return a frame whose columns are named by text, each once, and typed as if read from a file."""
    named = frame.set_axis([str(column).strip() for column in frame.columns], axis=1)
    doubled = named.columns[named.columns.duplicated()]
    if len(doubled):
        raise InputError(f"{place}: column {doubled[0]!r} appears more than once; rename or drop one")
    for column in named:
        values = named[column]
        if pd.api.types.is_timedelta64_dtype(values):
            named[column] = values / pd.Timedelta(days=1)
        elif values.dtype == object and values.map(lambda value: isinstance(value, list | dict | np.ndarray)).any():
            named[column] = values.astype(str).where(values.notna())
    return named.astype({c: object for c, dtype in named.dtypes.items() if isinstance(dtype, pd.CategoricalDtype)})


@contextmanager
def _one_line(place: str, encoding: str) -> Iterator[None]:
    """Turn what the readers raise into an `InputError` of one line."""
    try:
        yield
    except PermissionError:
        raise InputError(f"{place}: no permission to read it; change its mode (chmod +r) or copy it") from None
    except LookupError:
        raise InputError(f"audit.encoding: unknown encoding {encoding!r}; try utf-8 or latin-1") from None
    except UnicodeError as error:
        remedy = "set audit.encoding (latin-1, cp1252, utf-16, ...) or save the file as UTF-8"
        raise InputError(f"{place}: not {encoding} text ({_line(error)}); {remedy}") from None
    except (pd.errors.ParserError, pd.errors.ParserWarning, csv.Error) as error:
        raise InputError(f"{place}: not a well-formed CSV ({_line(error)}); correct that line") from None
    except (EOFError, gzip.BadGzipFile, OSError) as error:
        raise InputError(f"{place}: cannot be read ({_line(error)}); copy or unpack it again") from None


def _line(error: BaseException) -> str:
    return " ".join(str(error).split())[:160]


def _starts(file: Path) -> bytes:
    with file.open("rb") as stream:
        return stream.read(4)


def _open(file: Path) -> IO[bytes]:
    """Open a file, unpacking gzip by its first bytes, whatever it is called."""
    if _starts(file)[:2] == b"\x1f\x8b":
        return gzip.open(file, "rb")  # type: ignore[return-value]
    return file.open("rb")


def split_table(path: str, folder: Path, encoding: str, seed: int) -> tuple[Path, Path]:
    """Cut a table into `train.csv` and `test.csv`, a fifth of its rows, and return their paths; values stay as written.

    Which rows are held out depends on their content and the seed only. Raises `InputError`.
    """
    place, file = f"real table {path}", Path(path).expanduser()
    whole = read_table(path, "real", sys.maxsize, encoding).frame  # for its checks
    with _one_line(place, encoding):
        written: dict[str, Any] = {"dtype": str, "na_values": None}
        frame = pd.concat(_csv(file, place, encoding, **written), ignore_index=True) if _kind(file) == "text" else whole
    held = _chosen(_digest(frame), max(len(frame) // 5, 1), seed)
    paths = folder / "train.csv", folder / "test.csv"
    for made in paths:
        if made.exists():
            raise InputError(f"audit.split: {made} exists; name another folder")
    folder.mkdir(parents=True, exist_ok=True)
    for made, rows in zip(paths, (~held, held), strict=True):
        frame[rows].to_csv(made, index=False, encoding=encoding)
    return paths


def _csv(file: Path, place: str, encoding: str, target: str = "", **options: Any) -> Iterator[pd.DataFrame]:
    """Yield the chunks of a CSV file, read with the `options` of pandas."""
    with _open(file) as stream:
        first = stream.read(_FIRST_BYTES)
    encoding = next((told for mark, told in _MARKS.items() if first.startswith(mark)), encoding)
    kind = next((kind for mark, kind in _NOT_TEXT.items() if first.startswith(mark)), None)
    if kind or (b"\x00" in first and "16" not in encoding and "32" not in encoding):
        raise InputError(f"{place}: not a CSV but {kind or 'binary data (or UTF-16: --encoding utf-16-le)'}; export it as CSV")
    header, delimiter, above = _header(first, place, encoding)
    with _open(file) as stream, warnings.catch_warnings():
        warnings.simplefilter("error", pd.errors.ParserWarning)
        warnings.simplefilter("ignore", pd.errors.DtypeWarning)
        yield from pd.read_csv(
            stream, sep=delimiter, encoding=encoding, skiprows=above, names=header, header=0, index_col=False,
            skipinitialspace=True, chunksize=max(1000, _CELLS // len(header)), keep_default_na=False,
            **({"na_values": {name: MISSING + ["None"] * (name != target) for name in header}} | options),
        )


def _header(first: bytes, place: str, encoding: str) -> tuple[list[str], str, int]:
    """Return the column names, the delimiter and the number of lines above the names, from the first bytes."""
    decoder = codecs.getincrementaldecoder(encoding)()  # the cut may fall inside a character
    text = io.StringIO(decoder.decode(first), newline=None).getvalue()
    excel = re.match(r'\s*"?sep=(.)"?[;,]*\n', text)  # a line that Excel reads and writes above the names
    text = "\n" * text.count("\n", 0, excel.end()) + text[excel.end() :] if excel else text
    rows = {d: list(islice(_filled(text, d), 30)) for d in ([excel[1]] if excel else DELIMITERS)}
    names = {d: [name.strip() for name in own[0][1]] if own else [] for d, own in rows.items()}
    width = {d: median_low([len(row) for _, row in own[1:] or own] or [0]) for d, own in rows.items()}
    agreed = [d for d in rows if len(names[d]) >= width[d] >= 2]
    delimiter = max(agreed, key=lambda d: len(names[d])) if agreed else max(rows, key=lambda d: width[d])
    header, most = names[delimiter], width[delimiter]
    if max(len(header), most) < 2:
        raise InputError(f"{place}: only one column; expected a CSV with a header, separated by , ; tab or |")
    line, named = rows[delimiter][0][0], list(filter(None, header))
    if len(header) < most or len(named) == 1 < most - 1:
        found = f"line {line} ({' '.join(named)[:40]!r}) has {len(named)} of {most} column names"
        raise InputError(f"{place}: {found}; delete lines above the column names, or name every column")
    doubled = sorted({name for name in header if name and header.count(name) > 1})
    if doubled:
        raise InputError(f"{place}: column {doubled[0]!r} appears {header.count(doubled[0])} times; rename or drop one")
    if pd.to_numeric(pd.Series(header), errors="coerce").notna().all():
        raise InputError(f"{place}: the first line holds numbers, not column names; add a header line")
    return [name or f"unnamed {i}" for i, name in enumerate(header)], delimiter, line - 1


def _filled(text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the lines that are not empty: number of the first line, fields."""
    reader, line = csv.reader(io.StringIO(text), delimiter=delimiter, skipinitialspace=True), 1
    for row in reader:
        if any(field.strip() for field in row):
            yield line, row
        line = reader.line_num + 1


def _parquet(file: Path, place: str) -> Iterator[pd.DataFrame]:
    """Yield the batches of a Parquet file, through the optional pyarrow."""
    try:
        import pyarrow.parquet as parquet
    except ImportError:
        raise InputError(f"{place}: Parquet needs pyarrow; pip install pyarrow, or save the table as CSV") from None
    try:
        opened = parquet.ParquetFile(file)
    except ValueError as error:  # pyarrow's own are of this kind
        raise InputError(f"{place}: not a readable Parquet file ({_line(error)}); write it again, or as CSV") from None
    with opened as table:
        names = table.schema_arrow.names
        if table.metadata.num_rows == 0:
            yield _plain(table.schema_arrow.empty_table().to_pandas(), place)
        for batch in table.iter_batches(max(1000, _CELLS // max(len(names), 1))):
            yield _plain(batch.to_pandas(), place)


def _excel(file: Path, place: str, target: str = "", **options: Any) -> Iterator[pd.DataFrame]:
    """Yield the first sheet of an Excel file, through the optional openpyxl."""
    try:
        frame = pd.read_excel(file, engine="openpyxl", na_values=MISSING, keep_default_na=False, **options)
    except ImportError:
        raise InputError(f"{place}: Excel needs openpyxl; pip install openpyxl, or save the table as CSV") from None
    except Exception as error:  # openpyxl raises what it meets in the archive
        raise InputError(f"{place}: not a readable Excel file ({_line(error)}); save the table as CSV") from None
    named = _plain(frame, place)
    yield named.mask(named.eq("None") & (named.columns != target))


def _sample(chunks: Callable[[], Iterator[pd.DataFrame]], rows: int, seed: int) -> tuple[pd.DataFrame, int]:
    """Keep all rows, or a sample of `rows` of them that does not depend on the order of the file.

    A long file is read twice: for the digests of its rows, and for the rows chosen by them.
    """
    kept: list[pd.DataFrame] = []
    digests: list[Digest] = []
    total = 0
    for chunk in chunks():
        total += len(chunk)
        digests.append(_digest(chunk))
        kept = [*kept, chunk] if total <= rows else []
    if total > rows:
        chosen = _chosen(np.concatenate(digests), rows, seed)
        kept, start = [], 0
        for chunk in chunks():
            kept.append(chunk[chosen[start : start + len(chunk)]])
            start += len(chunk)
    frame = pd.concat(kept, ignore_index=True) if len(kept) != 1 else kept[0].reset_index(drop=True)
    return frame, total


def _chosen(digests: Digest, rows: int, seed: int) -> NDArray[np.bool_]:
    """Mark the `rows` rows with the smallest random marks; equal rows are numbered, so each has a mark of its own."""
    order = np.argsort(digests)  # which of two equal rows comes first is no matter
    marks = digests[order]
    number = np.arange(len(marks))
    starts = np.where(np.r_[True, marks[1:] != marks[:-1]], number, 0)
    number -= np.maximum.accumulate(starts, out=starts)
    del starts
    for start in range(0, len(marks), _CELLS):  # in parts: ten million rows are to fit beside everything else
        part = slice(start, start + _CELLS)
        marks[part] = mixed(mixed(marks[part] ^ np.uint64(seed)) + number[part].astype(np.uint64))
    del number
    chosen = np.zeros(len(digests), dtype=bool)
    chosen[order[np.argpartition(marks, rows - 1)[:rows]]] = True
    return chosen


def _digest(chunk: pd.DataFrame) -> Digest:
    """Digest of each row; numbers count by value, so that 1 and 1.0 in different chunks agree."""
    numbers = chunk.astype(dict.fromkeys(chunk.select_dtypes("number"), "float64"))
    hashed: Digest = pd.util.hash_pandas_object(numbers, index=False).to_numpy()
    return hashed


def mixed(words: Digest) -> Digest:
    """Return 64-bit words scrambled by the finaliser of SplitMix64 (Steele, Lea, Flood 2014), a bijection."""
    z = words + np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


def row_digests(columns: Iterable[NDArray[np.float64]], rows: int) -> Digest:
    """Digest of each row of a table given by its columns, all as floats.

    -0 counts as 0, every NaN as one value. Equal rows have equal digests; different rows collide with probability about
    rows² / 2^65.
    """
    digest = np.zeros(rows, dtype=np.uint64)
    for column in columns:
        values = np.where(np.isnan(column), np.nan, column + 0.0)  # -0 + 0 is 0; one NaN for all
        digest = mixed(digest ^ values.view(np.uint64))
    return digest
