"""What features, model class and responses each cost in the limit, and what a class can make of synthetic rows."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from theory import checks
from theory.checks import FloatArray
from theory.measures import PairedMeasure
from theory.misspecification import determined, projection


def fault_split(pair: PairedMeasure, basis: ArrayLike, mu: ArrayLike, mu_tilde: ArrayLike) -> FloatArray:
    r"""Split the limit of the signed gap of least squares by its causes (theory/README.md 4.8).

    .. math:: f^*_Q - f^*_P = (\Pi_Q - \Pi_P)\mu + \Pi_P(\tilde\mu - \mu) + (\Pi_Q - \Pi_P)(\tilde\mu - \mu)

    The first function takes different features and a wrong class; the second is the response error as real features
    show it to the class; the third takes different features and a response error outside the class. Where p = 0 the
    parts depend on μ, their sum does not.

    Returns
    -------
    ndarray, shape (..., 3, 3)
        Scalar products of the three functions under P, in that order. All nine add up to Δ∞; the sum over some of the
        functions alone is the limit where the causes of the others are mended.

    Raises
    ------
    ValueError
        Q does not determine the fit where P looks at it.
    """
    phi = determined(pair, basis)
    real, synthetic = (checks.on_nodes(name, f, pair.size) for name, f in (("mu", mu), ("mu_tilde", mu_tilde)))
    real, synthetic = checks.together(mu=real, mu_tilde=synthetic)
    of_class, error = ([projection(w, phi, f) for w in (pair.p, pair.q)] for f in (real, synthetic - real))
    parts = np.stack([of_class[1] - of_class[0], error[0], error[1] - error[0]], axis=-2) @ phi
    return np.asarray(np.einsum("...in,...jn,n->...ij", parts, parts, pair.p))


def convex_fault_bound(
    pair: PairedMeasure, best_p: ArrayLike, best_q: ArrayLike, mu: ArrayLike, mu_tilde: ArrayLike
) -> FloatArray:
    r"""Bound Φ(f*_Q) - Φ(f*_P) without a sup-norm, for any closed convex class (theory/README.md 4.8, 4.9).

    .. math:: \Delta_\infty \le \min\Bigl\{ \bigl\|(1 - \tfrac qp)(f^*_Q - \tilde\mu) + \tilde\mu - \mu\bigr\|_P,\;
              \bigl\|(r - 1)\bigl(\tfrac12 (f^*_P + f^*_Q) - \mu\bigr)\bigr\|_Q + e_r \Bigr\}^2

    Parameters
    ----------
    best_p, best_q : array_like, shape (..., N)
        Best elements of the class: f*_P for μ under P, f*_Q for μ̃ under Q.

    Returns
    -------
    ndarray, shape (...)
        The bound. A form is infinite where a law misses nodes that it would have to weigh.
    """
    named = {"best_p": best_p, "best_q": best_q, "mu": mu, "mu_tilde": mu_tilde}
    f_p, f_q, real, synthetic = checks.together(**{k: checks.on_nodes(k, f, pair.size) for k, f in named.items()})
    p, q = pair.p, pair.q
    own = _norm_over(p, np.where(p > 0, (p - q) * (f_q - synthetic) + p * (synthetic - real), q * (synthetic - f_q)))
    other = _norm_over(q, (p - q) * ((f_p + f_q) / 2 - real)) + pair.norm_q(synthetic - real)
    return np.asarray(np.minimum(own, other) ** 2)[()]


def _norm_over(base: FloatArray, density: FloatArray) -> FloatArray:
    """Norm, under the weights `base`, of density/base; infinite where base misses some of the density."""
    with np.errstate(over="ignore"):
        gone = np.where(density == 0, 0.0, np.inf)
        return np.asarray(np.sqrt(np.sum(np.divide(density**2, base, out=gone, where=base > 0), axis=-1)))


def class_transfer(pair: PairedMeasure, basis: ArrayLike) -> float:
    r"""Largest ratio of real to synthetic squared norm within a linear class (theory/README.md 4.10).

    .. math:: \lambda_F = \sup_{g \in F} \frac{\|g\|_P^2}{\|g\|_Q^2} = \lambda_{\max}(\Sigma_P, \Sigma_Q)

    Finite although Q leaves a part of P uncovered.

    Raises
    ------
    ValueError
        All functions are zero under P, or Q does not determine the fit where P looks at it.
    """
    return float(_relative_spectrum(pair, basis)[0].max())


def class_risk_bound(
    pair: PairedMeasure, basis: ArrayLike, fit: ArrayLike, mu: ArrayLike, mu_tilde: ArrayLike
) -> FloatArray:
    r"""Bound the excess risk, on real data, of elements of a linear class (theory/README.md 4.10).

    .. math:: \Phi(\tilde f) \le \bigl(\sqrt{\lambda_F} \|\tilde f - f^*_Q\|_Q + \|f^*_Q - \mu\|_P\bigr)^2

    Parameters
    ----------
    basis
        As in `class_transfer`.
    fit : array_like, shape (..., N)
        f̃ at the nodes, an element of the span.
    """
    named = {"fit": fit, "mu": mu, "mu_tilde": mu_tilde}
    f, real, synthetic = checks.together(**{k: checks.on_nodes(k, g, pair.size) for k, g in named.items()})
    transfer, phi = class_transfer(pair, basis), checks.finite("basis", basis)
    best = projection(pair.q, phi, synthetic) @ phi
    return np.asarray((np.sqrt(transfer) * pair.norm_q(f - best) + pair.norm_p(best - real)) ** 2)[()]


def exchange_rate(pair: PairedMeasure, basis: ArrayLike) -> float:
    r"""Synthetic rows that are worth one real row to least squares in a right linear class (theory/README.md 4.11).

    .. math:: \varrho = \frac1s \operatorname{tr}(\Sigma_P \Sigma_Q^{-1})

    with s the dimension of the class under P; at most λ_F, below 1 where synthetic features train the better model. The
    basis is as in `class_transfer`.
    """
    values, rank = _relative_spectrum(pair, basis)
    return float(values.sum() / rank)


def _relative_spectrum(pair: PairedMeasure, basis: ArrayLike) -> tuple[FloatArray, int]:
    """Eigenvalues of Σ_P relative to Σ_Q, and the rank of Σ_P, on functions made orthonormal under Q."""
    phi = determined(pair, basis)
    at_p, at_q = phi * np.sqrt(pair.p), phi * np.sqrt(pair.q)
    size = np.linalg.norm(at_q, axis=1, keepdims=True)
    size[size == 0] = 1.0  # such a function vanishes under P too
    rank = int(np.linalg.matrix_rank(at_p / size))
    if not rank:
        raise ValueError("basis: expected functions that do not all vanish under P")
    left, values, _ = np.linalg.svd(at_q / size, full_matrices=False)
    keep = values > values[0] * max(at_q.shape) * np.finfo(float).eps
    orthonormal = (left[:, keep].T @ (at_p / size)) / values[keep, None]
    return np.asarray(np.linalg.svd(orthonormal, compute_uv=False) ** 2), rank
