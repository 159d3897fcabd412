"""A synthetic table that another tool made, read from a CSV file."""

import hashlib
from dataclasses import dataclass

import numpy as np
import pandas as pd

from experiments.config.registry import component, require
from experiments.datasets.base import Table, is_number
from experiments.datasets.files import CorruptData, content, data_folder
from experiments.generators.base import DataGenerator, Sampler, complete


@component("generator", "table")
@dataclass(frozen=True)
class FromFile(DataGenerator):
    """Rows of `file`, a CSV in the data folder with the real table's column names, response included.

    It is not refitted: intervals are conditional on the generator that made it. `sha256`, its first digits or all of
    them, ties the results to the content of the file.
    """

    file: str = "synthetic.csv"
    sha256: str = ""

    def fit(self, table: Table, rng: np.random.Generator) -> Sampler:
        """Read the file and bring its columns into the real table's types; the real rows themselves are not used."""
        complete(table)
        path = data_folder() / self.file
        data = content(path.parent, path.name.removesuffix(".gz"))
        digest = hashlib.sha256(data).hexdigest()
        if not digest.startswith(self.sha256.lower()):
            raise CorruptData(f"{path}: expected SHA-256 {self.sha256}, got {digest}")
        made = as_table(pd.read_csv(path, keep_default_na=False, na_values=[""]), table, str(path))

        def sample(size: int, rng: np.random.Generator) -> Table:
            """Draw rows without replacement; `ValueError` when the file has too few."""
            require(size <= len(made), "size", f"at most {len(made)}, the rows of {path}", size)
            return made.take(rng.permutation(len(made))[:size])

        return sample


def as_table(frame: pd.DataFrame, like: Table, name: str) -> Table:
    """Return the frame as a table with the columns, types and response of another, or raise `ValueError`.

    It is raised for missing columns or values, for text where numbers are expected, and for unknown classes.
    """
    wanted = [*like.x.columns, like.response]
    lacking = [c for c in wanted if c not in frame.columns]
    if lacking:
        raise ValueError(f"{name}: expected columns {', '.join(map(str, wanted))}, not found: {', '.join(lacking)}")
    features = {c: _column(frame[c], like.x[c], name) for c in like.x.columns}
    return complete(like.of(pd.DataFrame(features), _response(frame[like.response], like, name)))


def _column(column: "pd.Series[float]", like: "pd.Series[float]", name: str) -> "pd.Series[float]":
    if not is_number(like):
        return column.astype(like.dtype)
    try:
        return pd.to_numeric(column).astype(np.float64)
    except (ValueError, TypeError) as error:
        raise ValueError(f"{name}: expected numbers in column {column.name!r} ({error})") from None


def _response(column: "pd.Series[float]", like: Table, name: str) -> np.ndarray:
    if not like.classes:
        return np.asarray(pd.to_numeric(column), dtype=np.float64)
    names = like.labels or tuple(map(str, range(like.classes)))
    codes = column.astype(str).map({label: i for i, label in enumerate(names)})
    if codes.isna().any():
        unknown = column[codes.isna()].iloc[0]
        raise ValueError(f"{name}: expected {like.response} among {', '.join(names)}, got {unknown!r}")
    return np.asarray(codes, dtype=np.int64)
