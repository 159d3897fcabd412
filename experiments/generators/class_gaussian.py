"""One normal law for each class."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from experiments.datasets.base import Table
from experiments.generators.base import DataGenerator, Sampler, finite_values
from experiments.registry import component, require


@component("generator", "class_gaussian")
@dataclass(frozen=True)
class ClassGaussian(DataGenerator):
    """Draw a class by its frequency, then features from the class's normal law, its covariance shrunk to the diagonal.

    Covariance (1 - shrinkage) S + shrinkage diag(S); shrinkage 1 gives independent normal columns. With probability
    `flips` a label is replaced by one of the other classes at random.
    """

    shrinkage: float = 0.1
    flips: float = 0.0

    def __post_init__(self) -> None:
        require(0 <= self.shrinkage <= 1, "shrinkage", "a number in [0, 1]", self.shrinkage)
        require(0 <= self.flips <= 1, "flips", "a number in [0, 1]", self.flips)

    def fit(self, table: Table, rng: np.random.Generator) -> Sampler:
        """Estimate frequencies, means and shrunk covariances of the classes."""
        require(table.classes > 1, "table", "class labels", "a number as response")
        x = finite_values(table)
        counts = np.bincount(table.y, minlength=table.classes)
        laws = {c: self._law(x[table.y == c]) for c in np.flatnonzero(counts)}

        def sample(size: int, rng: np.random.Generator) -> Table:
            labels = rng.choice(table.classes, size=size, p=counts / counts.sum())
            rows = np.empty((size, x.shape[1]))
            for c, (mean, root) in laws.items():
                here = labels == c
                rows[here] = mean + rng.standard_normal((here.sum(), x.shape[1])) @ root.T
            return Table(
                pd.DataFrame(rows, columns=table.x.columns), self._flipped(labels, table.classes, rng), table.classes
            )

        return sample

    def _law(self, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Mean and a root of the shrunk covariance (by eigenvalues: pixels may be constant)."""
        spread = np.atleast_2d(np.cov(x, rowvar=False)) if len(x) > 1 else np.zeros((x.shape[1],) * 2)
        shrunk = (1 - self.shrinkage) * spread + self.shrinkage * np.diag(np.diag(spread))
        values, vectors = np.linalg.eigh(shrunk)
        return x.mean(axis=0), vectors * np.sqrt(np.maximum(values, 0))

    def _flipped(self, labels: np.ndarray, classes: int, rng: np.random.Generator) -> np.ndarray:
        wrong = (labels + rng.integers(1, classes, size=len(labels))) % classes
        return np.where(rng.random(len(labels)) < self.flips, wrong, labels)
