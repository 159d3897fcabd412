"""Expected errors of linear smoothers, exact given the features (theory/README.md 7.4 to 7.6 and 7.8)."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy.linalg import eigh
from scipy.spatial.distance import cdist

from theory import checks
from theory.checks import FloatArray, IntArray
from theory.rates import LARGEST, _weights, _with_axes


def smoother_risk(
    weights: ArrayLike, bias: ArrayLike, squared: ArrayLike, noise_variance: float,
    squared_synthetic: ArrayLike = 0.0, synthetic_variance: float = 0.0,
) -> FloatArray:  # fmt: skip
    r"""Mean excess risk of a linear smoother of one or two stages, given all features (theory/README.md 7.4).

    .. math:: E[\Phi(\tilde f) \mid \text{features}] = \int \bigl\{ b(x)^2 + \sigma^2 \|\omega(x)\|^2
              + \tilde\sigma^2 \|w(x)\|^2 \bigr\} \, dP(x)

    With noise variances that are upper bounds, or a bound of the bias, it is an upper bound.

    Parameters
    ----------
    weights : array_like, shape (N,)
        Weights p of the nodes under the real law, summing to 1.
    bias : array_like, shape (..., N)
        b at the nodes: the smoother applied to noise-free responses, minus μ; or a bound (7.5).
    squared, squared_synthetic : array_like, shape (..., N)
        ‖ω(x)‖² and ‖w(x)‖² >= 0, squared weights of the real and of the synthetic responses; the latter left out for
        one stage.
    noise_variance, synthetic_variance : float
        σ² >= 0 of the real responses, σ̃² >= 0 of the noise that the generator adds.

    Returns
    -------
    ndarray, shape (...)
        The mean over the noise, for each set of features.
    """
    off, first, second = checks.together(
        bias=checks.numbers("bias", bias, -LARGEST, LARGEST),
        squared=checks.finite("squared", squared, 0.0),
        squared_synthetic=checks.finite("squared_synthetic", squared_synthetic, 0.0),
    )
    of_real = checks.number("noise_variance", noise_variance, 0.0, LARGEST)
    of_synthetic = checks.number("synthetic_variance", synthetic_variance, 0.0, LARGEST)
    p = _weights(weights, np.size(weights))
    checks.on_nodes("bias", off, p.size)
    return np.asarray((off**2 + of_real * first + of_synthetic * second) @ p)


def lipschitz_bias(smoother: ArrayLike, design: ArrayLike, nodes: ArrayLike, lipschitz: float) -> FloatArray:
    r"""Bound the bias of a linear smoother at each node, shape (N,), for Lipschitz functions (theory/README.md 7.5).

    .. math:: |b(x)| \le L \sum_l |\omega_l(x)| \, \|x - X_l\|

    Exact at each x where the weights are non-negative: some Lipschitz function attains it there.

    Parameters
    ----------
    smoother : array_like, shape (N, n)
        Weights ω at the nodes, each row summing to 1.
    design, nodes : array_like, shapes (n, dim) and (N, dim)
        Features of the responses that the weights multiply, and points at which the bias is bounded.
    lipschitz : float
        Lipschitz constant L >= 0 of μ, in the Euclidean norm.
    """
    x, at = _with_axes("design", design, "(n, dim)"), _with_axes("nodes", nodes, "(N, dim)")
    if at.shape[1] != x.shape[1]:
        raise ValueError(f"nodes: expected dim {x.shape[1]} as in design, got {at.shape[1]}")
    omega = _matrix("smoother", smoother, len(at), len(x))
    if not np.allclose(omega.sum(axis=1), 1.0, rtol=0, atol=1e-6):
        raise ValueError("smoother: expected rows that sum to 1, which constants need")
    return np.asarray(checks.number("lipschitz", lipschitz, 0.0, LARGEST) * np.vecdot(np.abs(omega), cdist(at, x)))


class WorstBias(NamedTuple):
    """The largest integrated squared bias over the unit ball of an RKHS, and the function that has it."""

    value: float
    direction: FloatArray
    """(N + n,) coefficients of the worst function on the kernels at the nodes, then at the design; of norm 1."""


def worst_bias(weights: ArrayLike, smoother: ArrayLike, kernel: ArrayLike) -> WorstBias:
    r"""Return the worst integrated squared bias over the unit ball of an RKHS (theory/README.md 7.6).

    .. math:: \sup_{\|\mu\|_H \le 1} \int b^2 dP = \lambda_{\max}(P^{1/2} C P^{1/2}), \quad
              C = K_{xx} - \Omega K_{Xx} - K_{xX} \Omega^\top + \Omega K_{XX} \Omega^\top

    A ball of radius t has t² times as much.

    Parameters
    ----------
    weights : array_like, shape (N,)
        Weights p of the nodes under the real law, summing to 1; P is their diagonal matrix.
    smoother : array_like, shape (N, n)
        Weights ω of the responses at the nodes.
    kernel : array_like, shape (N + n, N + n)
        Kernel of the RKHS at the nodes and the design together, symmetric positive semi-definite.

    Returns
    -------
    WorstBias
        `value` and the coefficients of a function of norm 1 that attains it (0 where the value is 0).
    """
    k = _with_axes("kernel", kernel, "(N + n, N + n)")
    p = _weights(weights, np.size(weights))
    if k.shape != k.T.shape or len(k) <= p.size or not np.allclose(k, k.T, rtol=1e-9, atol=1e-12 * np.abs(k).max()):
        raise ValueError(f"kernel: expected a symmetric matrix over {p.size} nodes and the design, got {k.shape}")
    # Row i of `rows` turns values at the points into the weighted bias at node i: sqrt(p_i) (ω_i f(X) - f(x_i)).
    rows = np.sqrt(p)[:, None] * np.hstack([-np.eye(p.size), _matrix("smoother", smoother, p.size, len(k) - p.size)])
    value, vector = _largest(rows @ k @ rows.T)
    return WorstBias(value, rows.T @ vector / np.sqrt(value)) if value > 0 else WorstBias(0.0, np.zeros(len(k)))


def gaussian_risk_bound(weights: ArrayLike, bias: ArrayLike, noise: ArrayLike, delta: float) -> float:
    r"""Bound the excess risk of a linear smoother under normal noise, with high probability (theory/README.md 7.8).

    .. math:: \sqrt\Phi \le \|b\|_P + \|P^{1/2} N\|_F + \|P^{1/2} N\|_{op} \sqrt{2 \log(1/\varepsilon)}

    Parameters
    ----------
    weights, bias : array_like, shape (N,)
        As in `smoother_risk`, for one set of features.
    noise : array_like, shape (N, r)
        N: weights of the responses times the standard deviations of their noise, all stages side by side.
    delta : float
        Probability ε in (0, 1] with which the bound may fail.
    """
    p = _weights(weights, np.size(weights))
    off = checks.on_nodes("bias", bias, p.size)
    if off.ndim != 1:
        raise ValueError(f"bias: expected shape ({p.size},), got {off.shape}")
    scaled = np.sqrt(p)[:, None] * _matrix("noise", noise, p.size)
    gram = scaled @ scaled.T if scaled.shape[0] < scaled.shape[1] else scaled.T @ scaled
    reach = np.sqrt(2 * np.log(1 / checks.number("delta", delta, 0.0, 1.0, above=True)))
    spread = np.sqrt(np.trace(gram)) + np.sqrt(max(_largest(gram)[0], 0.0)) * reach
    return float((np.sqrt(off**2 @ p) + spread) ** 2)


def _largest(matrix: FloatArray) -> tuple[float, FloatArray]:
    """Return the largest eigenvalue of a symmetric matrix, and its vector."""
    values, vectors = eigh(matrix, subset_by_index=[len(matrix) - 1] * 2)
    return float(values[0]), np.asarray(vectors[:, 0])


def _matrix(name: str, value: ArrayLike, nodes: int, columns: int | None = None) -> FloatArray:
    array = _with_axes(name, value, "(N, n)")
    if array.shape != (nodes, array.shape[1] if columns is None else columns):
        raise ValueError(f"{name}: expected a row for each of {nodes} nodes and a column for each response, got {array.shape}")
    return array


class Neighbours(NamedTuple):
    """What nearest neighbours on the line do at the nodes, for each of R samples: arrays (R, N)."""

    squared: FloatArray
    """Squared weights of the real responses, ‖ω(x)‖²."""
    distance: FloatArray
    """Mean distance to the features of these responses, Σ ω_l(x) |x - X_l|."""
    mean: FloatArray
    """The smoother applied to `responses`."""


def nearest_neighbours(
    design: ArrayLike, responses: ArrayLike, nodes: ArrayLike, k: int, synthetic: ArrayLike | None = None, k_first: int = 1
) -> Neighbours:
    """Weights of nearest neighbours on the line, of one stage or of two, without weight matrices (theory/README.md 7.4).

    In sorted order neighbours are windows. In two stages the windows of the k synthetic neighbours start at b_1 <= b_2
    <= ...; two of them share (k_first - |b_i - b_j|)₊ real responses, and running sums over i add them up: O(n + m + N)
    for each sample, once it is sorted.

    Parameters
    ----------
    design, responses : array_like, shape (R, n)
        Real features, and what the smoother is applied to: noise-free responses μ(X) give its mean.
    nodes : array_like, shape (N,)
        Points at which to predict.
    k : int
        Neighbours of the last stage.
    synthetic : array_like, shape (R, m), optional
        Synthetic features: their responses are means of the `k_first` nearest real ones. One stage without it.
    k_first : int
        Neighbours of the first of two stages.

    Returns
    -------
    Neighbours
        Squared weights, mean distance and mean.
    """
    x, y = _with_axes("design", design, "(R, n)"), checks.finite("responses", responses)
    at = _with_axes("nodes", nodes, "(N)")
    first = checks.whole("k" if synthetic is None else "k_first", k if synthetic is None else k_first, 1, x.shape[1])
    t = None if synthetic is None else _with_axes("synthetic", synthetic, "(R, m)")
    if y.shape != x.shape:
        raise ValueError(f"responses: expected shape {x.shape} as design, got {y.shape}")
    if t is not None and len(t) != len(x):
        raise ValueError(f"synthetic: expected {len(x)} samples as in design, got {len(t)}")
    last = first if t is None else checks.whole("k", k, 1, t.shape[1])
    order = np.argsort(at)
    found = tuple(np.empty((len(x), at.size)) for _ in Neighbours._fields)
    for i, (sample, values) in enumerate(zip(x, y)):
        place = np.argsort(sample)
        middle = sample[place[place.size // 2]]
        real = (sample[place] - middle, values[place])
        if t is None:
            rows = _one_stage(*real, at[order] - middle, first)
        else:
            rows = _two_stages(*real, np.sort(t[i]) - middle, at[order] - middle, first, last)
        for each, row in zip(found, rows):
            each[i, order] = row
    return Neighbours(*found)


def _below(values: FloatArray, at: FloatArray) -> IntArray:
    """Count the sorted `values` below each of the sorted points."""
    place = np.searchsorted(at, values, side="right")
    return np.cumsum(np.bincount(place, minlength=at.size + 1)[:-1])


def _starts(x: FloatArray, at: FloatArray, k: int) -> IntArray:
    """First of the k nearest in sorted `x`: window i beats i + 1 exactly where x_i + x_(i+k) >= 2 at."""
    return _below((x[: x.size - k] + x[k:]) / 2, at)


def _sums(values: FloatArray) -> FloatArray:
    sums = np.zeros(values.size + 1)
    values.cumsum(out=sums[1:])
    return sums


def _one_stage(x: FloatArray, y: FloatArray, at: FloatArray, k: int) -> tuple[FloatArray | float, ...]:
    sums, responses, start = _sums(x), _sums(y), _starts(x, at, k)
    split = np.clip(_below(x, at), start, start + k)
    distance = (2 * (split - start) - k) * at - 2 * sums[split] + (sums[:-k] + sums[k:])[start]
    return 1 / k, np.maximum(distance, 0.0) / k, ((responses[k:] - responses[:-k]) / k)[start]


def _two_stages(
    x: FloatArray, y: FloatArray, t: FloatArray, at: FloatArray, k_first: int, k: int
) -> tuple[FloatArray, ...]:
    b, start, left = _starts(x, t, k_first), _starts(t, at, k), _below(x, at)
    sums, responses, count = _sums(x), _sums(y), k * k_first
    at_begin = sums[b]
    begins, begin_sums, window = _sums(b.astype(float)), _sums(at_begin), _sums(sums[b + k_first] - at_begin)
    # |x - X| = X - x + 2 (x - X)₊. Of windows before `whole` all responses lie left of the node, before `part` some.
    starts_below = np.zeros(x.size + 2, dtype=np.intp)
    np.cumsum(np.bincount(b, minlength=x.size + 1), out=starts_below[1:])
    end = start + k
    whole = np.minimum(np.maximum(starts_below[np.maximum(left - k_first + 1, 0)], start), end)
    part = np.minimum(np.maximum(starts_below[left], start), end)
    to_left = left * at - sums[left]
    below = part * to_left + whole * (k_first * at - to_left) + (begins[whole] - begins[part]) * at
    below += begin_sums[part] - (window + begin_sums)[whole]
    distance = (window[k:] + window[:-k])[start] - (count + 2 * k_first * start) * at + 2 * below
    means = _sums(responses[b + k_first] - responses[b])
    shared = _overlaps(b, begins, starts_below, k_first, k) / count**2
    return shared[start], np.maximum(distance, 0.0) / count, ((means[k:] - means[:-k]) / count)[start]


def _overlaps(b: IntArray, begins: FloatArray, starts_below: IntArray, k_first: int, k: int) -> FloatArray:
    """Sums over all pairs of k consecutive windows of what they share, for each first window; exact, in whole numbers."""
    j = np.arange(b.size)
    low = np.maximum(starts_below[np.maximum(b - k_first + 1, 0)], j - k + 1)
    high = np.minimum(starts_below[np.minimum(b + k_first, starts_below.size - 1)], j + k)
    low, high = np.maximum(low, 0), np.minimum(high, b.size)
    before = (j - low) * (k_first - b) + begins[:-1] - begins[low]
    after = (high - j - 1) * (k_first + b) - begins[high] + begins[1:]
    first = k * k_first + 2 * float(before[:k].sum())
    return first + 2 * _sums(before[k:] - after[: b.size - k])
