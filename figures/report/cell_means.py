"""One small table an experiment: the means of every cell, for pages that lay runs side by side and for other programs."""

from pathlib import Path

import pandas as pd

from experiments.config.compose import stem
from experiments.engine.store import write_whole

SIZES = ("n", "ratio", "m")
WITHIN = ("generation", "share", "synthetic_per_real", "sets", "update", "added", "scale", "round", "step", "ascent")
"""Numbers that tell rows of one replicate apart, where a cell measures along an axis of its own."""


def path(folder: Path, experiment: str) -> Path:
    """Return the place of an experiment's table below a folder of verdicts."""
    return folder / "tables" / f"{stem(experiment)}.csv"


def write(folder: Path, experiment: str, rows: pd.DataFrame) -> None:
    """Write the means over replicates of all numbers, one line per cell; nothing where rows are no replicates."""
    if "replicate" not in rows:
        return
    write_whole(path(folder, experiment), of_cells(rows).to_csv(index=False, float_format="%.6g"))


def read(folder: Path, experiment: str) -> pd.DataFrame:
    """Return an experiment's table, empty when there is none."""
    place = path(folder, experiment)
    return pd.read_csv(place) if place.is_file() else pd.DataFrame()


def of_cells(rows: pd.DataFrame) -> pd.DataFrame:
    """Return one line for each combination of labels: `replicates`, and the mean of every other number.

    Parameters
    ----------
    rows : pandas.DataFrame
        Raw rows of an experiment.
    """
    keys = [c for c in labels(rows) if c not in ("experiment", "cell")]
    numbers = [c for c in rows.select_dtypes("number") if c not in (*keys, "replicate")]
    cells = rows.groupby(keys, observed=True, sort=False, dropna=False)
    counted = cells["replicate"].nunique().rename("replicates").to_frame()
    return counted.join(cells[numbers].mean()).reset_index()


def labels(rows: pd.DataFrame) -> list[str]:
    """Return the columns that say where a row was measured: all columns of words, the sizes, the axes within a cell."""
    return [*rows.select_dtypes(exclude="number"), *(c for c in (*SIZES, *WITHIN) if c in rows)]
