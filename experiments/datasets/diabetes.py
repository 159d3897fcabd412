"""Progression of diabetes, bundled with scikit-learn."""

from dataclasses import dataclass
from pathlib import Path

from experiments.datasets.base import Dataset, Table
from experiments.registry import component

UNIT = 100.0
"""With it, squared errors are of order one."""


@component("dataset", "diabetes")
@dataclass(frozen=True)
class Diabetes(Dataset):
    """442 patients, 10 standardised measurements; progression after a year (Efron et al. 2004)."""

    def load(self, folder: Path) -> Table:
        """Return the bundled table; the response is in hundreds of the published scale."""
        from sklearn.datasets import load_diabetes

        data = load_diabetes(as_frame=True)
        return Table(data.data, data.target.to_numpy(dtype="float64") / UNIT, 0, "progression")
