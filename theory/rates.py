"""Errors known before any response is seen: bounds given the features, and reference slopes."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy.spatial import cKDTree

from theory import checks
from theory.checks import FloatArray

CHUNK = 1 << 22  # distances held at once: 32 MiB
LARGEST = 1e150  # constants are squared


def knn_prior_bound(
    design: ArrayLike, nodes: ArrayLike, weights: ArrayLike, k: int, lipschitz: float, noise_variance: float
) -> FloatArray:
    r"""Bound the mean squared error of nearest neighbours, given the features alone (theory/README.md 7.1).

    .. math:: E[\|\hat f - \mu\|^2 \mid \text{design}] \le \frac{\sigma^2}{k}
              + L^2 \sum_i w_i \Bigl(\frac1k \sum_{j \le k} \|x_i - X_{(j)}(x_i)\|\Bigr)^2

    The mean is over the noise: a single replicate may well exceed it.

    Parameters
    ----------
    design : array_like, shape (R, n, dim)
        Features of the R training samples, finite.
    nodes : array_like, shape (N, dim)
        Points at which the error is measured, finite; their weights sum to 1.
    k : int
        Number of neighbours, 1 to n.
    lipschitz : float
        Lipschitz constant L >= 0 of the regression function, in the Euclidean norm.
    noise_variance : float
        Upper bound sigma^2 >= 0 of the conditional variance of the response.

    Returns
    -------
    ndarray, shape (R,)
        The bound for each sample.
    """
    x = _with_axes("design", design, "(R, n, dim)")
    points = _with_axes("nodes", nodes, "(N, dim)")
    if points.shape[1] != x.shape[2]:
        raise ValueError(f"nodes: expected dim {x.shape[2]} as in design, got {points.shape[1]}")
    w = _weights(weights, len(points))
    near = checks.whole("k", k, 1, x.shape[1])
    slope = checks.number("lipschitz", lipschitz, 0.0, LARGEST)
    variance = checks.number("noise_variance", noise_variance, 0.0, LARGEST)
    points, w = points[w > 0], w[w > 0]
    mean_distance = _line_distances if x.shape[2] == 1 else _tree_distances
    spread = np.array([np.dot(w, mean_distance(sample, points, near) ** 2) for sample in x])
    return np.asarray(variance / near + slope**2 * spread)


def _with_axes(name: str, value: ArrayLike, axes: str) -> FloatArray:
    """Finite numbers with the axes named, none of them empty."""
    array = checks.finite(name, value)
    if array.ndim != axes.count(",") + 1 or not array.size:
        raise ValueError(f"{name}: expected shape {axes}, no axis empty, got {array.shape}")
    return array


def _weights(weights: ArrayLike, size: int) -> FloatArray:
    """Weights of the nodes, summing to 1."""
    w = checks.on_nodes("weights", checks.finite("weights", weights, 0.0), size)
    if w.ndim != 1 or not math.isclose(w.sum(), 1.0, rel_tol=1e-6):
        raise ValueError(f"weights: expected shape ({size},) and sum 1, got shape {w.shape} and sum {w.sum()}")
    return w


def _line_distances(sample: FloatArray, points: FloatArray, k: int) -> FloatArray:
    """Mean distance to the k nearest of a sample on the line: they are neighbours in sorted order.

    The window from i on is nearer than the one from i + 1 on exactly when x_i + x_(i+k) >= 2 point.
    """
    x = np.sort(sample[:, 0])
    at = points[:, 0]
    start = np.searchsorted(x[: x.size - k] + x[k:], 2 * at)
    split = np.clip(np.searchsorted(x, at), start, start + k)
    # Sums of a window are differences of running sums: kept centred and in long double against cancellation.
    sums = np.concatenate([[0], np.cumsum((x - x.mean()).astype(np.longdouble))])
    left = (split - start) * (at - x.mean()) - (sums[split] - sums[start])
    right = sums[start + k] - sums[split] - (start + k - split) * (at - x.mean())
    return np.asarray(np.maximum((left + right).astype(np.float64), 0.0) / k)


def _tree_distances(sample: FloatArray, points: FloatArray, k: int) -> FloatArray:
    """Mean Euclidean distance to the k nearest of a sample in any dimension, by chunks of points."""
    tree = cKDTree(sample, leafsize=16 if sample.shape[1] < 8 else 256)  # big leaves pay where all branches are near
    parts = np.array_split(points, -(-len(points) * k // CHUNK))
    means = [np.asarray(tree.query(part, k=k)[0]).reshape(-1, k).mean(axis=1) for part in parts]
    return np.concatenate(means)


def least_squares_variance(
    design_basis: ArrayLike, basis: ArrayLike, weights: ArrayLike, noise_variance: float
) -> FloatArray:
    r"""Bound the variance part of the error of least squares, given the features alone (theory/README.md 7.2).

    .. math:: \sigma^2 \operatorname{tr}(\Sigma_w S^{-1}),
              \quad \Sigma_w = \sum_i w_i \varphi(x_i) \varphi(x_i)^\top,
              \quad S = \sum_j \varphi(X_j) \varphi(X_j)^\top

    It is the whole error where the regression function lies in the span, and exact where the noise has variance sigma^2
    everywhere. Its mean over designs is at least sigma^2 s / n, which is no upper bound.

    Parameters
    ----------
    design_basis : array_like, shape (R, s, n)
        The s functions at the n features of each of R samples.
    basis, weights : array_like, shapes (s, N) and (N,)
        The same functions at the nodes, and the weights of these, summing to 1.
    noise_variance : float
        Upper bound sigma^2 >= 0 of the conditional variance of the response.

    Returns
    -------
    ndarray, shape (R,)
        The variance for each sample; `inf` where the sample does not determine the fit.
    """
    phi, at = _with_axes("design_basis", design_basis, "(R, s, n)"), _with_axes("basis", basis, "(s, N)")
    if phi.shape[1] != at.shape[0]:
        raise ValueError(f"basis: expected {phi.shape[1]} functions as in design_basis, got {at.shape[0]}")
    w = _weights(weights, at.shape[1])
    variance = checks.number("noise_variance", noise_variance, 0.0, LARGEST)
    scaled = at * np.sqrt(w)
    traces = np.array([_inverse_trace(sample, scaled) for sample in phi])
    return np.asarray(np.multiply(variance, traces, out=traces, where=np.isfinite(traces)))


def _inverse_trace(sample: FloatArray, scaled: FloatArray) -> float:
    """Trace of scaled scaledᵀ (sample sampleᵀ)⁻¹, through singular values; the units of the functions drop out."""
    size = np.linalg.norm(sample, axis=1, keepdims=True)
    if not size.all():
        return math.inf
    left, values, _ = np.linalg.svd(sample / size, full_matrices=False)
    if values.size < sample.shape[0] or values[-1] <= values[0] * max(sample.shape) * np.finfo(float).eps:
        return math.inf
    return float(np.sum(((left.T @ (scaled / size)) / values[:, None]) ** 2))


class ReferenceRate(NamedTuple):
    """A published rate of the squared error, n^(-exponent): a slope to draw, without a constant."""

    exponent: float
    condition: str
    source: str


# learner: (largest smoothness the source covers, condition, source)
SOURCES: dict[str, tuple[float, str, str]] = {
    "knn": (
        1.0,
        "k of order n^(2s/(2s+p)), bounded features; p > 2s or a density bounded below",
        "Györfi, Kohler, Krzyżak, Walk, A Distribution-Free Theory of Nonparametric Regression (2002), Theorem 6.2",
    ),
    "forest": (
        2.0,
        "Mondrian forests of growing size, features in [0,1]^p; s > 1: away from the boundary, smooth positive density",
        "Mourtada, Gaïffas, Scornet, Minimax optimal rates for Mondrian trees and forests, Ann. Statist. 48 (2020)",
    ),
    "kernel_ridge": (
        1e6,
        "regression function in the Sobolev space that the kernel spans, s > p/2, penalty of order n^(-2s/(2s+p))",
        "Caponnetto, De Vito, Optimal rates for the regularized least-squares algorithm, Found. Comput. Math. 7 (2007)",
    ),
    "relu_network": (
        1e6,
        "sparse networks of depth of order log n, empirical minimiser, up to powers of log n",
        "Schmidt-Hieber, Nonparametric regression using deep neural networks with ReLU activation function, "
        "Ann. Statist. 48 (2020), Theorem 1",
    ),
}


def reference_rate(learner: str, dim: int, smoothness: float = 1.0) -> ReferenceRate:
    r"""Name the published rate of a learner for a Hölder (kernel ridge: Sobolev) smoothness (theory/README.md 7.3).

    .. math:: E\|\hat f - \mu\|^2 \lesssim n^{-2\ell/(2\ell+\dim)}

    Parameters
    ----------
    learner : str
        `knn`, `forest`, `kernel_ridge` or `relu_network`.
    dim : int
        Number of features >= 1, p in the conditions.
    smoothness : float
        ℓ > 0, s in the conditions, as far as the source covers it (1 is Lipschitz).

    Returns
    -------
    ReferenceRate
        The exponent 2ℓ/(2ℓ+dim), the condition and the source; no constant is claimed.

    Raises
    ------
    ValueError
        The learner is unknown, or an argument is out of the range its source covers.
    """
    largest, condition, source = SOURCES[checks.choice("learner", learner, tuple(SOURCES))]
    p = checks.whole("dim", dim, 1)
    s = checks.number("smoothness", smoothness, 0.0, largest, above=True)
    return ReferenceRate(2 * s / (2 * s + p), condition, source)


class UtilityExponents(NamedTuple):
    """Exponents of a prior rate of the mean utility: E U <~ m^(-synthetic) + n^(-real)."""

    synthetic: float
    real: float


def utility_exponents(d: float, learner: float, generator: float) -> UtilityExponents:
    r"""Exponents at which the a priori bound of the mean utility falls, under (V, d)-fidelity (theory/README.md 3.5).

    .. math:: E U \lesssim (m^{-u_s} + n^{-u_r})^{d/(d+1)} + n^{-u_s}

    `synthetic` is u_s d/(d+1), in m; `real` is min(u_r d/(d+1), u_s), in n.

    Parameters
    ----------
    d : float
        Exponent of the fidelity level, in (0, inf].
    learner : float
        Exponent u_s > 0 of the learner's squared error, in the number of its samples.
    generator : float
        Exponent u_r > 0 of the generator's squared response error, in n; `inf` for exact responses.
    """
    tail = checks.number("d", d, 0.0, above=True)
    u = checks.number("learner", learner, 0.0, above=True)
    v = checks.number("generator", generator, 0.0, above=True)
    slowed = 1.0 / (1.0 + 1.0 / tail)
    return UtilityExponents(u * slowed, min(v * slowed, u))
