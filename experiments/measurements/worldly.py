"""What the measurements of simulated worlds have in common: options, axes, and what fits together."""

from dataclasses import dataclass
from typing import ClassVar

from experiments.measurements.base import Cell, Measurement
from experiments.registry import require
from experiments.world import check_world


@dataclass(frozen=True)
class Worldly(Measurement):
    """A measurement of simulated worlds: `nodes` for what is exact, `test_size` rows for the independent test sample."""

    nodes: int = 2000
    test_size: int = 4000

    axes: ClassVar[tuple[str, ...]] = (
        "task", "real_law", "synthetic_law", "generator", "responses", "learner", "n", "ratio",
    )  # fmt: skip

    def __post_init__(self) -> None:
        require(self.nodes >= 50, "nodes", "a whole number >= 50", self.nodes)
        require(self.test_size >= 2, "test_size", "a whole number >= 2", self.test_size)

    def check(self, cell: Cell) -> None:
        """Require components that fit together, and laws that stay where the task's constants hold."""
        check_world(cell)
