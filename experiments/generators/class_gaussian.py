"""One normal law for each class."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from experiments.config.registry import component, require
from experiments.datasets.base import Table
from experiments.generators.base import Sampler
from experiments.generators.encoding import Array, Draw, VectorGenerator, by_class
from experiments.generators.flipped import flipped


@component("generator", "class_gaussian")
@dataclass(frozen=True)
class ClassGaussian(VectorGenerator):
    """Draw a class by its frequency, then features from the class's normal law, its covariance shrunk to the diagonal.

    Covariance (1 - shrinkage) S + shrinkage diag(S); shrinkage 1 gives independent normal columns. With probability
    `flips` a label is replaced by one of the other classes at random. A number as response is one of the columns.
    """

    shrinkage: float = 0.1
    flips: float = 0.0

    def __post_init__(self) -> None:
        require(0 <= self.shrinkage <= 1, "shrinkage", "a number in [0, 1]", self.shrinkage)
        require(0 <= self.flips <= 1, "flips", "a number in [0, 1]", self.flips)

    def fit(self, table: Table, rng: np.random.Generator) -> Sampler:
        """Fit the laws; then flip the labels that are drawn."""
        right = super().fit(table, rng)

        def sample(size: int, rng: np.random.Generator) -> Table:
            """Draw rows and flip labels."""
            drawn = right(size, rng)
            return flipped(drawn, self.flips, rng) if self.flips else drawn

        return sample

    def learn(self, vectors: Array, labels: NDArray[np.int64], rng: np.random.Generator) -> Draw:
        """Estimate mean and shrunk covariance of each class."""
        return by_class({int(c): self._law(vectors[labels == c]) for c in np.unique(labels)})

    def _law(self, x: Array) -> Callable[[int, np.random.Generator], Array]:
        """Sampler of a class; the root of the covariance by eigenvalues, because pixels may be constant."""
        spread = np.atleast_2d(np.cov(x, rowvar=False)) if len(x) > 1 else np.zeros((x.shape[1],) * 2)
        shrunk = (1 - self.shrinkage) * spread + self.shrinkage * np.diag(np.diag(spread))
        values, vectors = np.linalg.eigh(shrunk)
        root, mean = vectors * np.sqrt(np.maximum(values, 0)), x.mean(axis=0)
        return lambda size, rng: mean + rng.standard_normal((size, len(mean))) @ root.T
