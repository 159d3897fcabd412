"""Kernel densities of samples on the line, all replicates at once, and their distance to the standard normal law."""

import numpy as np
from scipy import stats

from experiments.generators.batched import Array

REACH, POINTS = 10.0, 2048
"""Densities live on this many points of [-REACH, REACH); mass beyond is folded back, and is negligible here."""


def grid() -> Array:
    """Return the points `(POINTS,)` at which densities are known."""
    return np.linspace(-REACH, REACH, POINTS, endpoint=False)


def kernel_density(x: Array, bandwidth: Array) -> Array:
    """Return normal-kernel density estimates on the grid.

    Each value is split between its two neighbouring points (linear binning) and the histogram is multiplied by the
    kernel's transform exp(-h^2 w^2 / 2).

    Parameters
    ----------
    x : Array (R, n)
        Samples.
    bandwidth : Array (R,)
        Standard deviations h > 0 of the kernels; several grid steps each.

    Returns
    -------
    Array (R, POINTS)
        Densities.
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
