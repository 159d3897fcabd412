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
    r"""Least constant of the low-noise condition at a given exponent.

    .. math:: A(\gamma) = \sup_{t > 0} t^{-\gamma} P(0 < |2\eta(X) - 1| \le t)

    For gamma = inf, where the margin is bounded away from 0, A stands for one over its least value.

    Parameters
    ----------
    pair : PairedMeasure
        The laws of the features; only P matters.
    eta : array_like, shape (N,)
        P(Y = 1 | x) at the nodes, in [0, 1].
    gamma : float
        Low-noise exponent, in [0, 1e6] or `inf`.

    Returns
    -------
    float
        A(gamma); 0 where η = 1/2 almost everywhere, `inf` where it leaves the range of float64.

    Notes
    -----
    theory/README.md 5.3. The constant of the nodes: it need not converge to that of a law with a density.
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


def low_noise_bound(a: ArrayLike, A: ArrayLike, gamma: float, sharp: bool = True) -> FloatArray:
    r"""Closed form of the largest excess 0-1 risk under low noise, the error measured on real features.

    .. math:: E_{01} \le \frac{2+\gamma}{1+\gamma} \bigl( \kappa A (1+\gamma) \bigr)^{1/(2+\gamma)}
              (4a)^{(1+\gamma)/(2+\gamma)},
              \quad \kappa = 2\,\frac{1 - 2^{-(\gamma+2)}}{\gamma+2} - \frac{1 - 2^{-(\gamma+1)}}{\gamma+1}

    No smaller constant holds for all laws with A and γ; the plain form has κ = 1.

    Parameters
    ----------
    a : array_like, shape (...)
        Squared P-norms of f - η, in [0, 1e150]; for synthetic features T_M(a) of the transfer curve with M = 1/2.
    A : array_like, shape (...)
        Low-noise constant, in [0, 1e150], for gamma = inf one over the least margin.
    gamma : float
        Low-noise exponent, in [0, 1e6] or `inf`.
    sharp : bool
        False for the plain form.

    Returns
    -------
    ndarray, shape (...)
        The bound on the excess 0-1 risk.

    Notes
    -----
    theory/README.md 5.4.
    """
    level, constant = checks.together(a=checks.sup_norms("a", a), A=checks.sup_norms("A", A))
    exponent = _exponent(gamma)
    return _closed_form(level, constant, exponent, _kappa(exponent) if sharp else 1.0)


def composed_bound(curve: TransferCurve, a: ArrayLike, A: float, gamma: float) -> FloatArray:
    r"""Largest excess 0-1 risk under low noise, the error measured on synthetic features (theory/README.md 5.5).

    .. math:: E_{01} \le \inf_{y > 0} \{ A y^{1+\gamma} + \beta(4a/y) \}
              = \inf_{C \ge 0} \{ E_C(P\|Q) + K (4 a C)^{(1+\gamma)/(2+\gamma)} \}

    with K (4a)^((1+γ)/(2+γ)) the plain closed form. The second infimum is attained at a likelihood ratio of a
    node, which makes it exact.

    Parameters
    ----------
    curve : TransferCurve
        The transfer curve of the pair (P, Q).
    a : array_like, shape (...)
        Squared Q-norms of f - η, in [0, 1e150].
    A : float
        Low-noise constant under P, in [0, 1e150], for gamma = inf one over the least margin.
    gamma : float
        Low-noise exponent, in [0, 1e6] or `inf`.

    Returns
    -------
    ndarray, shape (...)
        The bound on the excess 0-1 risk, at most 1.
    """
    level = checks.sup_norms("a", a)
    exponent = _exponent(gamma)
    constant = np.asarray(checks.number("A", A, 0.0, checks.LARGEST_SUP_NORM))
    power = _power(exponent)
    ratios = np.unique(curve.pair.ratio[np.isfinite(curve.pair.ratio)])
    knots = np.concatenate([[0.0], ratios])
    lines = UpperEnvelope.of_lines(-(knots**power), -curve.hockey_stick(knots))
    return np.asarray(-lines.value(np.asarray(_closed_form(level, constant, exponent, 1.0))))[()]


def low_noise_exponent(d: float, gamma: float) -> float:
    r"""Exponent of a in the largest excess 0-1 risk under (V, d)-fidelity and low noise (theory/README.md 5.6).

    .. math:: S(a) \lesssim a^{d/(d+1)} \ (d \le 1), \qquad a^{d(1+\gamma)/(\gamma + d(2+\gamma))} \ (d \ge 1)

    with a logarithm at d = 1; both are attained.

    Parameters
    ----------
    d : float
        Exponent of the fidelity level, in (0, inf].
    gamma : float
        Low-noise exponent, in [0, 1e6] or `inf`.

    Returns
    -------
    float
        The exponent, in (0, 1].
    """
    tail = checks.number("d", d, 0.0, above=True)
    exponent = _exponent(gamma)
    if tail <= 1 or math.isinf(exponent):
        return 1.0 / (1.0 + 1.0 / tail)
    return (1 + exponent) / (exponent / tail + 2 + exponent)


def fidelity_low_noise_bound(a: ArrayLike, A: ArrayLike, gamma: float, V: ArrayLike, d: float) -> FloatArray:
    r"""Closed form of the largest excess 0-1 risk under (V, d)-fidelity and low noise, the error in Q-norm.

    .. math:: E_{01} \le G \ (d < 1), \qquad E_{01} \le \inf_{0 < t \le 1} \{ A t^{1+\gamma} + G\, g(t) \},
              \quad G = (d+1) d^{-d/(d+1)} (v V)^{1/(d+1)} (4a)^{d/(d+1)}

    with v = 1/|1-d| and g(t) = (d t^(1-d))^(1/(d+1)) for d > 1, v = 1 and g(t) = (1 + log(1/t))^(1/2) at d = 1.
    Its exponents in a are those of `low_noise_exponent`; at d = inf it is the plain closed form at V a.

    Parameters
    ----------
    a : array_like, shape (...)
        Squared Q-norms of f - η, in [0, 1e150].
    A : array_like, shape (...)
        Low-noise constant under P, in [0, 1e150], for gamma = inf one over the least margin.
    gamma : float
        Low-noise exponent, in [0, 1e6] or `inf`.
    V : array_like, shape (...)
        Fidelity constant, in (0, 1e150], the largest likelihood ratio at d = inf.
    d : float
        Exponent of the fidelity level, in (0, inf].

    Returns
    -------
    ndarray, shape (...)
        The bound on the excess 0-1 risk.

    Notes
    -----
    theory/README.md 5.6.
    """
    fidelity = checks.numbers("V", V, 0.0, checks.LARGEST_SUP_NORM, above=True)
    level, constant, fidelity = checks.together(a=checks.sup_norms("a", a), A=checks.sup_norms("A", A), V=fidelity)
    exponent = _exponent(gamma)
    tail = checks.number("d", d, 0.0, above=True)
    if math.isinf(tail):
        return _closed_form(fidelity * level, constant, exponent, 1.0)
    share = 1.0 if tail == 1 else 1 / abs(1 - tail)
    rate = tail / (tail + 1)
    spread = (tail + 1) * tail**-rate * (share * fidelity) ** (1 - rate) * (4 * level) ** rate
    noisy = constant > 0
    whole = _split(spread, np.where(noisy, constant, 1.0), exponent, tail) if tail >= 1 else spread
    return np.asarray(np.where(noisy, whole, 0.0))[()]


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
    if math.isinf(gamma):
        return 1.0
    return 2 * (1 - 2 ** -(gamma + 2)) / (gamma + 2) - (1 - 2 ** -(gamma + 1)) / (gamma + 1)


def _closed_form(a: FloatArray, A: FloatArray, gamma: float, kappa: float) -> FloatArray:
    """Section 5.4 with the constant κA; 4aA at gamma = inf."""
    if math.isinf(gamma):
        with np.errstate(over="ignore"):
            return np.asarray(4 * a * A)[()]
    factor = (2 + gamma) / (1 + gamma) * (kappa * (1 + gamma) * A) ** (1 / (2 + gamma))
    return np.asarray(factor * (4 * a) ** _power(gamma))[()]


def _split(spread: FloatArray, constant: FloatArray, gamma: float, d: float) -> FloatArray:
    """Least A t^(1+γ) + G g(t) for d > 1; at d = 1, where no formula gives it, the value at a good t <= 1."""
    slope = (d - 1) / (d + 1)
    spread = spread * d ** (1 / (d + 1)) if d > 1 else spread
    if math.isinf(gamma):
        t = 1 / constant
    else:
        weight = slope * spread if d > 1 else spread
        t = (weight / ((1 + gamma) * constant)) ** (1 / (1 + gamma + slope))
    t = np.clip(t, np.finfo(np.float64).tiny, np.inf if d > 1 else 1.0)
    near = 0.0 if math.isinf(gamma) else constant * t ** (1 + gamma)
    return np.asarray(near + spread * (t**-slope if d > 1 else np.sqrt(1 - np.log(t))))
