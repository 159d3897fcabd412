"""What held-out data can say about the worst case when the laws are unknown (theory/README.md 8)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import betaincinv

from theory import checks
from theory.checks import FloatArray, IntArray
from theory.envelope import concave_hull


@dataclass(frozen=True, eq=False)
class LoweredROC:
    """A curve that lies below the Neyman–Pearson curve β with probability at least 1 − delta (theory/README.md 8.2).

    It says that no guarantee better than M² power(a/M²) exists. It is never a certificate: the true worst case may be
    far above it.

    Attributes
    ----------
    alpha, beta : ndarray, shape (k,)
        Corners of the curve, from (0, 0) to (1, 1).
    delta : float
        Probability ε, over the two samples, that the curve exceeds β somewhere.
    """

    alpha: FloatArray
    beta: FloatArray
    delta: float

    def power(self, alpha: ArrayLike) -> FloatArray:
        """Lower estimate of β(α) at Q-masses α ≥ 0: in [0, 1], concave and non-decreasing; 1 from α = 1 on."""
        return np.interp(checks.numbers("alpha", alpha, 0.0), self.alpha, self.beta)[()]

    def floor(self, a: ArrayLike, sup_norm: ArrayLike) -> FloatArray:
        """Lower estimate M² power(a/M²) of the worst case T_M(a), in [0, M²]."""
        share, square = checks.share(a, sup_norm)
        return (square * self.power(share))[()]


def lowered_roc(
    scores_real: ArrayLike, scores_synthetic: ArrayLike, thresholds: ArrayLike, delta: float = 0.05
) -> LoweredROC:
    """Held-out ROC curve of a score that tells real from synthetic features, lowered by binomial bounds.

    At each of k thresholds t the point (Q(score ≥ t), P(score ≥ t)) is moved to the Clopper–Pearson bounds of the two
    probabilities, upper and lower, each at level delta/(2k); the concave hull of these points with (0, 0) and (1, 1) is
    kept. The empirical curve itself exceeds β somewhere in nearly every sample (theory/README.md 8.2).

    Parameters
    ----------
    scores_real : array_like, shape (n,)
        Scores of held-out real features, large where they look real; the score must not have seen them.
    scores_synthetic : array_like, shape (m,)
        Scores of held-out synthetic features.
    thresholds : array_like, shape (k,)
        Thresholds chosen without looking at these scores.
    delta : float
        Probability ε of exceeding β, in (0, 1).
    """
    real, synthetic = _scores("scores_real", scores_real), _scores("scores_synthetic", scores_synthetic)
    cuts = _scores("thresholds", thresholds)[::-1]
    delta = checks.number("delta", delta, 0.0, 1.0 - 1e-15, above=True)
    share = delta / (2 * cuts.size)
    # What is not below the bound of one sample is the other's complement: one lower bound serves both axes.
    alpha = 1 - _lower_bound(synthetic.size, np.searchsorted(synthetic, cuts), share)
    beta = _lower_bound(real.size, real.size - np.searchsorted(real, cuts), share)
    alpha, beta = np.concatenate([[0.0], alpha, [1.0]]), np.concatenate([[0.0], beta, [1.0]])
    corners = concave_hull(alpha, beta)
    return LoweredROC(alpha[corners], beta[corners], delta)


def _scores(name: str, value: ArrayLike) -> FloatArray:
    array = checks.finite(name, value)
    if array.ndim != 1 or array.size == 0:
        raise ValueError(f"{name}: expected finite values of shape (n,), n >= 1, got shape {array.shape}")
    return np.sort(array)


def _lower_bound(size: int, successes: IntArray, level: float) -> FloatArray:
    """Clopper and Pearson's lower bound of a probability, wrong with probability at most `level`."""
    k = np.maximum(successes, 1)
    return np.where(successes > 0, betaincinv(k, size - k + 1, level), 0.0)
