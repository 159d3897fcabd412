"""Densities estimated class by class: one normal law, a mixture of normal laws, a kernel density."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from experiments.config.registry import Count, NonNegative, Positive, Probability, component
from experiments.datasets.base import Table
from experiments.generators.base import Sampler
from experiments.generators.changed_rows import flipped
from experiments.generators.encoding import Array, Draw, VectorGenerator, by_class

LEAST_ROWS = 10
"""Training rows that a component of a mixture needs."""


@component("generator", "class_gaussian")
@dataclass(frozen=True)
class ClassGaussian(VectorGenerator):
    """Draw a class by its frequency, then features from the class's normal law, its covariance shrunk to the diagonal.

    Covariance (1 - shrinkage) S + shrinkage diag(S); shrinkage 1 gives independent normal columns. With probability
    `flips` a label is replaced by one of the other classes at random. A number as response is one of the columns.
    """

    shrinkage: Probability = 0.1
    flips: Probability = 0.0

    def fit(self, table: Table, rng: np.random.Generator) -> Sampler:
        """Fit the laws; then flip the labels that are drawn."""
        right = super().fit(table, rng)

        def sample(size: int, rng: np.random.Generator) -> Table:
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


@component("generator", "gaussian_mixture")
@dataclass(frozen=True)
class GaussianMixture(VectorGenerator):
    """Mixtures of up to `components` normal laws, one mixture for each class, fitted by EM.

    `ridge` is added to the variances, in units of the standardised columns: without it a component may collapse on
    repeated values.
    """

    components: Count = 5
    ridge: Positive = 0.01

    def learn(self, vectors: Array, labels: NDArray[np.int64], rng: np.random.Generator) -> Draw:
        """Fit a mixture to each class."""
        return by_class({int(c): self._law(vectors[labels == c], rng) for c in np.unique(labels)})

    def _law(self, x: Array, rng: np.random.Generator) -> Callable[[int, np.random.Generator], Array]:
        from sklearn.mixture import GaussianMixture as Mixture

        rows = x if len(x) > 1 else np.repeat(x, 2, axis=0)
        count = max(1, min(self.components, len(rows) // LEAST_ROWS))
        mixture = Mixture(count, reg_covar=self.ridge, max_iter=50, tol=1e-2, random_state=int(rng.integers(2**31)))
        fitted = mixture.fit(rows)
        roots = np.linalg.cholesky(fitted.covariances_)

        def draw(size: int, rng: np.random.Generator) -> Array:
            """Draw components by their weights, then vectors."""
            which = rng.choice(count, size=size, p=fitted.weights_ / fitted.weights_.sum())
            noise = rng.standard_normal((size, x.shape[1]))
            return np.asarray(fitted.means_[which] + np.einsum("ijk,ik->ij", roots[which], noise))

        return draw


@component("generator", "kernel_density")
@dataclass(frozen=True)
class KernelDensity(VectorGenerator):
    """Draw a training row of the class and add normal noise of standard deviation `bandwidth` on every axis.

    In units of the standardised columns. With bandwidth 0 it repeats training rows.
    """

    bandwidth: NonNegative = 0.2

    def learn(self, vectors: Array, labels: NDArray[np.int64], rng: np.random.Generator) -> Draw:
        """Remember the rows of each class."""
        return by_class({int(c): self._around(vectors[labels == c]) for c in np.unique(labels)})

    def _around(self, rows: Array) -> Callable[[int, np.random.Generator], Array]:
        def draw(size: int, rng: np.random.Generator) -> Array:
            noise = rng.standard_normal((size, rows.shape[1]))
            return rows[rng.integers(len(rows), size=size)] + self.bandwidth * noise

        return draw
