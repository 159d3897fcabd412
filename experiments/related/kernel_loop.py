"""A kernel density estimate refitted to its own samples, with a share of fresh real rows: how far it drifts."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from scipy import stats

from experiments.config.registry import ConfigError, Count, Shares, component
from experiments.measurements.base import Cell, Columns, Measurement, labelled, stacked
from experiments.related.batched import Array, SmoothedRows
from experiments.related.loops import generations

REACH, POINTS = 10.0, 2048
"""Densities are kept on this many points of [-REACH, REACH); mass beyond is folded back, and negligible here."""


@component("measurement", "kernel_loop")
@dataclass(frozen=True)
class KernelLoop(Measurement):
    """Total variation between N(0, 1) and the kernel density of each generation, for each share of fresh real rows.

    `widened` is the distance due to widening alone: each generation multiplies the variance by 1 + h^2, h the bandwidth
    in standard deviations, so that without noise the k-th density would be N(0, (1 + h^2)^(k+1)).
    """

    last: Count = 10
    shares: Shares = (0.0, 0.5)

    axes: ClassVar[tuple[str, ...]] = ("generator", "n")

    def check(self, cell: Cell) -> None:
        """Require the kernel density."""
        if not isinstance(cell.parts["generator"], SmoothedRows):
            raise ConfigError("generator: expected smoothed_rows, whose density is known")

    def rows(self, cell: Cell) -> Columns:
        """Return one row per replicate, share and generation."""
        return stacked(row for share in self.shares for row in self._of_share(cell, share))

    def _of_share(self, cell: Cell, share: float) -> Iterator[Columns]:
        generator: SmoothedRows = cell.parts["generator"]
        widening = 1 + generator.factor**2 * cell.n ** (-2 / 5)
        count, start = cell.replicates, np.full(cell.replicates, np.nan)

        def real(size: int, rng: np.random.Generator) -> Array:
            return rng.standard_normal((count, size, 1))

        for number, rows, _ in generations(generator, real, cell.n, share, self.last, cell.seed):
            tv = distance_to_normal(kernel_density(rows[..., 0], generator.bandwidth(rows)[:, 0]))
            widened = scale_distance(widening ** ((number + 1) / 2)) if share == 0 else np.nan
            labels = labelled(count, share=share, generation=number, widened=widened)
            yield labels | {"tv": tv, "growth": tv - start}
            start = tv if number == 0 else start


def grid() -> Array:
    """Return the points `(POINTS,)` at which densities are known."""
    return np.linspace(-REACH, REACH, POINTS, endpoint=False)


def kernel_density(x: Array, bandwidth: Array) -> Array:
    """Return normal-kernel density estimates `(R, POINTS)` on the grid, from samples `x (R, n)`.

    Each value is split between its two neighbouring points (linear binning) and the histogram is multiplied by the
    kernel's transform exp(-h^2 w^2 / 2). The bandwidths h `(R,)`, standard deviations, span several grid steps.
    """
    step = 2 * REACH / POINTS
    place = (x + REACH) / step
    left = np.floor(place).astype(np.intp)
    weight = place - left
    offset = POINTS * np.arange(len(x))[:, None]
    counts = sum(
        np.bincount((offset + (left + side) % POINTS).ravel(), part.ravel(), minlength=len(x) * POINTS)
        for side, part in ((0, 1 - weight), (1, weight))
    )
    frequency = 2 * np.pi * np.fft.rfftfreq(POINTS, step)
    smooth = np.exp(-((bandwidth[:, None] * frequency) ** 2) / 2)
    smoothed = np.fft.irfft(np.fft.rfft(np.reshape(counts, (len(x), POINTS))) * smooth, POINTS)
    return np.asarray(smoothed / (x.shape[1] * step))


def distance_to_normal(density: Array) -> Array:
    """Return the total variation `(R,)` between densities `(R, POINTS)` on the grid and N(0, 1)."""
    return np.asarray(np.abs(density - stats.norm.pdf(grid())).sum(axis=1) * REACH / POINTS)


def scale_distance(s: float) -> float:
    """Return the total variation between N(0, 1) and N(0, s^2), s > 0: the densities cross at +-x0."""
    if s == 1:
        return 0.0
    crossing = s * np.sqrt(2 * np.log(s) / (s**2 - 1))
    return float(2 * abs(stats.norm.cdf(crossing) - stats.norm.cdf(crossing / s)))
