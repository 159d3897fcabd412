"""Ranking of models on synthetic data: what certifies it, and how bad responses may get (worst ones: responses.py)."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from theory import checks
from theory.checks import FloatArray
from theory.transfer import TransferCurve


def certified_by_gap(gap: ArrayLike, bound_1: ArrayLike, bound_2: ArrayLike) -> np.ndarray:
    r"""Say where bounds of the utilities certify a consistent ranking (theory/README.md 6.1).

    .. math:: |R(\hat f_1) - R(\hat f_2)| > \bar U_1 + \bar U_2, \quad U_j \le \bar U_j

    With the utilities themselves in place of bounds this is the triangle inequality and no evidence of anything.

    Parameters
    ----------
    gap : array_like, shape (...)
        Difference of the real risks of the fits to real data; its sign is irrelevant.
    bound_1, bound_2 : array_like, shape (...)
        Bounds of the utilities of the two models, >= 0; `inf` where there is none.
    """
    difference, slack = _gap_and_slack(gap, bound_1, bound_2)
    return np.asarray(difference > slack)


def ranking_tolerance(curve: TransferCurve, approximation_error: ArrayLike, sup_norm: ArrayLike) -> FloatArray:
    r"""Largest response error that can never flip the ranking, in the limit (theory/README.md 6.4).

    .. math:: \delta^* = \sup\{\delta : T_M(\delta^2) < \Phi_{F_1}\} = M \sqrt{\beta^{-1}(\Phi_{F_1} / M^2)}

    Parameters
    ----------
    approximation_error : array_like, shape (...)
        Φ_F₁ > 0, the least excess risk in the class of model 1 (a squared norm).
    sup_norm : array_like, shape (...)
        M, at least the sup-norm of μ̃ - μ.

    Returns
    -------
    ndarray, shape (...)
        δ*; 0 where Φ_F₁ is at most M² times the uncovered mass, `inf` where it exceeds M².
    """
    return np.sqrt(curve.inverse(checks.finite("approximation_error", approximation_error, 0.0, above=True), sup_norm))


def _gap_and_slack(gap: ArrayLike, bound_1: ArrayLike, bound_2: ArrayLike) -> tuple[FloatArray, ...]:
    """Size of the gap and sum of the bounds, of one shape."""
    first, second = checks.numbers("bound_1", bound_1, 0.0), checks.numbers("bound_2", bound_2, 0.0)
    difference = np.abs(checks.finite("gap", gap))
    difference, first, second = checks.together(gap=difference, bound_1=first, bound_2=second)
    return difference, first + second
