"""Clean tables as arrays, in an order that depends on their content only."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from experiments.audit.columns import CleanTables
from experiments.audit.reading import Digest, row_digests
from experiments.estimators.intervals import Array
from experiments.rng import stream


@dataclass(frozen=True)
class EncodedTable:
    """Rows of one table as arrays (the tables of `experiments.datasets` are data frames).

    `features (n, p)`: number columns, then category columns as codes; NaN where missing. `target (n,)`: responses, or
    class codes 0, 1, ... by falling frequency in the real table.
    """

    features: Array
    target: Array

    def __len__(self) -> int:
        return len(self.target)

    def take(self, rows: NDArray[np.intp]) -> EncodedTable:
        """Return the given rows."""
        return EncodedTable(self.features[rows], self.target[rows])

    def stacked(self, other: EncodedTable) -> EncodedTable:
        """Return the rows of both tables."""
        features = np.concatenate([self.features, other.features])
        return EncodedTable(features, np.concatenate([self.target, other.target]))

    def digests(self, with_target: bool = True) -> Digest:
        """Return a digest of each row's content."""
        return row_digests([*self.features.T, self.target] if with_target else self.features.T, len(self))


@dataclass(frozen=True)
class Schema:
    """What the columns of an `EncodedTable` mean.

    `numbers` and `categories` name the feature columns, in the order of `EncodedTable.features`; `levels` are the texts
    of each category column's codes, `classes` those of the target's (empty for regression), both by falling frequency in
    the real table.
    """

    numbers: tuple[str, ...]
    categories: tuple[str, ...]
    levels: tuple[tuple[str, ...], ...]
    classes: tuple[str, ...]
    target: str

    @property
    def classification(self) -> bool:
        """Whether the target is a class."""
        return bool(self.classes)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of all features."""
        return self.numbers + self.categories


@dataclass(frozen=True)
class Problem:
    """One audit's data: the meaning of the columns, real training rows, synthetic rows, real test rows."""

    schema: Schema
    real: EncodedTable
    synthetic: EncodedTable
    test: EncodedTable

    def training(self, table: str) -> EncodedTable:
        """Return the training table called `real` or `synthetic`."""
        return self.real if table == "real" else self.synthetic

    def content(self, *tables: str) -> str:
        """Return 20 hex digits of SHA-256 over the schema's sizes and the named tables (default all), their name on disk."""
        sizes = [len(self.schema.numbers), *map(len, self.schema.levels), len(self.schema.classes)]
        total = hashlib.sha256(repr(sizes).encode())
        for table in (getattr(self, name) for name in tables or ("real", "synthetic", "test")):
            for array in (table.features, table.target):
                total.update(f"{array.dtype.str}{array.shape}".encode())
                total.update(np.ascontiguousarray(array).tobytes())
        return total.hexdigest()[:20]


def encode(clean: CleanTables) -> tuple[Schema, dict[str, EncodedTable]]:
    """Turn clean tables into arrays.

    Rows are brought into an order given by their content, so that the order of rows and columns in the files, and the names
    of the labels, change nothing.
    """
    levels = tuple(_levels(clean.frames, column) for column in clean.categories)
    features = {name: _features(frame, clean, levels) for name, frame in clean.frames.items()}
    classes = _classes(clean, features["real"]) if clean.task == "classification" else ()
    schema = Schema(tuple(clean.numbers), tuple(clean.categories), levels, classes, clean.target)
    targets = {name: frame[clean.target] for name, frame in clean.frames.items()}
    read = {name: _codes(own, classes) if classes else np.asarray(own, dtype=np.float64) for name, own in targets.items()}
    tables = {name: EncodedTable(features[name], read[name]) for name in clean.frames}
    return schema, {name: table.take(np.argsort(table.digests(), kind="stable")) for name, table in tables.items()}


def with_test(schema: Schema, tables: Mapping[str, EncodedTable], seed: int) -> Problem:
    """Return the problem; a fifth of the real rows, drawn by the seed, is the test where none is given."""
    if "test" in tables:
        return Problem(schema, tables["real"], tables["synthetic"], tables["test"])
    order = stream(seed, "audit/split").permutation(len(tables["real"]))
    held = max(len(order) // 5, 1)
    real = tables["real"]
    return Problem(schema, real.take(np.sort(order[held:])), tables["synthetic"], real.take(np.sort(order[:held])))


def limited(problem: Problem, cells: int) -> Problem:
    """Return the problem with no table of more than `cells` cells: the first rows in the order of content.

    That order is random in effect, so the rows kept are a sample.
    """
    most = max(cells // max(len(problem.schema.names), 1), 500)
    cut = {name: getattr(problem, name) for name in ("real", "synthetic", "test")}
    return replace(problem, **{name: table.take(np.arange(min(len(table), most))) for name, table in cut.items()})


def _levels(frames: Mapping[str, pd.DataFrame], column: str) -> tuple[str, ...]:
    """Categories by falling frequency in the real table, then those that only other tables have."""
    counts = Counter(frames["real"][column].dropna())
    others = {value for frame in frames.values() for value in frame[column].dropna().unique()} - set(counts)
    return (*sorted(counts, key=lambda value: (-counts[value], value)), *sorted(others))


def _codes(series: pd.Series, levels: Sequence[str]) -> Array:
    code = {level: float(i) for i, level in enumerate(levels)}
    return np.asarray(series.map(code).to_numpy(dtype=np.float64, na_value=np.nan))


def _features(frame: pd.DataFrame, clean: CleanTables, levels: Sequence[Sequence[str]]) -> Array:
    columns = [frame[name].to_numpy(dtype=np.float64) for name in clean.numbers]
    columns += [_codes(frame[name], level) for name, level in zip(clean.categories, levels, strict=True)]
    return np.column_stack(columns)


def _classes(clean: CleanTables, features: Array) -> tuple[str, ...]:
    """Labels by falling frequency in the real table; ties are broken by the rows, never by the labels' names."""
    labels = clean.frames["real"][clean.target].to_numpy()
    digests = row_digests(features.T, len(features))
    rank = {label: (-int(np.sum(labels == label)), int(digests[labels == label].min())) for label in set(labels)}
    rest = {label for frame in clean.frames.values() for label in frame[clean.target].unique()} - set(rank)
    return (*sorted(rank, key=lambda label: rank[label]), *sorted(rest))
