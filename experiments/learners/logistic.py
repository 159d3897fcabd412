"""Logistic regression on polynomials, all replicates at once by Newton's method."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from scipy.special import expit

from experiments.config.registry import Positive, component
from experiments.learners.base import Array, Learner, Predictor, check_binary, chunks, combination
from experiments.learners.poly import Degree, Polynomial

STEPS, TOLERANCE = 60, 1e-11
QUADRATIC = 1e-4
"""Newton decrement below which the full step is not checked: the logistic loss is nearly quadratic over such a step."""


@component("learner", "logistic")
@dataclass(frozen=True)
class Logistic(Learner):
    """P(Y = 1 | x) = 1/(1 + exp(-theta' phi(x))), phi the Legendre polynomials of total degree at most `degree`.

    Minimises mean log loss + (ridge/2)|theta|^2, which is strictly convex: a minimiser exists on separated samples too.
    """

    degree: Degree = 1
    ridge: Positive = 1e-6

    binary: ClassVar[bool] = True

    def logits(self, points: Array) -> Array:
        """Return the polynomials, shape `(s, N)` at `points (N, p)`."""
        return Polynomial(self.degree).basis(points)

    def fit(self, x: Array, y: Array, streams: Sequence[np.random.Generator]) -> Predictor:
        """Find the minimiser of every replicate, in batches."""
        check_binary(y)
        design = Polynomial(self.degree).design
        functions = design(x[:1, :1]).shape[-1]
        theta = np.empty((len(x), functions))
        for part in chunks(len(x), 4 * x.shape[1] * functions):
            theta[part] = minimise(design(x[part]), y[part], self.ridge)
        return lambda points: np.asarray(expit(combination(theta, design(points))))


def minimise(design: Array, y: Array, ridge: float) -> Array:
    """Return the minimisers (R, s) of mean log loss + (ridge/2)|theta|^2, by Newton's method with halved steps.

    The design (R, n, s) holds the functions at the sample points, y (R, n) the responses 0 or 1.
    """
    theta = np.zeros(design.shape[::2])
    going = np.arange(len(theta))
    for _ in range(STEPS):
        step = _step(design[going], y[going], ridge, theta[going])
        theta[going] += step
        going = going[np.abs(step).max(axis=1) > TOLERANCE * (1 + np.abs(theta[going]).max(axis=1))]
        if not len(going):
            break
    return theta


def _step(design: Array, y: Array, ridge: float, theta: Array) -> Array:
    logit = np.vecdot(design, theta[:, None])
    share = expit(logit)
    gradient = np.vecdot(design.transpose(0, 2, 1), (share - y)[:, None]) / y.shape[1] + ridge * theta
    curved = design * (share * (1 - share))[..., None]
    hessian = curved.transpose(0, 2, 1) @ design / y.shape[1] + ridge * np.eye(theta.shape[1])
    step = -np.linalg.solve(hessian, gradient[..., None])[..., 0]
    decrement = -np.vecdot(gradient, step)
    size = np.ones(len(theta))
    if decrement.max() > QUADRATIC:
        _shorten(size, np.vecdot(design, step[:, None]), logit, y, ridge, theta, step)
    return np.asarray(size[:, None] * step)


def _shorten(size: Array, along: Array, logit: Array, y: Array, ridge: float, theta: Array, step: Array) -> None:
    """Halve steps until the loss does not rise: it is convex, so a short enough step lowers it."""
    start = _loss(logit, y, ridge, theta)
    for _ in range(40):
        worse = _loss(logit + size[:, None] * along, y, ridge, theta + size[:, None] * step) > start + 1e-15
        if not worse.any():
            break
        size[worse] /= 2


def _loss(logit: Array, y: Array, ridge: float, theta: Array) -> Array:
    soft = np.maximum(logit, 0.0) + np.log1p(np.exp(-np.abs(logit)))
    return np.asarray((soft - y * logit).mean(axis=1) + ridge / 2 * (theta**2).sum(axis=1))
