"""Intervals for means of bounded values, valid for every law and number of values."""

import numpy as np

from experiments.estimators.intervals import Array, Interval, check_level


def bounded_interval(values: Array, low: float, high: float, level: float) -> Interval:
    """Return the interval of the mean of independent `values (R,)` in [low, high], of coverage `level` or more.

    By Hoeffding (1963, J. Amer. Statist. Assoc. 58, 13, Theorem 1) a mean p of R values in [0, 1] comes out as x or
    farther off with probability exp(-R kl(x, p)) at most, kl(x, p) = x log(x/p) + (1 - x) log((1 - x)/(1 - p)): the
    ends are where this is (1 - level)/2. Rare large losses, which a sample need not show, are provided for. Values
    outside [low, high] are the caller's mistake.
    """
    check_level(level)
    share = np.clip((values.mean(axis=-1) - low) / (high - low), 0.0, 1.0)
    most = np.log(2 / (1 - level)) / values.shape[-1]
    ends = (_farthest(share, np.zeros_like(share), most), _farthest(share, np.ones_like(share), most))
    value, left, right = (low + (high - low) * s for s in (share, *ends))
    return Interval(value, np.minimum(left, value), np.maximum(right, value), level)


def _farthest(share: Array, end: Array, most: float) -> Array:
    """Bisect between the share and an end of [0, 1] for the p with kl(share, p) = `most`."""
    near, far = share, end
    for _ in range(60):
        middle = (near + far) / 2
        within = _divergence(share, middle) <= most
        near, far = np.where(within, middle, near), np.where(within, far, middle)
    return near


def _divergence(share: Array, p: Array) -> Array:
    with np.errstate(divide="ignore", invalid="ignore"):
        parts = [np.where(s > 0, s * np.log(s / q), 0.0) for s, q in ((share, p), (1 - share, 1 - p))]
    return np.asarray(parts[0] + parts[1])
