"""Polynomial least squares, all replicates at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations_with_replacement
from typing import Annotated

import numpy as np
from numpy.polynomial import legendre

from experiments.config.registry import Range, component
from experiments.learners.base import Array, Learner, Predictor, chunks, combination

Degree = Annotated[int, Range("a whole number from 0 to 20", lambda degree: 0 <= degree <= 20)]


@component("learner", "poly")
@dataclass(frozen=True)
class Polynomial(Learner):
    """Least squares on all polynomials of total degree at most `degree`; degree 1 is the linear model."""

    degree: Degree = 1

    def exponent(self, a: float) -> float:
        """Return the exponent of a class of finite dimension (7.2)."""
        return 1.0

    def basis(self, points: Array) -> Array:
        """Return products of Legendre polynomials on [0, 1], shape `(s, N)` at `points (N, p)`."""
        return np.moveaxis(self.design(points), -1, 0)

    def design(self, points: Array) -> Array:
        """Return the s functions `(..., s)` at points `(..., p)`."""
        columns = legendre.legvander(2 * points - 1, self.degree)
        products = []
        for total in range(self.degree + 1):
            for chosen in combinations_with_replacement(range(points.shape[-1]), total):
                powers = np.bincount(chosen, minlength=points.shape[-1]) if chosen else [0] * points.shape[-1]
                products.append(np.prod([columns[..., j, d] for j, d in enumerate(powers)], axis=0))
        return np.stack(products, axis=-1)

    def fit(self, x: Array, y: Array, streams: Sequence[np.random.Generator]) -> Predictor:
        """Solve the normal equations of every replicate in one batch (the basis is nearly orthogonal)."""
        functions = self.design(x[:1, :1]).shape[-1]
        gram, moments = np.empty((len(x), functions, functions)), np.empty((len(x), functions, 1))
        for part in chunks(len(x), 2 * x.shape[1] * functions):
            design = self.design(x[part])
            gram[part] = design.transpose(0, 2, 1) @ design
            moments[part] = design.transpose(0, 2, 1) @ y[part][..., None]
        weights = np.asarray(np.linalg.solve(_stabilised(gram), moments)[..., 0], dtype=float)
        return lambda points: combination(weights, self.design(points))

    def weights(self, x: Array, points: Array) -> Array:
        """Return the rows of the projection on the span; see `Learner.weights`."""
        design = self.design(x)
        return np.asarray(self.design(points) @ np.linalg.solve(_stabilised(design.T @ design), design.T))


def _stabilised(gram: Array) -> Array:
    """Add 1e-12 of its mean diagonal to each of the matrices (..., s, s)."""
    functions = gram.shape[-1]
    scale = np.trace(gram, axis1=-2, axis2=-1)[..., None, None] / functions
    return np.asarray(gram + 1e-12 * scale * np.eye(functions))
