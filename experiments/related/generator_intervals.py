"""Intervals for the real risk of a model from synthetic test rows: of one generator, and across several."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from scipy import stats

from experiments.config.registry import component, require
from experiments.measurements.base import Cell, Columns, Measurement, constant
from experiments.related.batched import Array, NormalFit
from experiments.rng import stream

BLOCK = 100
"""Replicates drawn together; fixed, so that rows do not depend on memory."""


@component("measurement", "generator_intervals")
@dataclass(frozen=True)
class GeneratorIntervals(Measurement):
    """Whether intervals of level 95% hold the real risk E(Y - slope X)^2 of a given model.

    Real rows: X ~ N(0, 1), Y = X + N(0, 1); the risk is 1 + (1 - slope)^2. Normal laws are fitted to `sets` bootstrap
    samples of n real rows and give m rows each. One set: mean loss +- 1.96 s/sqrt(m). Across sets: mean of the K mean losses
    +- t_{K-1} sd sqrt(1 + 1/K); their sd is the bootstrap's estimate of what n real rows leave open.
    """

    sets: int = 10
    slope: float = 0.5

    axes: ClassVar[tuple[str, ...]] = ("n", "ratio")
    replicates: int = 1000

    def __post_init__(self) -> None:
        require(self.sets >= 2, "sets", "a whole number >= 2", self.sets)
        require(self.replicates >= 2, "replicates", "a whole number >= 2", self.replicates)

    def rows(self, cell: Cell) -> Columns:
        """Return one row per replicate: 1 where the interval holds the risk."""
        blocks = [self._block(cell, start) for start in range(0, self.replicates, BLOCK)]
        columns = {name: np.concatenate([b[name] for b in blocks]) for name in blocks[0]}
        predicted = one_set_coverage(cell.m / cell.n)
        return columns | {
            "replicate": np.arange(self.replicates),
            "predicted_one": constant(predicted, self.replicates),
        }

    def _block(self, cell: Cell, start: int) -> Columns:
        size = min(BLOCK, self.replicates - start)
        rng = stream(cell.seed, "intervals", start)
        x = rng.standard_normal((size, cell.n))
        real = np.stack([x, x + rng.standard_normal((size, cell.n))], axis=-1)
        losses = np.stack([self._losses(real, cell.m, rng) for _ in range(self.sets)])
        risk = 1 + (1 - self.slope) ** 2
        means = losses.mean(axis=2)
        one = 1.96 * losses[0].std(axis=1, ddof=1) / np.sqrt(cell.m)
        reach = stats.t.isf(0.025, self.sets - 1) * means.std(axis=0, ddof=1) * np.sqrt(1 + 1 / self.sets)
        return {
            "covers_one": (np.abs(means[0] - risk) <= one).astype(np.int8),
            "covers_across": (np.abs(means.mean(axis=0) - risk) <= reach).astype(np.int8),
        }

    def _losses(self, real: Array, m: int, rng: np.random.Generator) -> Array:
        """Losses (R, m) on rows of a normal law fitted to a bootstrap sample."""
        chosen = rng.integers(real.shape[1], size=(*real.shape[:2], 1))
        x, y = np.moveaxis(NormalFit().fit(np.take_along_axis(real, chosen, axis=1))(m, rng), -1, 0)
        return np.asarray((y - self.slope * x) ** 2)


def one_set_coverage(ratio: float) -> float:
    """Return the coverage of the one-set interval as n grows, m = ratio n.

    The real rows, the bootstrap and the synthetic rows each add their share of variance, 1/n, 1/n and 1/m of one and the
    same s^2, of which the interval knows the last: P(|N(0, 1 + 2 m/n)| <= 1.96).
    """
    require(ratio > 0, "ratio", "a number > 0", ratio)
    return float(2 * stats.norm.cdf(1.96 / np.sqrt(1 + 2 * ratio)) - 1)
