"""Intervals for means of bounded values, valid for every law and number of values."""

import numpy as np

from experiments.estimators.intervals import Array, Interval, check_level

LARGEST_BET = 0.75
"""Share of the capital that one value may lose."""


def bounded_interval(values: Array, low: float, high: float, level: float) -> Interval:
    """Return the interval of the mean of independent `values (R,)` in [low, high], of coverage `level` or more.

    By betting (Waudby-Smith and Ramdas 2024, J. R. Statist. Soc. B 86, 1): who bets the share l_i of the capital on
    value i exceeding the true mean m, l_i chosen from the values before i, has the capital prod(1 + l_i (x_i - m)), of
    expectation 1, and 1/p times as much with probability p at most (Markov). The lower end is where this capital is
    2/(1 - level), the upper one likewise. Rare large losses, which a sample need not show, are provided for.
    """
    check_level(level)
    shares = np.clip((values - low) / (high - low), 0.0, 1.0)
    mean, most = shares.mean(axis=-1), np.log(2 / (1 - level))
    ends = (np.minimum(_lower(shares, most), mean), np.maximum(1 - _lower(1 - shares, most), mean))
    value, left, right = (low + (high - low) * s for s in (mean, *ends))
    return Interval(value, left, right, level)


def _lower(shares: Array, most: float) -> Array:
    """Bisect for the mean at which the logarithm of the capital is `most`; it falls with the mean."""
    number = np.arange(1, shares.shape[-1] + 1)
    before = np.cumsum(shares, axis=-1)
    errors = (shares - (0.5 + before) / (number + 1)) ** 2
    variance = (0.25 + np.cumsum(errors, axis=-1) - errors) / number  # of the values before each
    bets = np.sqrt(2 * most / (shares.shape[-1] * variance))
    near, far = np.zeros(shares.shape[:-1]), np.ones(shares.shape[:-1])
    for _ in range(30):
        middle = ((near + far) / 2)[..., None]
        capital = np.log1p(np.minimum(bets, LARGEST_BET / middle) * (shares - middle)).sum(axis=-1)
        near, far = np.where(capital >= most, middle[..., 0], near), np.where(capital >= most, far, middle[..., 0])
    return near
