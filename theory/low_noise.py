"""Low noise: closed forms of the largest excess 0-1 risk of plug-in classifiers."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from theory import checks
from theory.checks import FloatArray
from theory.classification import probability_on_nodes
from theory.envelope import UpperEnvelope
from theory.measures import PairedMeasure
from theory.transfer import TransferCurve


def low_noise_constant(pair: PairedMeasure, eta: ArrayLike, gamma: float) -> float:
    r"""Least constant of the low-noise condition at an exponent gamma in [0, 1e6] or `inf` (theory/README.md 5.3).

    .. math:: A(\gamma) = \sup_{t > 0} t^{-\gamma} P(0 < |2\eta(X) - 1| \le t)

    For gamma = inf, where the margin is bounded away from 0, A stands for one over its least value. 0 where η = 1/2
    almost everywhere, `inf` where it leaves the range of float64. The constant of the nodes: it need not converge to
    that of a law with a density.
    """
    margin = np.abs(2 * probability_on_nodes("eta", eta, pair.size) - 1)
    exponent = _exponent(gamma)
    counted = (margin > 0) & (pair.p > 0)
    if not counted.any():
        return 0.0
    order = np.argsort(margin[counted], kind="stable")
    log_t, mass = np.log(margin[counted][order]), np.minimum(np.cumsum(pair.p[counted][order]), 1.0)
    log_constant = -log_t[0] if math.isinf(exponent) else np.max(np.log(mass) - exponent * log_t)
    with np.errstate(over="ignore"):
        return float(np.exp(log_constant))


def low_noise_bound(a: ArrayLike, A: ArrayLike, gamma: float) -> FloatArray:
    r"""Closed form of the largest excess 0-1 risk under low noise, error in P-norm (theory/README.md 5.4).

    .. math:: \Phi_{01} \le \frac{2+\gamma}{1+\gamma} \bigl( \kappa A (1+\gamma) \bigr)^{1/(2+\gamma)}
              (4a)^{(1+\gamma)/(2+\gamma)},
              \quad \kappa = 2\,\frac{1 - 2^{-(\gamma+2)}}{\gamma+2} - \frac{1 - 2^{-(\gamma+1)}}{\gamma+1}

    For small a no smaller constant holds for all laws with A and γ.

    Parameters
    ----------
    a : array_like, shape (...)
        Squared P-norms of f - η, in [0, 1e150]; for synthetic features T_M(a) of the transfer curve with M = 1/2.
    A : array_like, shape (...)
        Low-noise constant, in [0, 1e150], for gamma = inf one over the least margin.
    gamma : float
        Low-noise exponent, in [0, 1e6] or `inf`.
    """
    level, constant = checks.together(a=checks.sup_norms("a", a), A=checks.sup_norms("A", A))
    return _closed_form(level, constant, _exponent(gamma))


def composed_bound(curve: TransferCurve, a: ArrayLike, A: float, gamma: float) -> FloatArray:
    r"""Largest excess 0-1 risk under low noise, the error measured on synthetic features (theory/README.md 5.5).

    .. math:: \Phi_{01} \le \inf_{C \ge 0} \{ E_C(P\|Q) + \bar S(C a) \}
              = \inf_{y > 0} \{ \kappa A y^{1+\gamma} + \beta(4a/y) \}

    with S̄ the closed form of 5.4; at most 1. The first infimum is attained at a likelihood ratio of a node, which
    makes it exact.

    Parameters
    ----------
    a : array_like, shape (...)
        Squared Q-norms of f - η, in [0, 1e150].
    A, gamma : float
        Low-noise level under P, as in `low_noise_bound`.
    """
    level = checks.sup_norms("a", a)
    exponent = _exponent(gamma)
    constant = np.asarray(checks.number("A", A, 0.0, checks.LARGEST_SUP_NORM))
    power = _power(exponent)
    ratios = np.unique(curve.pair.ratio[np.isfinite(curve.pair.ratio)])
    knots = np.concatenate([[0.0], ratios])
    lines = UpperEnvelope.of_lines(-(knots**power), -curve.hockey_stick(knots))
    return np.asarray(-lines.value(np.asarray(_closed_form(level, constant, exponent))))[()]


def low_noise_exponent(d: float, gamma: float) -> float:
    r"""Exponent of a in the largest excess 0-1 risk under (V, d)-fidelity and low noise (theory/README.md 5.6).

    .. math:: S(a) \lesssim a^{d/(d+1)} \ (d \le 1), \qquad a^{d(1+\gamma)/(\gamma + d(2+\gamma))} \ (d \ge 1)

    with the factor log(1/a)^(1/2) at d = 1, which is needed (5.8); both are attained. d in (0, inf], gamma in [0, 1e6]
    or `inf`.
    """
    tail = checks.number("d", d, 0.0, above=True)
    exponent = _exponent(gamma)
    if tail <= 1 or math.isinf(exponent):
        return 1.0 / (1.0 + 1.0 / tail)
    return (1 + exponent) / (exponent / tail + 2 + exponent)


def fidelity_low_noise_bound(a: ArrayLike, A: ArrayLike, gamma: float, V: ArrayLike, d: float) -> FloatArray:
    r"""Closed form of the largest excess 0-1 risk under (V, d)-fidelity and low noise (theory/README.md 5.6).

    .. math:: \Phi_{01} \le \min\Bigl\{ 1, A, \inf_{0 < t \le 1} A t^{1+\gamma}
              + (d+1) d^{-d/(d+1)} (V K_d(t))^{1/(d+1)} (4a)^{d/(d+1)} \Bigr\},
              \quad (1+d) K_d(t) = 1 + (2^{-d} + d - 1) \int_t^1 u^{-d} du

    At d = inf it is the closed form of 5.4 at V a.

    Parameters
    ----------
    a, A, gamma
        As in `composed_bound`; A too has shape (...).
    V : array_like, shape (...)
        Fidelity constant, in (0, 1e150], the largest likelihood ratio at d = inf.
    d : float
        Exponent of the fidelity level, in (0, inf].
    """
    fidelity = checks.numbers("V", V, 0.0, checks.LARGEST_SUP_NORM, above=True)
    level, constant, fidelity = checks.together(a=checks.sup_norms("a", a), A=checks.sup_norms("A", A), V=fidelity)
    exponent, tail = _exponent(gamma), checks.number("d", d, 0.0, above=True)
    ceiling = np.minimum(constant, 1.0)
    if math.isinf(tail):
        return np.minimum(_closed_form(fidelity * level, constant, exponent), ceiling)[()]
    with np.errstate(divide="ignore", invalid="ignore"):
        log_g = math.log(tail + 1) + (np.log(fidelity) + tail * (np.log(4 * level) - math.log(tail))) / (tail + 1)
        depth = _depth(log_g, np.log(constant), exponent, tail)
    near = 0.0 if math.isinf(exponent) else constant * np.exp(-(1 + exponent) * depth)
    return np.minimum(near + np.exp(log_g + _log_share(depth, tail) / (tail + 1)), ceiling)[()]


def fidelity_low_noise_example(x: ArrayLike, A: float, gamma: float, V: float, d: float) -> tuple[FloatArray, FloatArray]:
    """Error a and excess 0-1 risk of f = 1/2 at laws that come near the form above (theory/README.md 5.8).

    P(r > C) = V C^(-d); the margin is 1 where r >= x, r/x where x t < r < x, else 0, with V (x t)^(-d) = A t^γ.

    A, d > 0 and gamma are finite, V at least (d/(d+1))^d. Both have the shape of x, likelihood ratios > 0, and are
    NaN where no such law exists: t > 1 or A t^γ > 1.
    """
    ratio = checks.finite("x", x, 0.0, above=True)
    mass = V * ratio**-d
    t = (mass / A) ** (1 / (gamma + d))
    power = t ** (1 - d)
    gain = power + _length(-np.log(t), d) * np.maximum(power, 1.0)
    cost = mass / ratio * (gain - 1 / (1 + d))
    exists = (t <= 1) & (A * t**gamma <= 1)
    return np.where(exists, cost / 4, np.nan)[()], np.where(exists, mass * gain, np.nan)[()]


def _exponent(gamma: float) -> float:
    """Low-noise exponents: beyond 1e6 only infinity, where the formulas have their own form."""
    exponent = checks.number("gamma", gamma, 0.0)
    if 1e6 < exponent < math.inf:
        raise ValueError(f"gamma: expected a number in [0, 1e6] or infinity, got {gamma!r}")
    return exponent


def _power(gamma: float) -> float:
    return 1.0 - 1.0 / (2.0 + gamma)


def _kappa(gamma: float) -> float:
    """Share of the constant that remains when gains near both ends of the margin's range are subtracted."""
    return 2 * (1 - 2 ** -(gamma + 2)) / (gamma + 2) - (1 - 2 ** -(gamma + 1)) / (gamma + 1)


def _closed_form(a: FloatArray, A: FloatArray, gamma: float) -> FloatArray:
    """Section 5.4; 4aA at gamma = inf."""
    if math.isinf(gamma):
        with np.errstate(over="ignore"):
            return np.asarray(4 * a * A)[()]
    factor = (2 + gamma) / (1 + gamma) * (_kappa(gamma) * (1 + gamma) * A) ** (1 / (2 + gamma))
    return np.asarray(factor * (4 * a) ** _power(gamma))[()]


def _length(depth: FloatArray, d: float) -> FloatArray:
    """The integral of u^(-d) from t = exp(-depth) to 1, for d > 1 times t^(d-1), which keeps it finite."""
    slope = abs(d - 1)
    return depth if slope == 0 else -np.expm1(-slope * depth) / slope


def _bend(d: float) -> float:
    """2^(-d) + d - 1, without cancellation."""
    return math.expm1(-d * math.log(2)) + d


def _log_share(depth: FloatArray, d: float) -> FloatArray:
    """Logarithm of K_d(t), t = exp(-depth)."""
    scaled = max(d - 1, 0.0) * depth
    return np.asarray(scaled + np.log(np.exp(-scaled) + _bend(d) * _length(depth, d)) - math.log1p(d))


def _depth(log_g: FloatArray, log_constant: FloatArray, gamma: float, d: float) -> FloatArray:
    """log(1/t) of the best t: the zero of the derivative, by bisection; at gamma = inf of the least margin."""
    if math.isinf(gamma):
        return np.maximum(log_constant, 0.0)
    start = log_constant - log_g + math.log1p(gamma) + 2 * math.log1p(d) - math.log(_bend(d))
    low, high = np.zeros(start.shape), np.full(start.shape, 2000.0)
    for _ in range(60):
        middle = (low + high) / 2
        shallow = start - (gamma + d) * middle + d / (d + 1) * _log_share(middle, d) > 0
        low, high = np.where(shallow, middle, low), np.where(shallow, high, middle)
    return low
