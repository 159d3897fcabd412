"""Handwritten digits, bundled with scikit-learn."""

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from experiments.datasets.base import Dataset, Table
from experiments.registry import component


@component("dataset", "digits")
@dataclass(frozen=True)
class Digits(Dataset):
    """1,797 images of 8 x 8 pixels, grey levels 0 to 16, ten classes (Alpaydin, Kaynak 1998)."""

    def load(self, folder: Path) -> Table:
        """Return the bundled table."""
        from sklearn.datasets import load_digits

        data = load_digits()
        columns = [f"pixel_{i}" for i in range(data.data.shape[1])]
        return Table(pd.DataFrame(data.data, columns=columns), data.target, 10, "digit", tuple("0123456789"))
