"""Pairs of laws whose curve and divergences are known in closed form; each derivation stands beside its formula.

Throughout r = p/q and β(α) is P of the region of highest r that has Q-mass α. By the fundamental lemma of Neyman and
Pearson it is enough to name that region.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy import special, stats

from tests.theory.laws import Product, beta, normal, uniform

Phi, quantile = special.ndtr, special.ndtri


@dataclass(frozen=True)
class Family:
    name: str
    law_p: Any
    law_q: Any
    power: Callable[[np.ndarray], np.ndarray]
    total_variation: float
    chi_square: float
    kl: float
    squared_hellinger: float
    uncovered: float = 0.0


def uniform_beta(a):
    """U[0,1] against Beta(a,1): q = a x^(a−1), Q(x ≤ t) = t^a, r = x^(1−a)/a.

    a > 1: r falls, region [0, t], α = t^a, β = t. a < 1: r rises, region (t, 1], 1 − α = t^a, 1 − β = t.
    The densities cross at t with a t^(a−1) = 1, so TV = |t − t^a|. E_P r = ∫ x^(1−a)/a = 1/(a(2−a)) for a < 2.
    KL = −log a − (a−1) E log X = −log a + a − 1, since E_P log X = −1. ∫√q = √a ∫ x^((a−1)/2) = 2√a/(a+1).
    """
    t = a ** (-1 / (a - 1))
    return Family(
        f"uniform against Beta({a},1)",
        uniform(),
        beta(a),
        (lambda alpha: alpha ** (1 / a)) if a > 1 else (lambda alpha: 1 - (1 - alpha) ** (1 / a)),
        total_variation=abs(t - t**a),
        chi_square=1 / (a * (2 - a)) - 1 if a < 2 else np.inf,
        kl=a - 1 - np.log(a),
        squared_hellinger=1 - 2 * np.sqrt(a) / (a + 1),
    )


def exponential(rate):
    """Exp(1) against Exp(λ): `uniform_beta` under the bijection x ↦ −log x, which changes none of its numbers."""
    law_p, law_q = Product((stats.expon(),)), Product((stats.expon(scale=1 / rate),))
    return replace(uniform_beta(rate), name=f"exponential of rate 1 against {rate}", law_p=law_p, law_q=law_q)


def normal_shift(delta, dim=1):
    """N(0,I) against N(δ,I): log r = |δ|²/2 − δ·x depends on the coordinate along −δ only, so dim = 1 is the case.

    Region x ≤ t, α = Φ(t − δ), β = Φ(t). Crossing at δ/2: TV = 2Φ(δ/2) − 1. E_P r = e^(δ²), KL = δ²/2,
    ∫√(pq) = e^(−δ²/8) by completing squares.
    """
    return Family(
        f"normal shifted by {delta} in dimension {dim}",
        normal(dim=dim),
        normal(mean=delta / np.sqrt(dim), dim=dim),
        lambda alpha: Phi(quantile(alpha) + delta),
        total_variation=2 * Phi(delta / 2) - 1,
        chi_square=np.exp(delta**2) - 1,
        kl=delta**2 / 2,
        squared_hellinger=1 - np.exp(-(delta**2) / 8),
    )


def normal_scale(s, dim=1):
    """N(0,I) against N(0,s²I): log r = dim log s + |x|²(1/s² − 1)/2 depends on |x|², chi-squared under P.

    s < 1: region |x|² > u, α = P(χ² > u/s²), β = P(χ² > u). s > 1: region |x|² < u.
    Crossing at u = 2 dim log(1/s)/(1/s² − 1). E_P r = (s/√(2 − 1/s²))^dim where 2s² > 1, else ∞.
    KL = dim (½(1/s² − 1) + log s). ∫√(pq) = (2s/(1+s²))^(dim/2).
    """
    law = stats.chi2(dim)
    u = 2 * dim * np.log(1 / s) / (1 / s**2 - 1)
    return Family(
        f"normal scaled by {s} in dimension {dim}",
        normal(dim=dim),
        normal(scale=s, dim=dim),
        (lambda alpha: law.sf(s**2 * law.isf(alpha))) if s < 1 else (lambda alpha: law.cdf(s**2 * law.ppf(alpha))),
        total_variation=abs(law.cdf(u) - law.cdf(u / s**2)),
        chi_square=(s / np.sqrt(2 - 1 / s**2)) ** dim - 1 if 2 * s**2 > 1 else np.inf,
        kl=dim * ((1 / s**2 - 1) / 2 + np.log(s)),
        squared_hellinger=1 - (2 * s / (1 + s**2)) ** (dim / 2),
    )


def laplace_shift(delta):
    """Laplace(0,1) against Laplace(δ,1): log r = |x−δ| − |x| is δ for x ≤ 0, δ − 2x between, −δ for x ≥ δ.

    Region x ≤ t. t ≤ 0: α = ½e^(t−δ), β = ½e^t = e^δ α. 0 ≤ t ≤ δ: α = ½e^(t−δ), β = 1 − ½e^(−t) = 1 − e^(−δ)/(4α).
    t ≥ δ: 1 − α = ½e^(δ−t), 1 − β = ½e^(−t) = e^(−δ)(1 − α). Crossing at δ/2: TV = 1 − e^(−δ/2).
    E_P r: ½e^δ from x < 0, (e^δ − e^(−2δ))/6 between, ½e^(−2δ) beyond. KL = E|X−δ| − E|X| = δ + e^(−δ) − 1.
    ∫√(pq): ½e^(−δ/2) on either side and ½δ e^(−δ/2) between.
    """
    e = np.exp(-delta)

    def power(alpha):
        with np.errstate(divide="ignore"):
            middle = 1 - e / (4 * alpha)
        return np.where(alpha <= e / 2, alpha / e, np.where(alpha <= 0.5, middle, 1 - e * (1 - alpha)))

    return Family(
        f"Laplace shifted by {delta}",
        Product((stats.laplace(),)),
        Product((stats.laplace(delta),)),
        power,
        total_variation=1 - np.sqrt(e),
        chi_square=2 / (3 * e) + e**2 / 3 - 1,
        kl=delta + e - 1,
        squared_hellinger=1 - np.sqrt(e) * (1 + delta / 2),
    )


def uniform_truncated_normal(sigma):
    """U[−1,1] against N(0,σ²) cut to [−1,1]: q = φ(x/σ)/(σZ), Z = 2Φ(1/σ) − 1; r grows with |x|.

    Region |x| > t: 1 − α = (2Φ(t/σ) − 1)/Z, 1 − β = t. Crossing where q = ½: t² = 2σ² log(2/(σZ√(2π))).
    E_P r = ¼ ∫ 1/q = ½ σZ√(2π) ∫₀¹ e^(x²/(2σ²)), an imaginary error function. E_P X² = 1/3 gives KL.
    """
    z, norm = 2 * Phi(1 / sigma) - 1, sigma * np.sqrt(2 * np.pi)
    t = sigma * np.sqrt(2 * np.log(2 / (norm * z)))
    cut = Product((stats.truncnorm(-1 / sigma, 1 / sigma, scale=sigma),))
    growth = sigma * np.sqrt(np.pi / 2) * special.erfi(1 / (sigma * np.sqrt(2)))
    return Family(
        f"uniform against truncated normal of scale {sigma}",
        uniform(-1, 1),
        cut,
        lambda alpha: 1 - sigma * quantile((1 + (1 - alpha) * z) / 2),
        total_variation=(2 * Phi(t / sigma) - 1) / z - t,
        chi_square=norm * z * growth / 2 - 1,
        kl=np.log(norm * z / 2) + 1 / (6 * sigma**2),
        squared_hellinger=1 - 2 * sigma * np.sqrt(np.pi) * special.erf(1 / (2 * sigma)) / np.sqrt(2 * norm * z),
    )


# U[0,1] against U[0,½]: r = ∞ on (½, 1], ½ on [0, ½]; β = ½ + ½α. ∫√(pq) = ½√2.
UNIFORM_HALF = Family(
    "uniform against its lower half", uniform(), uniform(0, 0.5), lambda alpha: 0.5 + alpha / 2,
    total_variation=0.5, chi_square=np.inf, kl=np.inf, squared_hellinger=1 - np.sqrt(0.5), uncovered=0.5,
)
# U[0,1] against U[0,2]: r = 2 on [0,1], 0 beyond; β = min(2α, 1). ∫√(pq) = √½.
UNIFORM_DOUBLE = Family(
    "uniform against twice as wide", uniform(), uniform(0, 2), lambda alpha: np.minimum(2 * alpha, 1),
    total_variation=0.5, chi_square=1.0, kl=np.log(2), squared_hellinger=1 - np.sqrt(0.5),
)


def uniform_beta_squared():
    """U[0,1]² against Beta(2,1)²: r = 1/(4xy), region xy < c. P(xy < c) = c(1 − log c).

    Under Q, x² and y² are uniform, so Q(xy < c) = c²(1 − log c²). β by solving the second for c.
    TV at 4xy = 1: β − α there. E_P r = ∞ (∫ dx/x). KL and ∫√(pq) from one coordinate: additive, multiplicative.
    """
    log_c = np.linspace(-30, 0, 300_001)
    alpha, power = np.exp(2 * log_c) * (1 - 2 * log_c), np.exp(log_c) * (1 - log_c)
    return Family(
        "uniform square against Beta(2,1) in each coordinate",
        uniform(dim=2),
        beta(2, dim=2),
        lambda x: np.where(x == 0, 0.0, np.interp(x, alpha, power)),
        total_variation=0.25 * (1 + np.log(4)) - (1 + np.log(16)) / 16,
        chi_square=np.inf,
        kl=2 * (1 - np.log(2)),
        squared_hellinger=1 - (2 * np.sqrt(2) / 3) ** 2,
    )


LINE = [
    uniform_beta(1.5), uniform_beta(1.9), uniform_beta(4.0), uniform_beta(0.3), uniform_beta(0.1), exponential(0.5),
    exponential(1.6), normal_shift(1.0), normal_shift(3.0), normal_scale(0.5), normal_scale(0.9), normal_scale(2.0),
    normal_scale(0.01), laplace_shift(1.0), uniform_truncated_normal(0.4), UNIFORM_HALF, UNIFORM_DOUBLE,
]
PLANE = [uniform_beta_squared(), normal_shift(1.0, 2), normal_scale(0.8, 2), normal_scale(1.5, 2)]
SPACE = [normal_shift(1.0, 5), normal_scale(1.2, 5), normal_shift(1.0, 20), normal_scale(0.9, 20)]
