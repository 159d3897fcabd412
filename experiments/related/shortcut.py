"""A format that only synthetic rows carry: learned as a shortcut, and unlearned by a few steps of ascent."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from scipy.special import expit

from experiments.config.registry import component, require
from experiments.measurements.base import Cell, Columns, Measurement, constant
from experiments.related.batched import Array
from experiments.rng import stream

FEATURES = 5


@component("measurement", "shortcut")
@dataclass(frozen=True)
class Shortcut(Measurement):
    """Logistic regression by gradient descent: on m = ratio n synthetic rows, then on n real ones, as many steps in every arm.

    Real rows: X ~ N(0, I_5), P(Y = 1) = logistic(strength 1'X/sqrt 5), and a format feature Z ~ N(0, 1) that says
    nothing. In synthetic rows Z = sign(Y) + N(0, 1/4). Arms: `ascent` steps of gradient *ascent* on the synthetic
    rows before the `steps` on real ones, of which they are taken off; 0 is plain further training. A step up is
    `push` times as long as one down: training ends where the gradient is small. The ascent is bounded by its number
    of steps and by the loss of a coin, log 2: a replicate stops as soon as its synthetic loss is above.
    """

    strength: float = 2.0
    ascent: tuple[int, ...] = (0, 2, 5, 10, 20)
    steps: int = 40
    rate: float = 0.3
    push: float = 10.0
    test_size: int = 1000

    axes: ClassVar[tuple[str, ...]] = ("n", "ratio")

    def __post_init__(self) -> None:
        require(self.rate > 0, "rate", "a number > 0", self.rate)
        require(self.push > 0, "push", "a number > 0", self.push)
        require(
            all(0 <= a <= self.steps for a in self.ascent), "ascent", "whole numbers from 0 to the steps", self.ascent
        )

    def rows(self, cell: Cell) -> Columns:
        """Return one row per replicate, arm and step."""
        synthetic = self._drawn(cell, cell.m, "synthetic")
        real, test = self._drawn(cell, cell.n, "real"), self._drawn(cell, self.test_size, "test")
        start = np.zeros((cell.replicates, FEATURES + 2))
        for _ in range(2 * self.steps):
            start -= self.rate * gradient(start, *synthetic)
        found = []
        for ascent in self.ascent:
            theta = start.copy()
            for step in range(self.steps + 1):
                labels = {"ascent": ascent, "step": step}
                row: Columns = {k: constant(v, cell.replicates) for k, v in labels.items()}
                row |= {"replicate": np.arange(cell.replicates), "risk": loss(theta, *test), "lean": theta[:, -2].copy()}
                found.append(row | {"error": wrong(theta, *test)})
                if step < ascent:
                    low = loss(theta, *synthetic) < np.log(2)
                    theta += self.push * self.rate * gradient(theta, *synthetic) * low[:, None]
                else:
                    theta -= self.rate * gradient(theta, *real)
        return {name: np.concatenate([f[name] for f in found]) for name in found[0]}

    def _drawn(self, cell: Cell, size: int, role: str) -> tuple[Array, Array]:
        """Features (R, size, 7), the format feature and a constant last, and labels (R, size)."""
        rng = stream(cell.seed, f"shortcut/{role}")
        x = rng.standard_normal((cell.replicates, size, FEATURES))
        y = (rng.random(x.shape[:2]) < expit(self.strength * x.sum(axis=2) / np.sqrt(FEATURES))).astype(np.float64)
        noise = rng.standard_normal(y.shape)
        z = 2 * y - 1 + noise / 2 if role == "synthetic" else noise
        return np.concatenate([x, z[..., None], np.ones((*y.shape, 1))], axis=2), y


def gradient(theta: Array, x: Array, y: Array) -> Array:
    """Return the gradient (R, s) of the mean log loss at weights (R, s), for features (R, n, s) and labels (R, n)."""
    residual = expit(np.vecdot(x, theta[:, None])) - y
    return np.asarray(np.einsum("rn,rns->rs", residual, x) / x.shape[1])


def loss(theta: Array, x: Array, y: Array) -> Array:
    """Return the mean log loss (R,)."""
    logit = np.vecdot(x, theta[:, None])
    return np.asarray((np.logaddexp(0, logit) - y * logit).mean(axis=1))


def wrong(theta: Array, x: Array, y: Array) -> Array:
    """Return the error rate (R,)."""
    return np.asarray(((np.vecdot(x, theta[:, None]) > 0) != y).mean(axis=1))
