"""The real rows: unchanged, with other responses, or unevenly weighted. Where their faults lie is known exactly."""

from dataclasses import dataclass
from typing import Annotated, ClassVar

import numpy as np
from numpy.typing import NDArray

from experiments.config.registry import Component, NonNegative, Probability, Range, build, component, require
from experiments.datasets.base import Table
from experiments.generators.base import DataGenerator, Sampler, complete

Array = NDArray[np.float64]


@component("generator", "real")
@dataclass(frozen=True)
class Real(DataGenerator):
    """No generator: the real training rows, the reference of every comparison."""

    real_features: ClassVar[bool] = True

    def fit(self, table: Table, rng: np.random.Generator) -> Sampler:
        """Remember the table; asking for another number of rows than it has is an error."""
        complete(table)

        def sample(size: int, rng: np.random.Generator) -> Table:
            require(size == len(table), "size", f"{len(table)}, the rows of the real table", size)
            return table

        return sample


@component("generator", "flipped")
@dataclass(frozen=True)
class Flipped(DataGenerator):
    """Real training rows in random order; with probability `rate` a label is replaced.

    By one of the other classes at random (symmetric: below the rate (K - 1)/K the most probable class stays the most
    probable one, so the Bayes rule stays), or, with `cyclic`, by the next class: above the rate 1/2 the next class
    becomes the most probable one and the Bayes rule moves.
    """

    rate: Probability = 0.2
    cyclic: bool = False

    real_features: ClassVar[bool] = True

    def fit(self, table: Table, rng: np.random.Generator) -> Sampler:
        """Remember the table, whose response must be a class."""
        require(complete(table).classes > 1, "table", "class labels", "a number as response")

        def sample(size: int, rng: np.random.Generator) -> Table:
            """Draw rows, then flip."""
            return flipped(_drawn(table, size, rng), self.rate, rng, self.cyclic)

        return sample


@component("generator", "relabelled")
@dataclass(frozen=True)
class Relabelled(DataGenerator):
    """Real training rows in random order; the response is what a model (`by`, its kind) says that was fitted on them."""

    by: str = "linear"

    real_features: ClassVar[bool] = True

    def fit(self, table: Table, rng: np.random.Generator) -> Sampler:
        """Fit the model and replace the responses."""
        complete(table)
        model = build("model", {"kind": self.by}, "by").estimator(int(rng.integers(2**31)), table.classes)
        told = table.of(table.x, np.asarray(model.fit(table.x, table.y).predict(table.x), dtype=table.y.dtype))
        return lambda size, rng: _drawn(told, size, rng)


def _drawn(table: Table, size: int, rng: np.random.Generator) -> Table:
    """Draw rows without replacement until the table is used up, again and again."""
    rounds = -(-size // len(table))
    return table.take(np.concatenate([rng.permutation(len(table)) for _ in range(rounds)])[:size])


def flipped(table: Table, rate: float, rng: np.random.Generator, cyclic: bool = False) -> Table:
    """Return the table with each label replaced with probability `rate`: by another at random, or by the next one."""
    shift = np.ones(len(table), dtype=np.int64) if cyclic else rng.integers(1, table.classes, size=len(table))
    wrong = (table.y + shift) % table.classes
    return table.of(table.x, np.where(rng.random(len(table)) < rate, wrong, table.y))


@component("generator", "tilted")
@dataclass(frozen=True)
class Tilted(Component):
    """Weights proportional to exp(-strength * s) on the share `covered` of the rows where s is smallest, 0 elsewhere.

    s is the first feature in units of its standard deviation. A law on the rows of a real table, for worlds whose real
    law is uniform on the same rows (experiments/measurements/teacher.py): r = dP/dQ is then known at every row.
    """

    strength: NonNegative = 1.0
    covered: Annotated[float, Range("a share in (0, 1]", lambda v: 0 < v <= 1)] = 1.0

    def weights(self, x: Array) -> Array:
        """Return weights (N,), summing to 1, of rows `x (N, p)`."""
        score = x[:, 0] / (x[:, 0].std() or 1.0)
        kept = np.argsort(np.argsort(score, kind="stable"), kind="stable") < np.ceil(self.covered * len(x))
        raw = np.where(kept, np.exp(-self.strength * (score - score.min())), 0.0)
        return np.asarray(raw / raw.sum())
