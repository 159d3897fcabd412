"""Ranking of models on synthetic data: what certifies it, and how bad responses may get (worst ones: responses.py)."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from theory import checks
from theory.checks import FloatArray
from theory.regression import risk_bound
from theory.transfer import TransferCurve


def certified_by_gap(gap: ArrayLike, bound_1: ArrayLike, bound_2: ArrayLike) -> np.ndarray:
    r"""Say where bounds of the utilities certify a consistent ranking (theory/README.md 6.1).

    .. math:: |R(\hat f_1) - R(\hat f_2)| > \bar U_1 + \bar U_2, \quad U_k \le \bar U_k

    With the utilities themselves in place of bounds this is the triangle inequality and no evidence of anything.

    Parameters
    ----------
    gap : array_like, shape (...)
        Difference of the real risks of the fits to real data; its sign is irrelevant.
    bound_1, bound_2 : array_like, shape (...)
        Bounds of the utilities of the two models, >= 0; `inf` where there is none.

    Returns
    -------
    ndarray of bool, shape (...)
        True where the ranking is certainly consistent.
    """
    difference, slack = _gap_and_slack(gap, bound_1, bound_2)
    return np.asarray(difference > slack)


def inconsistency_bound(gap: ArrayLike, bound_1: ArrayLike, bound_2: ArrayLike) -> FloatArray:
    r"""Bound the indicator of an inconsistent ranking; its mean bounds the probability (theory/README.md 6.2).

    .. math:: P(\text{inconsistent}) \le E \min\{1, (U_1 + U_2) / |R(\hat f_1) - R(\hat f_2)|\}

    Parameters
    ----------
    gap, bound_1, bound_2 : array_like, shape (...)
        As in `certified_by_gap`; utilities or bounds of them.

    Returns
    -------
    ndarray, shape (...)
        The bracket for each replicate, in [0, 1]; 1 where the gap is 0.
    """
    difference, slack = _gap_and_slack(gap, bound_1, bound_2)
    below = slack < difference
    return np.divide(slack, difference, out=np.ones_like(slack), where=below)


def certified_by_class(
    curve: TransferCurve, e_s: ArrayLike, e_r: ArrayLike, sup_norm: ArrayLike, approximation_error: ArrayLike
) -> np.ndarray:
    r"""Say where model 2 certainly comes before every element of the class of model 1 (theory/README.md 6.3).

    .. math:: T_M((e_{s,2} + e_r)^2) < A_1

    Then Φ(f̃₂) < Φ(f̃₁); where also Φ(f̂₂) < A₁ the ranking is consistent.

    Parameters
    ----------
    curve : TransferCurve
        The transfer curve of the pair (P, Q).
    e_s, e_r, sup_norm : array_like, shape (...)
        Errors and sup-norm of model 2, as in `risk_bound`.
    approximation_error : array_like, shape (...)
        A₁ >= 0, the least excess risk in the class of model 1 (a squared norm).

    Returns
    -------
    ndarray of bool, shape (...)
        True where model 2 is certainly first after training on synthetic data.
    """
    level = checks.finite("approximation_error", approximation_error, 0.0)
    bound, level = checks.together(bound=risk_bound(curve, e_s, e_r, sup_norm), approximation_error=level)
    return np.asarray(bound < level)


def ranking_agreement(risks_real: ArrayLike, risks_synthetic: ArrayLike) -> FloatArray:
    r"""Kendall's τ between two vectors of risks: 1 exactly when every pair is consistently ranked.

    .. math:: \tau = \binom{K}{2}^{-1} \sum_{j < k}
              \operatorname{sign}\bigl( (a_j - a_k)(b_j - b_k) \bigr)

    Parameters
    ----------
    risks_real, risks_synthetic : array_like, shape (..., K)
        Risks on real data of the K models after training on real and on synthetic data, K >= 2.

    Returns
    -------
    ndarray, shape (...)
        The share of consistent pairs minus the share of inverted ones; tied pairs count 0.

    Notes
    -----
    theory/README.md 6.1.
    """
    real, synthetic = checks.finite("risks_real", risks_real), checks.finite("risks_synthetic", risks_synthetic)
    if real.shape[-1:] != synthetic.shape[-1:] or real.ndim == 0 or real.shape[-1] < 2:
        raise ValueError(f"risks_synthetic: expected shape (..., K >= 2) as {real.shape}, got {synthetic.shape}")
    real, synthetic = checks.together(risks_real=real, risks_synthetic=synthetic)
    first, second = np.triu_indices(real.shape[-1], 1)
    order = np.sign(real[..., first] - real[..., second]) * np.sign(synthetic[..., first] - synthetic[..., second])
    return np.asarray(order.mean(axis=-1))


def ranking_tolerance(curve: TransferCurve, approximation_error: ArrayLike, sup_norm: ArrayLike) -> FloatArray:
    r"""Largest response error that can never flip the ranking, in the limit (theory/README.md 6.4).

    .. math:: \delta^* = \sup\{\delta : T_M(\delta^2) < A_1\} = M \sqrt{\beta^{-1}(A_1 / M^2)}

    Parameters
    ----------
    curve : TransferCurve
        The transfer curve of the pair (P, Q).
    approximation_error : array_like, shape (...)
        A₁ > 0, the least excess risk in the class of model 1 (a squared norm).
    sup_norm : array_like, shape (...)
        M, at least the sup-norm of μ̃ - μ.

    Returns
    -------
    ndarray, shape (...)
        δ*; 0 where A₁ is at most M² times the uncovered mass, `inf` where it exceeds M².
    """
    return np.sqrt(curve.inverse(checks.finite("approximation_error", approximation_error, 0.0, above=True), sup_norm))


def _gap_and_slack(gap: ArrayLike, bound_1: ArrayLike, bound_2: ArrayLike) -> tuple[FloatArray, ...]:
    """Size of the gap and sum of the bounds, of one shape."""
    first, second = checks.numbers("bound_1", bound_1, 0.0), checks.numbers("bound_2", bound_2, 0.0)
    difference = np.abs(checks.finite("gap", gap))
    difference, first, second = checks.together(gap=difference, bound_1=first, bound_2=second)
    return difference, first + second
