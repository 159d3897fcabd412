"""The contract of learners: all replicates of a cell are fitted at once."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from experiments.config.registry import Component

Array = NDArray[np.float64]
Indices = NDArray[np.intp]
Predictor = Callable[[Array], Array]
"""Takes points (N, p) shared by all replicates, or (R, N, p), and returns predictions (R, N)."""

Sample = tuple[Array, Array, Sequence[np.random.Generator]]
"""Features (R, n, p), responses (R, n), one stream per replicate."""


class Learner(Component, ABC):
    """A component of the group `learner`: fits R independent replicates.

    For classification the responses are 0 or 1 and the predictor estimates P(Y = 1 | X = x); the classifier is
    1{f >= 1/2}.
    """

    binary: ClassVar[bool] = False
    """Whether responses must be 0 or 1."""

    @abstractmethod
    def fit(self, x: Array, y: Array, streams: Sequence[np.random.Generator]) -> Predictor:
        """Fit every replicate by itself.

        Parameters
        ----------
        x : Array (R, n, p)
            Features.
        y : Array (R, n)
            Responses.
        streams : Sequence[numpy.random.Generator]
            One for each replicate; deterministic learners ignore them.

        Returns
        -------
        Predictor
            From points (N, p) or (R, N, p) to predictions (R, N).
        """

    def fit_pair(self, real: Sample, synthetic: Sample) -> tuple[Predictor, Predictor]:
        """Fit the real and the synthetic samples; learners that gain from fitting both at once override this."""
        return self.fit(*real), self.fit(*synthetic)

    def weights(self, x: Array, points: Array) -> Array | None:
        """Return the weights `(N, n)` at `points (N, p)` that the fit on features `x (n, p)` gives its n responses.

        None when the fit is not linear in the responses, or chooses its structure by them, as forests and boosting do.
        """
        return None

    def exponent(self, a: float) -> float:
        """Return the exponent of E Phi(f~) in 1/n = 1/m for a smooth function on the line and features from Beta(a, 1).

        For a = 1, where dP/dQ is bounded, that of equal laws (theory/README.md 7.2, 7.3); beyond, no more than 7.9 and 7.10
        allow. `nan` where none is known.
        """
        return float("nan")

    def basis(self, points: Array) -> Array | None:
        """Return the functions `(s, N)` at `points (N, p)` that span the class; None when it is not a linear span."""
        return None

    def logits(self, points: Array) -> Array | None:
        """Return the functions `(s, N)` that span logits fitted by log loss; None for other classes."""
        return None


def check_binary(y: Array) -> None:
    """Raise `ValueError` unless every response is 0 or 1."""
    if not np.isin(y, (0.0, 1.0)).all():
        raise ValueError("y: expected responses 0 or 1, got other numbers")


def per_replicate(points: Array, replicate: int) -> Array:
    """Return the points `(N, p)` that replicate number `replicate` predicts at."""
    return points if points.ndim == 2 else points[replicate]


def one_by_one(predictors: Sequence[Callable[[Array], Array]]) -> Predictor:
    """Return the predictor of R functions, each from points (N, p) to predictions (N,) of its replicate."""
    return lambda points: np.stack([f(per_replicate(points, i)) for i, f in enumerate(predictors)])


def combination(weights: Array, at: Array) -> Array:
    """Return sums (R, N) with weights (R, s) of s functions `at` points: (N, s), or (R, N, s)."""
    return np.asarray(weights @ at.T if at.ndim == 2 else np.vecdot(at, weights[:, None]))


FLOATS = 1 << 22
"""Numbers held at once by one array: 32 MiB; larger ones leave the cache and are slower."""


def chunks(count: int, floats_each: int) -> Iterator[slice]:
    """Yield consecutive slices of `count` items, as long as `FLOATS` allows (at least one item of `floats_each` numbers)."""
    step = max(1, FLOATS // max(1, floats_each))
    for start in range(0, count, step):
        yield slice(start, min(start + step, count))
