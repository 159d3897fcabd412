"""Kernel smoothers, local means and local lines, under the Epanechnikov kernel, all replicates at once.

K(u) = 1 - |u|^2 for |u| <= 1. Both need local moments only. In one dimension a kernel sum over a window is a polynomial in
the query with running sums as coefficients, which costs O(n + N) per replicate instead of O(n N); in more dimensions
distances are computed in chunks.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from math import comb
from typing import NamedTuple

import numpy as np

from experiments.config.registry import Positive, component
from experiments.learners.base import FLOATS, Array, Learner, Predictor, per_replicate
from experiments.learners.knn import KNearestNeighbours
from experiments.learners.sorted_1d import below, by_position, running_sums

EMPTY = 1e-3
"""Kernel mass below which a window counts as empty: the query takes the mean of its k nearest neighbours (`knn`)."""

RIDGE = 1e-3
"""Added to the local variance of the features, in squared bandwidths: a window of few points gets a mean, not a slope."""


class Moments(NamedTuple):
    """Kernel moments about the query, in units of the bandwidth: u = (X - q)/h."""

    mass: Array
    """Sum of K, shape (R, N)."""
    y: Array
    """Sum of K Y, shape (R, N)."""
    u: Array
    """Sum of K u, shape (R, N, p)."""
    uu: Array
    """Sum of K u u', shape (R, N, p, p)."""
    uy: Array
    """Sum of K u Y, shape (R, N, p)."""


Smooth = Callable[[Moments], Array]
"""From moments to fitted values (R, N) where the mass is positive."""


@component("learner", "nadaraya_watson")
@dataclass(frozen=True)
class NadarayaWatson(Learner):
    """Mean response weighted by 1 - |x - X|^2/h^2, h = factor sqrt(p) n^(-1/(4+p)); `knn` where no point is within h.

    In one dimension, the squared bias is of order h^4 inside the support, h^2 near its ends on a part of length h: together
    h^3, against a variance of order 1/(n h).
    """

    factor: Positive = 0.25

    def exponent(self, a: float) -> float:
        """Return the exponent of h^3 = n^(-3/5), the bias at the ends, or that of empty windows (7.10)."""
        return min(3 / 5, (6 - a) / 5)

    def fit(self, x: Array, y: Array, streams: Sequence[np.random.Generator]) -> Predictor:
        """Keep running sums (p = 1) or the samples."""
        return smoother(x, y, _bandwidth(self.factor, *x.shape[1:]), _mean, order=0)

    def weights(self, x: Array, points: Array) -> Array:
        """Return K over its sum; see `Learner.weights`."""
        return _weights(x, points, _bandwidth(self.factor, *x.shape), lambda share, u: share)


def _mean(local: Moments) -> Array:
    return local.y / local.mass


@component("learner", "local_linear")
@dataclass(frozen=True)
class LocalLinear(Learner):
    """Weighted least squares line (or plane) around each query, weights 1 - |x - X|^2/h^2, h as in `NadarayaWatson`.

    The slope has a small ridge (Seifert and Gasser 2000), which is 0.5% of the local variance inside a uniform sample.
    Where no point is within h, the learner `knn`.
    """

    factor: Positive = 0.3

    def exponent(self, a: float) -> float:
        """Return the exponent of h^4 = n^(-4/5), or that of empty windows (7.10)."""
        return min(4 / 5, (6 - a) / 5)

    def fit(self, x: Array, y: Array, streams: Sequence[np.random.Generator]) -> Predictor:
        """Keep running sums (p = 1) or the samples."""
        return smoother(x, y, _bandwidth(self.factor, *x.shape[1:]), _local_line, order=1)

    def weights(self, x: Array, points: Array) -> Array:
        """Return the local mean's weights less those of the slope times the mean of u; see `Learner.weights`."""
        return _weights(x, points, _bandwidth(self.factor, *x.shape), _line_weights)


def _local_line(local: Moments) -> Array:
    """Fitted value at the query: local mean minus slope times the local mean of u."""
    mass = local.mass[..., None]
    mean_y, mean_u = local.y / local.mass, local.u / mass
    variance = local.uu / mass[..., None] - mean_u[..., :, None] * mean_u[..., None, :]
    covariance = local.uy / mass - mean_u * mean_y[..., None]
    ridge = RIDGE * np.eye(mean_u.shape[-1])
    slope = covariance / (variance[..., 0] + RIDGE) if mean_u.shape[-1] == 1 else np.linalg.solve(
        variance + ridge, covariance[..., None]
    )[..., 0]
    return np.asarray(mean_y - (slope * mean_u).sum(axis=-1))


def _bandwidth(factor: float, n: int, p: int) -> float:
    """Window for samples of size `n` in `p` dimensions; distances in a cube grow as sqrt(p)."""
    return float(factor * p**0.5 * n ** (-1 / (4 + p)))


def _line_weights(share: Array, u: Array) -> Array:
    mean = np.einsum("ij,ijp->ip", share, u)
    centred = u - mean[:, None]
    variance = np.einsum("ij,ijp,ijq->ipq", share, centred, centred) + RIDGE * np.eye(u.shape[2])
    tilt = np.linalg.solve(variance, mean[..., None])[..., 0]
    return np.asarray(share * (1 - np.einsum("ijp,ip->ij", centred, tilt)))


def _weights(x: Array, points: Array, h: float, local: Callable[[Array, Array], Array]) -> Array:
    """Weights (N, n) from each query's shares of kernel mass and its u = (X - q)/h; of `knn` where a window is empty."""
    u = (x - points[:, None]) / h
    kernel = np.maximum(1 - (u**2).sum(axis=2), 0.0)
    mass = kernel.sum(axis=1)
    empty = mass < EMPTY
    found = local(kernel / np.where(empty, 1.0, mass)[:, None], u)
    if empty.any():
        found[empty] = KNearestNeighbours().weights(x, points[empty])
    return found


def smoother(x: Array, y: Array, bandwidth: float, smooth: Smooth, order: int) -> Predictor:
    """Return the predictor that applies `smooth` to local moments, and the learner `knn` where a window is empty.

    `bandwidth` > 0 is the radius of the windows. `order` is 1, or 0 when `smooth` needs `mass` and `y` only: the other
    moments are then left at 0.
    """
    moments = _one_dimension(x, y, bandwidth, order) if x.shape[2] == 1 else _several_dimensions(x, y, bandwidth, order)
    nearest = KNearestNeighbours().fit(x, y, [])

    def predict(points: Array) -> Array:
        found = moments(points)
        empty = found.mass < EMPTY
        fitted = smooth(found._replace(mass=np.where(empty, 1.0, found.mass)))
        return np.where(empty, nearest(points), fitted) if empty.any() else fitted

    return predict


def _one_dimension(x: Array, y: Array, h: float, order: int) -> Callable[[Array], Moments]:
    middle = float(x.mean())  # centred, so that running sums lose few digits
    x_sorted, y_sorted = by_position(x[..., 0] - middle, y)
    sums = [running_sums(x_sorted**j) for j in range(2 * order + 3)]
    sums_y = [running_sums(y_sorted * x_sorted**j) for j in range(order + 3)]
    right = np.nextafter(x_sorted + h, np.inf)  # points at distance h exactly weigh nothing anyway

    def moments(points: Array) -> Moments:
        q = points[..., 0] - middle
        low, high = below(right, q), below(x_sorted - h, q)
        windows = [np.take_along_axis(s, high, 1) - np.take_along_axis(s, low, 1) for s in sums]
        windows_y = [np.take_along_axis(s, high, 1) - np.take_along_axis(s, low, 1) for s in sums_y]
        power = [_about(windows, q, j) / h**j for j in range(2 * order + 3)]
        power_y = [_about(windows_y, q, j) / h**j for j in range(order + 3)]
        kernel = [power[j] - power[j + 2] for j in range(2 * order + 1)]
        kernel_y = [power_y[j] - power_y[j + 2] for j in range(order + 1)]
        if order == 0:
            none = np.zeros((*kernel[0].shape, 1))
            return Moments(kernel[0], kernel_y[0], none, none[..., None], none)
        return Moments(kernel[0], kernel_y[0], kernel[1][..., None], kernel[2][..., None, None], kernel_y[1][..., None])

    return moments


def _about(sums: list[Array], q: Array, j: int) -> Array:
    """Sum of (X - q)^j from the sums of powers of X, by the binomial theorem."""
    total = sums[j].copy()
    for i in range(j):
        total += comb(j, i) * sums[i] * (-q) ** (j - i)
    return total


def _several_dimensions(x: Array, y: Array, h: float, order: int) -> Callable[[Array], Moments]:
    def moments(points: Array) -> Moments:
        rows = [_replicate(x[i], y[i], per_replicate(points, i), h, order) for i in range(len(x))]
        return Moments(*(np.stack(each) for each in zip(*rows)))

    return moments


def _replicate(x: Array, y: Array, points: Array, h: float, order: int) -> Moments:
    """Moments of one sample, by chunks of queries: matrix products of kernel weights with monomials."""
    n, p = x.shape
    outer = (x[:, :, None] * x[:, None, :]).reshape(n, p * p)
    columns = [np.ones((n, 1)), y[:, None]] + ([x, outer, x * y[:, None]] if order else [])
    raw = np.concatenate([kernel @ np.hstack(columns) for kernel in _kernels(x, points, h)])
    mass, total = raw[:, 0], raw[:, 1]
    if not order:
        none = np.zeros((len(points), p))
        return Moments(mass, total, none, none[..., None] * none[:, None], none)
    first, second, with_y = np.split(raw[:, 2:], [p, p + p * p], axis=1)
    q = points
    u = first - mass[:, None] * q
    cross = first[:, :, None] * q[:, None, :]
    uu = second.reshape(-1, p, p) - cross - cross.transpose(0, 2, 1) + mass[:, None, None] * q[:, :, None] * q[:, None, :]
    return Moments(mass, total, u / h, uu / h**2, (with_y - total[:, None] * q) / h)


def _kernels(x: Array, points: Array, h: float) -> Iterator[Array]:
    """Yield kernel weights (queries of a chunk, n)."""
    squares = (x**2).sum(axis=1)
    for part in np.array_split(points, -(-len(points) * len(x) // FLOATS)):
        distance = (part**2).sum(axis=1)[:, None] + squares - 2 * part @ x.T
        yield np.maximum(1 - distance / h**2, 0.0)
