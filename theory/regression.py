"""Generalization utility in regression: what the measured errors allow it to be at most."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from theory import checks
from theory.checks import FloatArray
from theory.transfer import TransferCurve


def risk_bound(
    curve: TransferCurve,
    e_s: ArrayLike,
    e_r: ArrayLike,
    sup_norm: ArrayLike,
    sup_norms: tuple[ArrayLike, ArrayLike] | None = None,
) -> FloatArray:
    r"""Bound the excess risk, on real data, of a fit to synthetic data (theory/README.md 3.1).

    .. math:: B = \min\bigl\{ T_M((e_s + e_r)^2),
              \bigl(\sqrt{T_{M_s}(e_s^2)} + \sqrt{T_{M_r}(e_r^2)}\bigr)^2 \bigr\}

    the second form only where `sup_norms` is given; neither dominates.

    Parameters
    ----------
    sup_norm : array_like, shape (...)
        M, at least the sup-norm of f̃ - μ.
    sup_norms : pair of array_like, shape (...), optional
        (M_s, M_r), at least the sup-norms of f̃ - μ̃ and of μ̃ - μ.

    Returns
    -------
    ndarray, shape (...)
        The bound on the squared P-norm of f̃ - μ, for each replicate.
    """
    inner, response = _errors(e_s, e_r)
    bound = curve.bound((inner + response) ** 2, sup_norm)
    if sup_norms is None:
        return bound
    if len(sup_norms) != 2:
        raise ValueError(f"sup_norms: expected two sup-norms (M_s, M_r), got {len(sup_norms)}")
    root_sum = np.sqrt(curve.bound(inner**2, sup_norms[0])) + np.sqrt(curve.bound(response**2, sup_norms[1]))
    return np.asarray(np.minimum(bound, root_sum**2))[()]


def risk_floor(curve: TransferCurve, e_s: ArrayLike, e_r: ArrayLike, sup_norm: ArrayLike) -> FloatArray:
    """Least excess risk, on real data, that a fit to synthetic data can have (theory/README.md 3.2).

    .. math:: L_M(|e_s - e_r|^2)

    Arguments are as in `risk_bound`. Up to rounding, which near a = M² is multiplied by the largest ratio
    (theory/README.md 9.1).
    """
    inner, response = _errors(e_s, e_r)
    return curve.lower((inner - response) ** 2, sup_norm)


def utility_bound(
    curve: TransferCurve,
    e_s: ArrayLike,
    e_r: ArrayLike,
    sup_norm: ArrayLike,
    excess_real: ArrayLike,
    two_sided: bool = False,
    sup_norms: tuple[ArrayLike, ArrayLike] | None = None,
) -> FloatArray:
    r"""Bound the generalization utility of each replicate (theory/README.md 3.3).

    .. math:: U \le \max\{B, \Phi(\hat f)\}, \quad
              U \le \max\{B - \Phi(\hat f), \Phi(\hat f) - L_M(|e_s - e_r|^2)\}

    one-sided and two-sided, with B as in `risk_bound`; the two-sided form is never larger.

    Parameters
    ----------
    sup_norm, sup_norms
        As in `risk_bound`; `sup_norms` adds the second form of B.
    excess_real : array_like, shape (...)
        Excess risk Φ(f̂) >= 0 of the fit to real data.
    two_sided : bool
        Use the two-sided form.

    Returns
    -------
    ndarray, shape (...)
        The bound on U = |R(f̃) - R(f̂)|, for each replicate.
    """
    real = checks.finite("excess_real", excess_real, 0.0)
    above = risk_bound(curve, e_s, e_r, sup_norm, sup_norms)
    real, above = checks.together(excess_real=real, risk_bound=above)
    if not two_sided:
        return np.maximum(above, real)
    return np.maximum(above - real, real - risk_floor(curve, e_s, e_r, sup_norm))


def prior_utility_bound(
    curve: TransferCurve, mean_e_s: ArrayLike, mean_e_r: ArrayLike, sup_norm: ArrayLike, mean_excess_real: ArrayLike
) -> FloatArray:
    r"""Bound the mean utility by mean squared errors: nothing is measured on the fits (theory/README.md 3.4).

    .. math:: E U \le T_M\Bigl(\bigl(\sqrt{E e_s^2} + \sqrt{E e_r^2}\bigr)^2\Bigr) + E \Phi(\hat f)

    Parameters
    ----------
    mean_e_s, mean_e_r : array_like, shape (...)
        Mean *squared* errors E e_s² and E e_r², or upper bounds of them, >= 0.
    sup_norm : array_like, shape (...)
        M, non-random, at least every sup-norm of f̃ - μ; or the root of the mean of M² where M varies.
    mean_excess_real : array_like, shape (...)
        Mean excess risk E Φ(f̂) >= 0 of the fit to real data, or an upper bound of it.

    Returns
    -------
    ndarray, shape (...)
        The bound on the mean of U; single replicates may exceed it.
    """
    inner = checks.finite("mean_e_s", mean_e_s, 0.0)
    response = checks.finite("mean_e_r", mean_e_r, 0.0)
    inner, response = checks.together(mean_e_s=inner, mean_e_r=response)
    bound = curve.bound((np.sqrt(inner) + np.sqrt(response)) ** 2, sup_norm)
    real = checks.finite("mean_excess_real", mean_excess_real, 0.0)
    real, bound = checks.together(mean_excess_real=real, bound=bound)
    return bound + real


def _errors(e_s: ArrayLike, e_r: ArrayLike) -> tuple[FloatArray, ...]:
    """Both errors, checked and of one shape; they are squared, hence the same limit as for sup-norms."""
    return checks.together(e_s=checks.sup_norms("e_s", e_s), e_r=checks.sup_norms("e_r", e_r))
