"""What the measurements of simulated worlds have in common: options, axes, and what fits together."""

from abc import abstractmethod
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from experiments.config.registry import require
from experiments.measurements.base import Cell, Columns, Measurement
from experiments.world import World, check_world

CHUNK = 12_000_000
"""Numbers that one array over replicates may hold: bounds the memory of a cell whatever its replicates."""


@dataclass(frozen=True)
class Worldly(Measurement):
    """A measurement of simulated worlds: `nodes` for what is exact, `test_size` rows for the independent test sample.

    Up to dimension `quadrature` the nodes are those of a quadrature, which takes as many as laws and rule ask for; above,
    they are one sample of exactly `nodes` points (slow learners want that for p = 2 too).
    """

    nodes: int = 2000
    test_size: int = 4000
    quadrature: int = 2

    axes: ClassVar[tuple[str, ...]] = (
        "task", "real_law", "synthetic_law", "generator", "responses", "learner", "n", "ratio",
    )  # fmt: skip

    def __post_init__(self) -> None:
        require(self.nodes >= 50, "nodes", "a whole number >= 50", self.nodes)
        require(self.test_size >= 2, "test_size", "a whole number >= 2", self.test_size)
        require(0 <= self.quadrature <= 2, "quadrature", "0, 1 or 2", self.quadrature)

    def check(self, cell: Cell) -> None:
        """Require components that fit together, and laws that stay where the task's constants hold."""
        check_world(cell)

    def rows(self, cell: Cell) -> Columns:
        """Return one row per replicate, computed a chunk of replicates at a time; chunks follow from the sizes alone."""
        world = World.of(cell, self.nodes, self.quadrature)
        numbers = (cell.n + cell.m + self.test_size) * (world.task.dim + 1) + world.pair.size
        parts = [self.rows_of_chunk(part, world) for part in cell.chunks(max(1, CHUNK // numbers))]
        return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}

    @abstractmethod
    def rows_of_chunk(self, cell: Cell, world: World) -> Columns:
        """Return one row per replicate of a cell that fits into memory."""
