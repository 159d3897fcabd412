"""Two remedies for synthetic training: rounds of synthesis around the errors on real rows, and unlearning a shortcut."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from scipy.special import expit

from experiments.config.registry import Count, NonNegative, Positive, component, require
from experiments.laws.base import Law
from experiments.learners.base import Predictor
from experiments.measurements.base import Cell, Columns, Measurement, labelled, stacked
from experiments.related.batched import Array
from experiments.rng import stream, streams

ARMS = ("plain", "around rows", "around errors")
FEATURES = 5


@component("measurement", "error_driven")
@dataclass(frozen=True)
class ErrorDriven(Measurement):
    """Excess risk by round, with three ways to draw the n/4 rows that each round adds to n synthetic ones.

    `plain`: from the synthetic law again. `around rows`: at the features of random validation rows, moved by
    N(0, width^2). `around errors`: the same, with probability proportional to the squared error of the current fit there.
    Responses are the task's own throughout. The second arm shows what knowing some real features is worth, the third
    what knowing the errors adds.
    """

    rounds: Count = 6
    validation: Count = 40
    width: NonNegative = 0.03
    nodes: int = 1000

    axes: ClassVar[tuple[str, ...]] = ("task", "real_law", "synthetic_law", "learner", "n")

    def rows(self, cell: Cell) -> Columns:
        """Return one row per replicate, arm and round."""
        return stacked(row for arm in ARMS for row in self._of_arm(cell, arm))

    def _of_arm(self, cell: Cell, arm: str) -> list[Columns]:
        task, found = cell.parts["task"], []
        law_p, law_q = (cell.parts[axis].on(task.dim) for axis in ("real_law", "synthetic_law"))
        nodes = law_p.sample(stream(cell.seed, "error/nodes"), self.nodes)
        known = self._drawn(cell, law_p, self.validation, "validation")
        rows = self._drawn(cell, law_q, cell.n, "first")
        for number in range(self.rounds + 1):
            fitted = cell.parts["learner"].fit(*rows, streams(cell.seed, "error/learner", cell.replicates))
            excess = ((fitted(nodes) - task.mu(nodes)) ** 2).mean(axis=1)
            found.append(labelled(cell.replicates, arm=arm, round=number) | {"excess": excess})
            if number == self.rounds:
                break
            extra = cell.n // 4
            if arm == "plain":
                x, y = self._drawn(cell, law_q, extra, f"extra/{number}")
            else:
                x, y = self._around(cell, known, fitted, extra, number, arm == "around errors")
            rows = (np.concatenate([rows[0], x], axis=1), np.concatenate([rows[1], y], axis=1))
        return found

    def _drawn(self, cell: Cell, law: Law, size: int, role: str) -> tuple[Array, Array]:
        rng, task = stream(cell.seed, f"error/{role}"), cell.parts["task"]
        x = law.sample(rng, cell.replicates * size)
        shape = (cell.replicates, size)
        return x.reshape(*shape, task.dim), task.respond(task.mu(x), rng).reshape(shape)

    def _around(
        self, cell: Cell, known: tuple[Array, Array], fitted: Predictor, size: int, number: int, by_error: bool
    ) -> tuple[Array, Array]:
        task, rng = cell.parts["task"], stream(cell.seed, f"error/around/{number}")
        x, y = known
        weight = (fitted(x) - y) ** 2 if by_error else np.ones_like(y)
        share = np.cumsum(weight, axis=1) / weight.sum(axis=1, keepdims=True)
        at = (rng.random((len(x), size, 1)) > share[:, None, :]).sum(axis=2)
        centre = np.take_along_axis(x, np.minimum(at, x.shape[1] - 1)[..., None], axis=1)
        moved = np.clip(centre + self.width * rng.standard_normal(centre.shape), *task.domain)
        flat = moved.reshape(-1, task.dim)
        return moved, task.respond(task.mu(flat), rng).reshape(moved.shape[:2])


@component("measurement", "shortcut")
@dataclass(frozen=True)
class Shortcut(Measurement):
    """Logistic regression by gradient descent on m = ratio n synthetic rows, then on n real ones: a shortcut, unlearned.

    Real rows: X ~ N(0, I_5), P(Y = 1) = logistic(strength 1'X/sqrt 5), and an uninformative format feature Z ~ N(0, 1). In
    synthetic rows Z = sign(Y) + N(0, 1/4). Arms: of `steps` steps after the synthetic training the first `ascent` are
    gradient *ascent* on the synthetic rows, the others descent on the real ones; 0 is plain further training. A step up
    is `push` times as long as one down, because training ends where the gradient is small. A replicate stops ascending
    as soon as its synthetic loss is above that of a coin, log 2.
    """

    strength: float = 2.0
    ascent: tuple[int, ...] = (0, 2, 5, 10, 20)
    steps: int = 40
    rate: Positive = 0.3
    push: Positive = 10.0
    test_size: int = 1000

    axes: ClassVar[tuple[str, ...]] = ("n", "ratio")

    def __post_init__(self) -> None:
        super().__post_init__()
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
                row = labelled(cell.replicates, ascent=ascent, step=step)
                row |= {"risk": loss(theta, *test), "error": wrong(theta, *test), "lean": theta[:, -2].copy()}
                found.append(row)
                if step < ascent:
                    low = loss(theta, *synthetic) < np.log(2)
                    theta += self.push * self.rate * gradient(theta, *synthetic) * low[:, None]
                else:
                    theta -= self.rate * gradient(theta, *real)
        return stacked(found)

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
