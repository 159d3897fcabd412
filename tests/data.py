"""Where the tests look for real data: UTILITY_DATA, the data folder, or the one beside the repository."""

import os
from pathlib import Path

import pytest

from experiments.datasets.base import Dataset, Table
from experiments.measurements.base import Unavailable

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = (ROOT / "data", ROOT.parent / "shared" / "data")


def folder() -> Path:
    """Return the data folder that is there, else the default one."""
    named = os.environ.get("UTILITY_DATA")
    return Path(named) if named else next((f for f in FOLDERS if f.is_dir()), FOLDERS[0])


def loaded(dataset: Dataset) -> Table:
    """Return the table, or skip the test with the line that fetches it."""
    try:
        return dataset.load(folder())
    except Unavailable as absent:
        pytest.skip(str(absent))
