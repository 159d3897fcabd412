"""The real rows with wrong labels: features kept exactly, responses spoilt by a settable amount."""

from dataclasses import dataclass

import numpy as np

from experiments.config.registry import component, require
from experiments.datasets.base import Table
from experiments.generators.base import DataGenerator, Sampler, complete


@component("generator", "flipped")
@dataclass(frozen=True)
class Flipped(DataGenerator):
    """Real training rows in random order; with probability `rate` a label is replaced.

    By one of the other classes at random (symmetric: below the rate (K - 1)/K the most probable class stays the most
    probable one, so the Bayes rule stays), or, with `cyclic`, by the next class: above the rate 1/2 the next class
    becomes the most probable one and the Bayes rule moves.
    """

    rate: float = 0.2
    cyclic: bool = False

    def __post_init__(self) -> None:
        require(0 <= self.rate <= 1, "rate", "a number in [0, 1]", self.rate)

    def fit(self, table: Table, rng: np.random.Generator) -> Sampler:
        """Remember the table, whose response must be a class."""
        require(complete(table).classes > 1, "table", "class labels", "a number as response")

        def sample(size: int, rng: np.random.Generator) -> Table:
            """Draw rows without replacement until the table is used up, again and again; then flip."""
            rounds = -(-size // len(table))
            order = np.concatenate([rng.permutation(len(table)) for _ in range(rounds)])[:size]
            return flipped(table.take(order), self.rate, rng, self.cyclic)

        return sample


def flipped(table: Table, rate: float, rng: np.random.Generator, cyclic: bool = False) -> Table:
    """Return the table with each label replaced with probability `rate`: by another at random, or by the next one."""
    shift = np.ones(len(table), dtype=np.int64) if cyclic else rng.integers(1, table.classes, size=len(table))
    wrong = (table.y + shift) % table.classes
    return table.of(table.x, np.where(rng.random(len(table)) < rate, wrong, table.y))
