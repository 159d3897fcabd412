"""(V, d)-fidelity of synthetic features, the transfer bounds it gives, and divergences (theory/README.md 1 and 2)."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import entr, logsumexp, xlogy

from theory import checks
from theory.checks import FloatArray
from theory.envelope import UpperEnvelope
from theory.measures import PairedMeasure

READINGS = ("tail", "exponent", "moment")


class BestFidelity(NamedTuple):
    """The least (V, d) bound over d and the level that gives it; d = 0, V = 1 is the bound M² without any level."""

    value: FloatArray
    V: FloatArray
    d: FloatArray


def fidelity_constant(pair: PairedMeasure, d: ArrayLike, reading: str = "tail") -> FloatArray:
    """Smallest V for which the pair is (V, d)-faithful, for each d (theory/README.md 1.2 to 1.4).

    "tail": V(d) = sup_C C^d P(r > C). "exponent": V′ = sup_α β(α) α^(−d′) at d′ = d/(d + 1). "moment": E_P[r^d]. At d =
    ∞ all three give C̄ = ess sup r. The value is that of the nodes: for a per-replicate bound the right one, for a
    named law at its critical d not the law's (theory/README.md 9.4).

    Parameters
    ----------
    d : array_like, shape (...)
        Exponents in (0, ∞], infinity included.
    reading : {"tail", "exponent", "moment"}
        Which definition.

    Returns
    -------
    ndarray, shape (...)
        The constants; infinite where Q does not cover P, or where V itself exceeds the range of float64.
    """
    exponent = checks.numbers("d", d, 0.0, above=True)
    checks.choice("reading", reading, READINGS)
    if not _covered(pair):
        return np.full(exponent.shape, np.inf)[()]
    bounded = np.isinf(exponent)
    log_v = _log_constant(pair, np.where(bounded, 1.0, np.minimum(exponent, 1e300)), reading)
    return _exp(np.where(bounded, pair.log_ratio[pair.p > 0].max(), log_v))[()]


def fidelity_bound(a: ArrayLike, sup_norm: ArrayLike, V: ArrayLike, d: ArrayLike, form: str = "sharp") -> FloatArray:
    """Bound on T_M(a) from a fidelity level alone (theory/README.md 2.3).

    "sharp": ((d+1)/d)^(d/(d+1)) (M² V)^(1/(d+1)) a^(d/(d+1)), which no smaller constant replaces. "plain": the same
    with (d+1) d^(−d/(d+1)), from E_C ≤ τ(C); larger by (d+1)^(1/(d+1)), up to 1.44. At d = ∞ both are C̄ a. `a` is
    finite here.

    Parameters
    ----------
    V : array_like, shape (...)
        Constants in (0, ∞] of the tail reading; the essential supremum of r where d = ∞.
    d : array_like, shape (...)
        Exponents in (0, ∞].
    form : {"sharp", "plain"}
        Which constant.

    Returns
    -------
    ndarray, shape (...)
        The bounds; infinite where V is infinite and M > 0. They may exceed the trivial M².
    """
    level, bound, constant, exponent = checks.together(
        a=checks.finite("a", a, 0.0),
        sup_norm=checks.sup_norms("sup_norm", sup_norm),
        V=checks.numbers("V", V, 0.0, above=True),
        d=checks.numbers("d", d, 0.0, above=True),
    )
    checks.choice("form", form, ("sharp", "plain"))
    slow, rate = _exponents(exponent)
    log_factor = entr(rate) + (entr(slow) if form == "plain" else 0.0)
    share = np.where(np.isinf(exponent), 1.0, slow)
    with np.errstate(invalid="ignore"):
        log_value = log_factor + xlogy(2 * slow, bound) + xlogy(share, constant) + xlogy(rate, level)
    return np.where(bound == 0, 0.0, np.where(np.isinf(constant), np.inf, _exp(log_value)))[()]


def best_fidelity_bound(pair: PairedMeasure, a: ArrayLike, sup_norm: ArrayLike) -> BestFidelity:
    """Least sharp bound over all levels (V(d), d) of the pair, d = ∞ included (theory/README.md 2.4).

    For fixed d the logarithm of the bound is linear in log a, and over d its minimum lies at a corner of d ↦ log V(d):
    finitely many candidates, so the minimum is exact.

    Returns
    -------
    BestFidelity
        value, V and d, each of shape (...); at most M², and M² (with V = 1, d = 0) where P is not covered.
    """
    share, square = checks.share(a, sup_norm)
    d, log_v = _corners(pair)
    slow, rate = _exponents(d)
    log_factor = entr(rate) + np.where(np.isinf(d), log_v, slow * log_v)
    # The least of the lines log_factor + rate log(a/M²) is the highest of their negatives.
    lines = UpperEnvelope.of_lines(-rate, -log_factor)
    with np.errstate(divide="ignore"):
        best = lines.index[lines.highest(np.log(share))]
    value = square * _exp(log_factor[best] + xlogy(rate[best], share))
    return BestFidelity(value[()], _exp(log_v)[best][()], d[best][()])


def _corners(pair: PairedMeasure) -> tuple[FloatArray, FloatArray]:
    """Exponents d at which d ↦ log V(d) has corners, with both ends 0 and ∞, and log V there."""
    if not _covered(pair):
        return np.zeros(1), np.zeros(1)
    envelope = _tail_lines(pair)
    inner = envelope.breaks[envelope.breaks > 0]
    inner = inner[np.isfinite(inner)]
    log_v = np.concatenate([[0.0], envelope.value(inner), envelope.slopes[-1:]])
    return np.concatenate([[0.0], inner, [np.inf]]), log_v


def _log_constant(pair: PairedMeasure, d: FloatArray, reading: str) -> FloatArray:
    """Logarithm of V for finite d and a covered pair, held above its lower bound: d magnifies rounding of log r."""
    if reading == "tail":
        return np.maximum(_tail_lines(pair).value(d), -d * np.log1p(1 / np.maximum(d, 1e-300)))
    if reading == "exponent":
        return _exponent_lines(pair).value(d / (d + 1))
    seen = pair.p > 0
    log_p, log_r = np.log(pair.p[seen]), pair.log_ratio[seen]
    return np.array([max(logsumexp(log_p + each * log_r), 0.0) for each in d.ravel()]).reshape(d.shape)


def _tail_lines(pair: PairedMeasure) -> UpperEnvelope:
    """Lines d ↦ d log r_i + log P(r ≥ r_i), whose maximum is log V(d)."""
    log_p, log_r = _descending(pair)
    return UpperEnvelope.of_lines(log_r, np.log(np.cumsum(np.exp(log_p))))


def _exponent_lines(pair: PairedMeasure) -> UpperEnvelope:
    """Lines d′ ↦ log β(α_i) − d′ log α_i over the knots of β, where β(α) α^(−d′) is largest."""
    log_p, log_r = _descending(pair)
    return UpperEnvelope.of_lines(-np.logaddexp.accumulate(log_p - log_r), np.log(np.cumsum(np.exp(log_p))))


def _descending(pair: PairedMeasure) -> tuple[FloatArray, FloatArray]:
    """Logarithms of p and r at the nodes of P, the highest ratios first."""
    seen = np.flatnonzero(pair.p > 0)
    order = seen[np.argsort(-pair.log_ratio[seen])]
    return np.log(pair.p[order]), pair.log_ratio[order]


def _exponents(d: FloatArray) -> tuple[FloatArray, FloatArray]:
    """1/(d + 1) and d/(d + 1), also at d = ∞."""
    return 1 / (d + 1), -np.expm1(-np.log1p(d))


def _exp(x: FloatArray) -> FloatArray:
    """Exponential that may overflow to infinity, as a constant V does."""
    with np.errstate(over="ignore"):
        return np.exp(x)


def _covered(pair: PairedMeasure) -> bool:
    return not np.isinf(pair.ratio).any()


def total_variation(pair: PairedMeasure) -> float:
    """Total variation ½ ∫ |p − q|, in [0, 1]."""
    return float(np.abs(pair.p - pair.q).sum() / 2)


def chi_square(pair: PairedMeasure) -> float:
    """χ²(P‖Q) = E_P[r] − 1 = ∫ (p − q)²/q of the nodes, in [0, ∞]; infinite where P is not covered by Q.

    A law's infinite χ² shows on its nodes as a large number.
    """
    with np.errstate(over="ignore"):
        return float(np.sum((pair.p - pair.q) * (pair.ratio - 1)))


def kl(pair: PairedMeasure) -> float:
    """KL(P‖Q) = E_P[log r] in nats, in [0, ∞]; infinite where P is not covered by Q."""
    seen = pair.p > 0
    # Σ p log r = Σ (p log r − p + q): each term is non-negative, so no cancellation takes the sum below 0.
    terms = pair.p[seen] * pair.log_ratio[seen] - pair.p[seen] + pair.q[seen]
    return max(float(terms.sum() + pair.q[~seen].sum()), 0.0)


def squared_hellinger(pair: PairedMeasure) -> float:
    """Squared Hellinger distance 1 − ∫ √(pq) = ½ ∫ (√p − √q)², in [0, 1]."""
    return float(np.square(np.sqrt(pair.p) - np.sqrt(pair.q)).sum() / 2)
