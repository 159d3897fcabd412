"""Ranking of models on synthetic data: what certifies it, and how bad responses may get before it flips."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import brentq

from theory import checks
from theory.checks import FloatArray
from theory.classification import ClassificationCurve
from theory.logistic import logistic_minimiser
from theory.measures import PairedMeasure
from theory.misspecification import class_error, determined, projection
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


def worst_response(pair: PairedMeasure, mu: ArrayLike, delta: ArrayLike, sup_norm: float) -> FloatArray:
    r"""Responses μ̃ (..., N) with a given error that hurt the most on real features (theory/README.md 6.5).

    .. math:: \tilde\mu_\delta = \mu + M \, 1\{r > C\}, \quad Q(r > C) = \delta^2 / M^2

    On the boundary node the square of the addend is the fraction of M² that is left. Then the Q-norm of μ̃ - μ is δ and
    its squared P-norm is T_M(δ²).

    Parameters
    ----------
    mu : array_like, shape (N,)
        Real regression function at the nodes, one function.
    delta : array_like, shape (...)
        Response errors, in [0, M].
    sup_norm : float
        M > 0, the sup-norm of μ̃ - μ.
    """
    m = checks.number("sup_norm", sup_norm, 0.0, checks.LARGEST_SUP_NORM, above=True)
    truth = checks.on_nodes("mu", mu, pair.size)
    if truth.ndim != 1:
        raise ValueError(f"mu: expected shape ({pair.size},), got {truth.shape}")
    error = checks.numbers("delta", delta, 0.0, m)
    order = np.argsort(-pair.ratio, kind="stable")
    mass = pair.q[order]
    before = np.concatenate([[0.0], np.cumsum(mass)[:-1]])
    left = (error / m)[..., None] ** 2 - before
    share = np.divide(left, mass, out=np.ones_like(left), where=mass > 0)
    worst = np.broadcast_to(truth, left.shape).copy()
    worst[..., order] += m * np.sqrt(np.clip(share, 0.0, 1.0))
    return worst


def flip_intervals(
    curve: TransferCurve, basis: ArrayLike, mu: ArrayLike, sup_norm: float, points: int = 400
) -> FloatArray:
    r"""Response errors at which the worst responses flip the ranking against a given linear class (theory/README.md 6.6).

    .. math:: \bigl\{ \delta \in [0, M] : T_M(\delta^2) >
              \|\Pi_Q \tilde\mu_\delta - \mu\|_P^2 \bigr\}

    Model 1 projects the bad responses on its class, model 2 represents them. The set need not reach M: worse responses
    can hurt model 1 more than model 2 again.

    Parameters
    ----------
    mu, sup_norm
        As in `worst_response`; the basis spans the class of model 1.
    points : int
        Response errors scanned before the ends are refined, at least 2; what begins and ends within one step of
        M / (points - 1) is missed.

    Returns
    -------
    ndarray, shape (K, 2)
        Ends of the K intervals, increasing; none where nothing flips up to M.

    Raises
    ------
    ValueError
        Q does not determine the fit where P looks at it, or the class holds μ (Φ_F₁ = 0): then both models are right on
        real data and there is no order to flip.
    """
    pair = curve.pair
    phi, truth = _wrong_class(pair, basis, mu)
    m = checks.number("sup_norm", sup_norm, 0.0, checks.LARGEST_SUP_NORM, above=True)
    grid = np.linspace(0.0, m, checks.whole("points", points, 2))

    def lead(delta: ArrayLike) -> FloatArray:
        fitted = projection(pair.q, phi, worst_response(pair, truth, delta, m)) @ phi
        return np.asarray((curve.bound(np.square(delta), m) - pair.norm_p(fitted - truth) ** 2) / m**2)

    flipped = lead(grid) > 0
    ends = [brentq(lead, grid[i], grid[i + 1], xtol=1e-12 * m) for i in np.flatnonzero(flipped[1:] != flipped[:-1])]
    return np.array([*[0.0] * bool(flipped[0]), *ends, *[m] * bool(flipped[-1])]).reshape(-1, 2)


def label_flip_interval(
    pair: PairedMeasure, basis: ArrayLike, eta: ArrayLike, rival: str, points: int = 50
) -> tuple[float, float]:
    r"""Rates of labels 0 turned into 1 at which logistic regression and a rival lose their order (theory/README.md 6.8).

    .. math:: \tilde\eta_\rho = \eta + \rho (1 - \eta), \quad
              \operatorname{sign}(\Phi_{01}(f_\rho) - \Phi_\rho) \ne \operatorname{sign}(\Phi_{01}(f_P) - \Phi_0)

    with f_P and f_ρ the minimisers of the log loss for η under P and for η̃_ρ under Q, and Φ_ρ the limit of the rival's
    excess 0-1 risk on real features.

    Parameters
    ----------
    basis : array_like, shape (s, N)
        Functions that span the logits.
    eta : array_like, shape (N,)
        Class probability at the nodes.
    rival : str
        `consistent`: learns η̃_ρ, so that its rule is 1{η̃_ρ >= 1/2}; `nearest`: the single nearest neighbour.
    points : int
        Rates scanned in [0, 1) before the ends are refined, at least 2; what begins and ends within a step is missed.

    Returns
    -------
    tuple of float
        Ends of the first such interval, the second at most 1; both `inf` where the order is kept at every rate, `nan` where
        the limits on real data are equal: there is no order to lose.
    """
    exact = checks.choice("rival", rival, ("consistent", "nearest")) == "consistent"
    curve = ClassificationCurve(pair, np.asarray(eta))
    truth = curve.eta

    def lead(weights: FloatArray, flipped: FloatArray) -> float:
        own = curve.excess(logistic_minimiser(weights, basis, flipped) @ np.asarray(basis) + 0.5)
        wrong = np.where(truth >= 0.5, 1 - flipped, flipped)
        return float(own - (curve.excess(flipped) if exact else pair.p @ (np.abs(2 * truth - 1) * wrong)))

    first = np.sign(lead(pair.p, truth))
    if first == 0:
        return np.nan, np.nan

    def kept(rate: float) -> bool:
        return bool(np.sign(lead(pair.q, truth + rate * (1 - truth))) == first)

    def change(low: float, high: float, before: bool) -> float:
        while high - low > 1e-7:
            middle = (low + high) / 2
            low, high = (middle, high) if kept(middle) is before else (low, middle)
        return high

    rates = np.linspace(0.0, 1.0, checks.whole("points", points, 2), endpoint=False)
    flags = [kept(rate) for rate in rates]
    if all(flags):
        return np.inf, np.inf
    begin = flags.index(False)
    after = next((i for i in range(begin, len(flags)) if flags[i]), None)
    start = change(rates[begin - 1], rates[begin], True) if begin else 0.0
    return start, 1.0 if after is None else change(rates[after - 1], rates[after], False)


def direction_flip(pair: PairedMeasure, basis: ArrayLike, mu: ArrayLike, direction: ArrayLike) -> float:
    r"""Least error along a direction that flips the ranking against a given linear class (theory/README.md 6.6).

    .. math:: \inf\bigl\{ e > 0 : e^2 \|g\|_P^2 > \|\Pi_Q (\mu + e g) - \mu\|_P^2 \bigr\}

    Model 1 projects the bad responses μ + e g on its class, model 2 represents them: a quadratic inequality in e.

    Parameters
    ----------
    mu, direction : array_like, shape (N,)
        The real regression function, and g ≠ 0 under Q; the result is in units of ‖g‖_Q.

    Returns
    -------
    float
        `inf` where no size flips the ranking.

    Raises
    ------
    ValueError
        As `flip_intervals`.
    """
    phi, truth = _wrong_class(pair, basis, mu)
    g = checks.on_nodes("direction", direction, pair.size)
    fitted, moved = projection(pair.q, phi, np.stack([truth, g])) @ phi
    missed = truth - fitted
    square, linear = pair.norm_p(g) ** 2 - pair.norm_p(moved) ** 2, 2 * float(pair.p @ (missed * moved))
    roots = np.roots(np.array([square, linear, -(pair.norm_p(missed) ** 2)], dtype=np.float64))
    ahead = [float(r.real) for r in roots if abs(r.imag) <= 1e-12 * abs(r) and r.real > 0]
    return float(pair.norm_q(g)) * min(ahead, default=np.inf)


def _wrong_class(pair: PairedMeasure, basis: ArrayLike, mu: ArrayLike) -> tuple[FloatArray, FloatArray]:
    """Basis and μ, checked: Q determines the fit where P looks, and the class misses μ there."""
    phi, truth = determined(pair, basis), checks.on_nodes("mu", mu, pair.size)
    if not class_error(pair, phi, truth) > 0:
        raise ValueError("mu: expected a function outside the span of the basis under P, got one inside it")
    return phi, truth
