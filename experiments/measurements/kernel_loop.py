"""A kernel density retrained on its own output: how far it drifts from the real law."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from experiments.densities import distance_to_normal, kernel_density, scale_distance
from experiments.generators.batched import Array
from experiments.generators.smoothed_rows import SmoothedRows
from experiments.loops import generations
from experiments.measurements.base import Cell, Columns, Measurement, constant
from experiments.registry import ConfigError, component, require


@component("measurement", "kernel_loop")
@dataclass(frozen=True)
class KernelLoop(Measurement):
    """Total variation between N(0, 1) and the kernel density of each generation, for each share of fresh real rows.

    `widened` is the distance that widening alone makes: each generation multiplies the variance by 1 + h^2, h the
    bandwidth in standard deviations, so that the k-th density would be N(0, (1 + h^2)^(k+1)) without any noise.
    """

    last: int = 10
    shares: tuple[float, ...] = (0.0, 0.5)

    axes: ClassVar[tuple[str, ...]] = ("generator", "n")

    def __post_init__(self) -> None:
        require(self.last >= 1, "last", "a whole number >= 1", self.last)
        require(all(0 <= s <= 1 for s in self.shares), "shares", "numbers in [0, 1]", self.shares)

    def check(self, cell: Cell) -> None:
        """Require the kernel density."""
        if not isinstance(cell.parts["generator"], SmoothedRows):
            raise ConfigError("generator: expected smoothed_rows, whose density is known")

    def rows(self, cell: Cell) -> Columns:
        """Return one row per replicate, share and generation."""
        parts = [row for share in self.shares for row in self._of_share(cell, share)]
        return {name: np.concatenate([p[name] for p in parts]) for name in parts[0]}

    def _of_share(self, cell: Cell, share: float) -> Iterator[Columns]:
        generator: SmoothedRows = cell.parts["generator"]
        widening = 1 + generator.factor**2 * cell.n ** (-2 / 5)
        count, start = cell.replicates, np.full(cell.replicates, np.nan)

        def real(size: int, rng: np.random.Generator) -> Array:
            return rng.standard_normal((count, size, 1))

        for number, rows, _ in generations(generator, real, cell.n, share, self.last, cell.seed):
            tv = distance_to_normal(kernel_density(rows[..., 0], generator.bandwidth(rows)[:, 0]))
            widened = scale_distance(widening ** ((number + 1) / 2)) if share == 0 else np.nan
            labels = {"share": share, "generation": number, "widened": widened}
            row: Columns = {"replicate": np.arange(count)} | {k: constant(v, count) for k, v in labels.items()}
            yield row | {"tv": tv, "growth": tv - start}
            start = tv if number == 0 else start
