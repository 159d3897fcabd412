"""Utility of the generations of a loop: models trained on the output of generators that were trained on generators."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from experiments.config.registry import ConfigError, component, require
from experiments.learners.base import Learner
from experiments.measurements.base import Cell, Columns, Measurement, constant
from experiments.related.batched import Array, BatchedGenerator
from experiments.related.loops import generations
from experiments.rng import stream, streams


@component("measurement", "utility_loop")
@dataclass(frozen=True)
class UtilityLoop(Measurement):
    """Excess risk of every learner on each generation's output, and after real training.

    Rows (x, y) are generated jointly; a learner is trained on `size` of them; U is the distance of its excess risk to that
    after training on the real rows of generation 0. Risks are averages over `nodes` points of the real law.
    """

    size: int = 1000
    last: int = 10
    shares: tuple[float, ...] = (0.0, 0.5)
    replicates: int = 20
    nodes: int = 2000

    axes: ClassVar[tuple[str, ...]] = ("task", "real_law", "generator", "learner")
    joint: ClassVar[tuple[str, ...]] = ("learner",)

    def __post_init__(self) -> None:
        require(self.size >= 10, "size", "a whole number >= 10", self.size)
        require(self.last >= 1, "last", "a whole number >= 1", self.last)
        require(all(0 <= s <= 1 for s in self.shares), "shares", "numbers in [0, 1]", self.shares)
        require(self.replicates >= 2, "replicates", "a whole number >= 2", self.replicates)

    def check(self, cell: Cell) -> None:
        """Require a generator that is fitted to numbers."""
        if not isinstance(cell.parts["generator"], BatchedGenerator):
            raise ConfigError("generator: expected one that is fitted to samples of numbers")

    def rows(self, cell: Cell) -> Columns:
        """Return one row per replicate, share, generation and learner."""
        found = []
        real: list[Array] = []  # generation 0 is fitted to the same rows whatever the share
        for share in self.shares:
            for number, rows, sampler in generations(
                cell.parts["generator"], lambda m, rng: self._real(cell, m, rng), self.size, share, self.last, cell.seed
            ):
                real = real or [self._excess(cell, learner, rows) for learner in cell.parts["learner"].values()]
                drawn = sampler(self.size, stream(cell.seed, "loop/training", number))
                for code, learner in enumerate(cell.parts["learner"].values()):
                    labels = {"share": share, "generation": number}
                    row: Columns = {k: constant(v, self.replicates) for k, v in labels.items()}
                    row |= {"learner": np.full(self.replicates, code), "replicate": np.arange(self.replicates)}
                    row |= {"excess": self._excess(cell, learner, drawn), "excess_real": real[code]}
                    found.append(row | {"utility": np.abs(row["excess"] - row["excess_real"])})
        return {name: np.concatenate([f[name] for f in found]) for name in found[0]}

    def _real(self, cell: Cell, size: int, rng: np.random.Generator) -> Array:
        task, law = cell.parts["task"], cell.parts["real_law"].on(cell.parts["task"].dim)
        x = law.sample(rng, self.replicates * size)
        y = task.respond(task.mu(x), rng)
        return np.concatenate([x, y[:, None]], axis=1).reshape(self.replicates, size, task.dim + 1)

    def _excess(self, cell: Cell, learner: Learner, rows: Array) -> Array:
        task = cell.parts["task"]
        points = cell.parts["real_law"].on(task.dim).sample(stream(cell.seed, "loop/nodes"), self.nodes)
        fitted = learner.fit(rows[..., :-1], rows[..., -1], streams(cell.seed, "loop/learner", len(rows)))
        return np.asarray(((fitted(points) - task.mu(points)) ** 2).mean(axis=1))
