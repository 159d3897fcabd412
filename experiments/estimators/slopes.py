"""Slopes that are compared with each other on the same replicates."""

import numpy as np
from numpy.typing import ArrayLike

from experiments.estimators.intervals import Interval, log_slope
from experiments.estimators.power_laws import around


def slope_excess(
    n_values: ArrayLike, samples: ArrayLike, against: ArrayLike, exponent: float, level: float = 0.95
) -> Interval:
    """Interval of (slope of log mean `samples`) - exponent (slope of log mean `against`), both on log n.

    With least-squares weights w_k of log n: value = sum_k w_k (log x_k - exponent log a_k), x and a the means over
    replicates; its standard error is the delta method's, from one influence value a replicate,
    sum_k w_k (x_kr / x_k - exponent a_kr / a_k). Replicates may be common to all n and to both columns.

    Parameters
    ----------
    n_values : array_like, shape (K,), K >= 2
        Sample sizes.
    samples, against : array_like, shape (K, R), R >= 2
        Column r is replicate r at every n; every row mean must be positive.
    exponent : float
        Factor of the second slope.
    level : float in (0, 1)
        Nominal coverage; t quantile with R - 1 degrees of freedom.

    Returns
    -------
    Interval
        Below 0 where the first falls faster than the power `exponent` of the second.

    Raises
    ------
    ValueError
        For shapes that do not fit, non-positive sizes or means, NaN.
    """
    value = log_slope(n_values, samples, level).value - exponent * log_slope(n_values, against, level).value
    first, second = np.asarray(samples, dtype=float), np.asarray(against, dtype=float)
    if first.shape != second.shape:
        raise ValueError(f"against: expected shape {first.shape} as samples, got {second.shape}")
    axis = np.log(np.asarray(n_values, dtype=float))
    weights = (axis - axis.mean()) / ((axis - axis.mean()) ** 2).sum()
    influence = weights @ (first / first.mean(axis=1)[:, None] - exponent * second / second.mean(axis=1)[:, None])
    return around(value, influence, level)
