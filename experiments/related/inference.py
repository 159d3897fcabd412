"""Statistical inference from synthetic rows: tests of true hypotheses, and intervals for the real risk of a model."""

from dataclasses import dataclass
from typing import Annotated, ClassVar

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from experiments.config.registry import ConfigError, Range, component, require, whole
from experiments.measurements.base import Cell, Columns, Measurement, labelled, stacked
from experiments.related.batched import Array, BatchedGenerator, NormalFit
from experiments.rng import stream

TEST_BLOCK, INTERVAL_BLOCK = 500, 100
"""Replicates that share a stream and are drawn together; fixed, so that rows do not depend on memory."""


def rejection_rate(ratio: float, level: float = 0.05) -> float:
    r"""Return the limit of the type-1 error of a naive test on m = ratio n synthetic rows.

    The synthetic estimate is the real one plus fresh noise: variance sigma^2/n + sigma^2/m, where the test believes
    sigma^2/m. The statistic is N(0, 1 + m/n), so that the error is 2 (1 - Phi(z / sqrt(1 + m/n))).
    For the two-sided nominal error 0.05 it is 0.166 at ratio 1.
    """
    require(ratio > 0, "ratio", "a number > 0", ratio)
    return float(2 * stats.norm.sf(stats.norm.isf(level / 2) / np.sqrt(1 + ratio)))


@component("measurement", "inference")
@dataclass(frozen=True)
class Inference(Measurement):
    """Two-sided t tests of true hypotheses, on synthetic rows: naive, and with the standard error times sqrt(1 + m/n).

    Real rows: X ~ N(0, 1), Y = slope X + N(0, 1). Hypotheses: the mean of X, the regression coefficient. A confidence
    interval misses the truth exactly when its test rejects: coverage is 1 minus what is measured here.
    """

    slope: float = 1.0
    level: Annotated[float, Range("a number in (0, 1)", lambda v: 0 < v < 1)] = 0.05

    axes: ClassVar[tuple[str, ...]] = ("generator", "n", "ratio")

    def check(self, cell: Cell) -> None:
        """Require a generator that is fitted to numbers, and enough rows for a slope."""
        if not isinstance(cell.parts["generator"], BatchedGenerator):
            raise ConfigError("generator: expected one that is fitted to samples of numbers")
        if min(cell.n, cell.m) < 5:
            raise ConfigError(f"n, ratio: expected at least 5 real and synthetic rows, got {cell.n} and {cell.m}")

    def rows(self, cell: Cell) -> Columns:
        """Return one row per replicate: 1 where the test rejects."""
        columns = stacked(self._block(cell, start) for start in range(0, cell.replicates, TEST_BLOCK))
        predicted = rejection_rate(cell.m / cell.n, self.level)
        return columns | labelled(cell.replicates, predicted_naive=predicted)

    def _block(self, cell: Cell, start: int) -> Columns:
        size = min(TEST_BLOCK, cell.replicates - start)
        rng = stream(cell.seed, "inference/real", start)
        x = rng.standard_normal((size, cell.n))
        y = self.slope * x + rng.standard_normal((size, cell.n))
        sampler = cell.parts["generator"].fit(np.stack([x, y], axis=-1))
        synthetic = sampler(cell.m, stream(cell.seed, "inference/synthetic", start))
        statistics = {"mean": mean_statistic(synthetic[..., 0]), "slope": slope_statistic(synthetic, self.slope)}
        return {
            f"{name}_{test}": self._rejects(t, freedom, factor)
            for name, (t, freedom) in statistics.items()
            for test, factor in (("naive", 1.0), ("corrected", np.sqrt(1 + cell.m / cell.n)))
        }

    def _rejects(self, t: Array, freedom: int, factor: float) -> NDArray[np.int8]:
        return np.asarray(np.abs(t) > factor * stats.t.isf(self.level / 2, freedom), dtype=np.int8)


def mean_statistic(x: Array) -> tuple[Array, int]:
    """Return the t statistics of "the mean is 0" for samples `(R, m)`, and their degrees of freedom."""
    m = x.shape[1]
    return x.mean(axis=1) / np.sqrt(x.var(axis=1, ddof=1) / m), m - 1


def slope_statistic(rows: Array, slope: float) -> tuple[Array, int]:
    """Return the t statistics of "the coefficient is `slope`" for rows (x, y) `(R, m, 2)`, and degrees of freedom."""
    m = rows.shape[1]
    x, y = np.moveaxis(rows - rows.mean(axis=1, keepdims=True), -1, 0)
    spread = np.vecdot(x, x)
    estimate = np.vecdot(x, y) / spread
    residual = np.vecdot(y, y) - estimate**2 * spread
    return (estimate - slope) / np.sqrt(residual / (m - 2) / spread), m - 2


@component("measurement", "generator_intervals")
@dataclass(frozen=True)
class GeneratorIntervals(Measurement):
    """Whether 95% intervals contain the real risk E(Y - slope X)^2 of a given model.

    Real rows: X ~ N(0, 1), Y = X + N(0, 1); the risk is 1 + (1 - slope)^2. Normal laws are fitted to `sets` bootstrap
    samples of n real rows and give m rows each. One set: mean loss +- 1.96 s/sqrt(m). Across sets: mean of the K mean losses
    +- t_{K-1} sd sqrt(1 + 1/K); their sd is the bootstrap's estimate of the uncertainty that n real rows leave.
    """

    sets: Annotated[int, whole(2)] = 10
    slope: float = 0.5

    axes: ClassVar[tuple[str, ...]] = ("n", "ratio")
    replicates: Annotated[int, whole(2)] = 1000

    def rows(self, cell: Cell) -> Columns:
        """Return one row per replicate: 1 where the interval contains the risk."""
        columns = stacked(self._block(cell, start) for start in range(0, self.replicates, INTERVAL_BLOCK))
        return columns | labelled(self.replicates, predicted_one=one_set_coverage(cell.m / cell.n))

    def _block(self, cell: Cell, start: int) -> Columns:
        size = min(INTERVAL_BLOCK, self.replicates - start)
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

    The real rows, the bootstrap and the synthetic rows add variance s^2/n, s^2/n and s^2/m, of which the interval knows the
    last: P(|N(0, 1 + 2 m/n)| <= 1.96).
    """
    require(ratio > 0, "ratio", "a number > 0", ratio)
    return float(2 * stats.norm.cdf(1.96 / np.sqrt(1 + 2 * ratio)) - 1)
