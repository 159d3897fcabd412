"""Breast cancer diagnoses, bundled with scikit-learn."""

from dataclasses import dataclass
from pathlib import Path

from experiments.datasets.base import Dataset, Table
from experiments.registry import component


@component("dataset", "breast_cancer")
@dataclass(frozen=True)
class BreastCancer(Dataset):
    """569 tumours, 30 measurements of cell nuclei; malignant (0) or benign (1) (Wolberg, Street, Mangasarian 1995)."""

    def load(self, folder: Path) -> Table:
        """Return the bundled table."""
        from sklearn.datasets import load_breast_cancer

        data = load_breast_cancer(as_frame=True)
        return Table(data.data, data.target.to_numpy(), 2, "diagnosis", tuple(map(str, data.target_names)))
