"""What a wrong model class costs when the features are wrong too: limits and their control."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import minimize_scalar

from theory import checks
from theory.checks import FloatArray
from theory.measures import PairedMeasure
from theory.transfer import TransferCurve


def projection(weights: ArrayLike, basis: ArrayLike, target: ArrayLike) -> FloatArray:
    r"""Coefficients of the best weighted least squares approximation in a linear span (theory/README.md 4.1).

    .. math:: \theta = \arg\min_\theta \sum_i w_i \Bigl(y_i - \sum_j \theta_j \varphi_j(x_i)\Bigr)^2

    The projected function is `projection(...) @ basis`. The scale of the weights, not all zero, is irrelevant.

    Parameters
    ----------
    target : array_like, shape (..., N)
        The functions to approximate.

    Returns
    -------
    ndarray, shape (..., s)
        The coefficients; the shortest such vector (in units of each function's norm) where they are not unique.
    """
    phi, root = scaled_basis(weights, basis)
    goal = checks.on_nodes("target", target, phi.shape[1])
    scale = _scale(phi * root)
    matrix = (phi / scale * root).T
    solution = np.linalg.lstsq(matrix, (goal * root).reshape(-1, root.size).T, rcond=None)[0]
    return np.asarray((solution / scale).T.reshape(*goal.shape[:-1], len(phi)))


def class_error(pair: PairedMeasure, basis: ArrayLike, mu: ArrayLike) -> FloatArray:
    r"""Least excess risk in a linear span under P, 0 for a right class (theory/README.md 4.1).

    .. math:: \Phi_F = \inf_\theta \Bigl\Vert \mu - \sum_j \theta_j \varphi_j \Bigr\Vert_P^2

    What is below 1e-20 of the squared norm of μ is rounding and returned as 0.
    """
    truth = checks.on_nodes("mu", mu, pair.size)
    residual = projection(pair.p, basis, truth) @ np.asarray(basis, dtype=np.float64) - truth
    least = pair.norm_p(residual) ** 2
    return np.where(least > 1e-20 * pair.norm_p(truth) ** 2, least, 0.0)[()]


def misspecification_limit(pair: PairedMeasure, basis: ArrayLike, mu: ArrayLike, mu_tilde: ArrayLike) -> FloatArray:
    r"""Limit of the signed utility gap Φ(f̃) - Φ(f̂) of least squares in a linear span (theory/README.md 4.2).

    .. math:: \Delta_\infty = \Phi(f^*_Q) - \Phi(f^*_P)
              = (\theta_Q - \theta_P)^\top \Sigma_P (\theta_Q - \theta_P) \ge 0

    with the best elements of the span for μ under P and for μ̃ under Q.

    Raises
    ------
    ValueError
        Q does not determine the fit where P looks at it.
    """
    theta_p, theta_q = projection(pair.p, basis, mu), projection(pair.q, basis, mu_tilde)
    phi = determined(pair, basis)
    theta_p, theta_q = checks.together(mu=theta_p, mu_tilde=theta_q)
    return np.asarray(pair.norm_p((theta_q - theta_p) @ phi)) ** 2


def misspecification_bound(
    curve: TransferCurve, error: ArrayLike, sup_norm: ArrayLike, e_r: ArrayLike = 0.0
) -> FloatArray:
    r"""Bound Φ(f*_Q) - Φ(f*_P), the limit of the signed utility gap, for any closed convex class (theory/README.md 4.3).

    .. math:: \Delta_\infty \le T_M((e_F + e_r)^2) - L_M((e_F - e_r)_+^2)

    With exact responses it is at most T_M(e_F²), which is 0 for a right class on covered features, and at most 2 M²
    TV(P, Q), which is 0 for right features: it takes both faults to lose.

    Parameters
    ----------
    error : array_like, shape (...)
        e_F, the Q-norm of f*_Q - μ̃: the error of the class in the synthetic world, >= 0.
    sup_norm : array_like, shape (...)
        M, at least the sup-norms of f*_Q - μ and of f*_P - μ.
    e_r : array_like, shape (...)
        Response error, the Q-norm of μ̃ - μ, >= 0.
    """
    of_class, of_response = checks.together(error=checks.sup_norms("error", error), e_r=checks.sup_norms("e_r", e_r))
    least = np.maximum(of_class - of_response, 0.0)
    return np.asarray(curve.bound((of_class + of_response) ** 2, sup_norm) - curve.lower(least**2, sup_norm))[()]


def feature_fault_bound(pair: PairedMeasure, sup_norm: ArrayLike) -> FloatArray:
    r"""Bound Φ(f*_Q) - Φ(f*_P) by the fault of the features alone, responses being exact (theory/README.md 4.4 and 4.5).

    .. math:: \Delta_\infty \le M^2 \min\Bigl\{ 2\,\mathrm{TV}(P, Q),
              \min_{0 \le \lambda \le 1} \int \frac{(p - q)^2}{\lambda p + (1 - \lambda) q} \Bigr\}

    The integral, quadratic in the fault and convex in λ, is the smaller one where the features are nearly right; λ = 0
    and λ = 1 are χ²(P‖Q) and χ²(Q‖P). `sup_norm` is as in `misspecification_bound`.
    """
    m = checks.sup_norms("sup_norm", sup_norm)
    fault, larger = np.abs(pair.p - pair.q), np.maximum(pair.p, pair.q)
    p, q, relative = pair.p / larger, pair.q / larger, fault / larger

    def integral(share: float) -> float:
        return float(fault @ (relative / (share * p + (1 - share) * q)))

    with np.errstate(divide="ignore"):  # at the ends, where one law may miss the other
        inside = minimize_scalar(integral, bounds=(0.0, 1.0), method="bounded", options={"xatol": 1e-9})
        least = min(inside.fun, integral(0.0), integral(1.0))
    return np.asarray(m**2 * min(float(fault.sum()), least))[()]


def scaled_basis(weights: ArrayLike, basis: ArrayLike) -> tuple[FloatArray, FloatArray]:
    """Basis and root weights, checked; weights are scaled first, so that none is lost to underflow."""
    phi = checks.finite("basis", basis)
    if phi.ndim != 2 or not phi.size:
        raise ValueError(f"basis: expected shape (s, N), no axis empty, got {phi.shape}")
    w = checks.on_nodes("weights", checks.finite("weights", weights, 0.0), phi.shape[1])
    if w.ndim != 1 or not w.any():
        raise ValueError(f"weights: expected shape ({phi.shape[1]},), not all zero, got shape {w.shape}")
    return phi, np.sqrt(w / w.max())


def _scale(weighted: FloatArray) -> FloatArray:
    """Size of each function, 1 for the zero function: makes the rank decision free of units."""
    size = np.linalg.norm(weighted, axis=1, keepdims=True)
    return np.where(size > 0, size, 1.0)


def determined(pair: PairedMeasure, basis: ArrayLike) -> FloatArray:
    """Return the basis where Q fixes the fit wherever P looks; refuse it where it does not."""
    phi, root_q = scaled_basis(pair.q, basis)
    both = phi * np.sqrt((pair.p + pair.q) / np.max(pair.p + pair.q))
    scale = _scale(both)
    rank, full = (int(np.linalg.matrix_rank(matrix / scale)) for matrix in (phi * root_q, both))
    if rank < full:
        raise ValueError(f"basis: expected functions that Q determines where P looks, got rank {rank} of {full}")
    return phi
