"""A mixture of normal laws for each class."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from experiments.config.registry import component, require
from experiments.generators.encoding import Array, Draw, VectorGenerator, by_class

LEAST_ROWS = 10
"""Training rows that a component needs."""


@component("generator", "gaussian_mixture")
@dataclass(frozen=True)
class GaussianMixture(VectorGenerator):
    """Mixtures of up to `components` normal laws, one mixture for each class, fitted by EM.

    `ridge` is added to the variances, in units of the standardised columns: without it a component may collapse on
    repeated values.
    """

    components: int = 5
    ridge: float = 0.01

    def __post_init__(self) -> None:
        require(self.components >= 1, "components", "a whole number >= 1", self.components)
        require(self.ridge > 0, "ridge", "a number > 0", self.ridge)

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
