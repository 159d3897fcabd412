"""How a mean changes with n: its slope on logarithms, the limit it approaches, and one slope against another.

`n_values (K,)` are at least two different positive sizes; column r of `samples (K, R)`, R >= 2, is replicate r at every n.
Replicates may be common to all n (and usually are): their dependence across n is accounted for. Logarithms need a positive
mean at every n. What does not fit raises ``ValueError``.
"""

import numpy as np
from numpy.typing import ArrayLike

from experiments.estimators.intervals import Array, Interval, around, finite, mean_interval, slants


def log_slope(n_values: ArrayLike, samples: ArrayLike, level: float = 0.95) -> Interval:
    """Slope of the logarithm of a mean against log n, by least squares: -0.4 where the mean falls as n^(-0.4).

    slope = Σ_k w_k log x̄_k, with w the least-squares weights of log n. Its standard error is the delta method's, from
    one influence value per replicate, Σ_k w_k x_{kr} / x̄_k; ends as in `intervals.around`.
    """
    sizes, table = _grid(n_values, samples)
    means = table.mean(axis=-1)
    if np.any(means <= 0):
        raise ValueError(f"samples: expected a positive mean at every n, got {means.tolist()}")
    return _of_logs(_line_weights(np.log(sizes))[1], table, level)


def plateau(n_values: ArrayLike, samples: ArrayLike, level: float = 0.95) -> Interval:
    """The limit of a mean as n grows: the constant a of the least-squares fit of a + b/n.

    The fit is linear in the samples, so a is the mean over replicates of each replicate's own least-squares a, and the
    interval is that of this mean. The form a + b/n is an assumption: slower terms bias it.
    """
    sizes, table = _grid(n_values, samples)
    return mean_interval(_line_weights(1 / sizes)[0] @ table, level)


def slope_excess(
    n_values: ArrayLike, samples: ArrayLike, against: ArrayLike, exponent: float, level: float = 0.95
) -> Interval:
    """Interval of (slope of log mean `samples`) - `exponent` (slope of log mean `against`), both on log n.

    Below 0 where the first falls faster than the power `exponent` of the second. With least-squares weights w_k of log n:
    value = Σ_k w_k (log x̄_k - exponent log ā_k); its standard error is the delta method's, from one influence value per
    replicate, Σ_k w_k (x_{kr} / x̄_k - exponent a_{kr} / ā_k). Replicates may be common to both columns, of one shape.
    """
    (sizes, first), (_, second) = _grid(n_values, samples), _grid(n_values, against)
    if first.shape != second.shape:
        raise ValueError(f"against: expected shape {first.shape} as samples, got {second.shape}")
    weights = _line_weights(np.log(sizes))[1]
    return _of_logs(np.append(weights, -exponent * weights), np.concatenate([first, second], axis=-2), level)


def _of_logs(weights: Array, table: Array, level: float) -> Interval:
    """Interval of Σ_k w_k log x̄_k, from w `(K,)` and x `(K, R)`, by the delta method, its curvature taken into account."""
    means = table.mean(axis=-1)
    relative = table / means[..., None]
    influence = weights @ relative
    return around(np.log(means) @ weights, influence, level, _bend(weights, relative, influence))


def _bend(weights: Array, relative: Array, influence: Array) -> Array:
    """What the curvature of Σ_k w_k log x̄_k adds to the skewness (`around`), from x_{kr} / x̄_k."""
    spread = influence.std(axis=-1)
    return np.asarray(-1.5 * slants(influence, relative) ** 2 @ weights / np.where(spread > 0, spread, np.inf))


def _line_weights(axis: Array) -> Array:
    """Rows: the weights that turn K values at `axis (K,)` into intercept and slope of their least-squares line."""
    weights: Array = np.linalg.pinv(np.stack([np.ones_like(axis), axis], axis=1))
    return weights


def _grid(n_values: ArrayLike, samples: ArrayLike) -> tuple[Array, Array]:
    sizes, table = finite("n_values", n_values, 1), finite("samples", samples, 2)
    if np.any(sizes <= 0) or np.unique(sizes).size < 2:
        raise ValueError(f"n_values: expected at least two different positive sizes, got {sizes.tolist()}")
    if table.shape[-2] != sizes.size or table.shape[-1] < 2:
        raise ValueError(f"samples: expected shape ({sizes.size}, R) with R >= 2, got {table.shape}")
    return sizes, table
