"""Data sets that scikit-learn bundles: breast cancer diagnoses, diabetes, digits."""

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from experiments.config.registry import component
from experiments.datasets.base import Dataset, Table

PROGRESSION_UNIT = 100.0
"""Unit of the response of diabetes: squared errors are then of order one."""


@component("dataset", "breast_cancer")
@dataclass(frozen=True)
class BreastCancer(Dataset):
    """569 tumours, 30 measurements of cell nuclei; malignant (0) or benign (1) (Wolberg, Street, Mangasarian 1995)."""

    def load(self, folder: Path, rows: int | None = None) -> Table:
        """Return the bundled table."""
        from sklearn.datasets import load_breast_cancer

        data = load_breast_cancer(as_frame=True)
        return Table(data.data, data.target.to_numpy(), 2, "diagnosis", tuple(map(str, data.target_names)))


@component("dataset", "diabetes")
@dataclass(frozen=True)
class Diabetes(Dataset):
    """442 patients, 10 standardised measurements; progression after a year (Efron et al. 2004)."""

    def load(self, folder: Path, rows: int | None = None) -> Table:
        """Return the bundled table; the response is in hundreds of the published scale."""
        from sklearn.datasets import load_diabetes

        data = load_diabetes(as_frame=True)
        return Table(data.data, data.target.to_numpy(dtype="float64") / PROGRESSION_UNIT, 0, "progression")


@component("dataset", "digits")
@dataclass(frozen=True)
class Digits(Dataset):
    """1,797 images of 8 x 8 pixels, grey levels 0 to 16, ten classes (Alpaydin, Kaynak 1998)."""

    def load(self, folder: Path, rows: int | None = None) -> Table:
        """Return the bundled table."""
        from sklearn.datasets import load_digits

        data = load_digits()
        columns = [f"pixel_{i}" for i in range(data.data.shape[1])]
        return Table(pd.DataFrame(data.data, columns=columns), data.target, 10, "digit", tuple("0123456789"))
