"""Fidelity levels (V, d) of pairs of named laws, in closed form (theory/README.md 1.8)."""

from dataclasses import dataclass
from math import exp, inf, nan

from scipy import stats

from experiments.laws.base import LawFamily
from experiments.laws.joint import Restricted
from experiments.laws.marginals import Beta, Normal, TruncatedNormal, Uniform


@dataclass(frozen=True)
class Level:
    """P(r > C) <= V C^(-d) for all C > 0; with d = inf, r <= V; V = inf where the law is not covered; `nan` unknown."""

    V: float
    d: float


def fidelity_level(real: LawFamily, synthetic: LawFamily, dim: int) -> Level:
    """Return a valid level of P = `real` against Q = `synthetic` in `dim` dimensions; `nan` where no closed form is known.

    U[0,1] against Beta(a, 1), a > 1: d = 1/(a-1), V = a^(-d) in one dimension; in more dimensions the ratios multiply, and the
    moment E r^c at c = d/2, which is (2 a^(-c))^dim, gives the tail level (V, c) by Markov's inequality. U[0,1] against a
    law with density at least 1/C on the cube: d = inf, V = C. Normal laws in one dimension: the table of 1.8.
    """
    if real == Uniform():
        return _of_uniform(synthetic, dim)
    if real == Normal() and isinstance(synthetic, Normal) and dim == 1:
        return _of_normal(synthetic)
    return Level(nan, nan)


def _of_uniform(synthetic: LawFamily, dim: int) -> Level:
    if isinstance(synthetic, Beta) and synthetic.b == 1 and synthetic.a > 1:
        d = 1 / (synthetic.a - 1)
        return Level(synthetic.a**-d, d) if dim == 1 else Level((2 * synthetic.a ** (-d / 2)) ** dim, d / 2)
    if isinstance(synthetic, Restricted):
        return Level(1 / synthetic.leak if synthetic.leak > 0 else inf, inf)
    if isinstance(synthetic, TruncatedNormal) and (synthetic.low, synthetic.high) == (0.0, 1.0):
        least = synthetic.distribution().pdf([0.0, 1.0]).min()
        return Level(float(least**-dim), inf)
    return Level(1.0, inf) if synthetic == Uniform() else Level(nan, nan)


def _of_normal(synthetic: Normal) -> Level:
    shift, scale = abs(synthetic.mean), synthetic.scale
    if shift == 0 and scale < 1:
        d = scale**2 / (1 - scale**2)
        return Level(scale**d, d)
    if shift == 0:
        return Level(scale, inf)
    return Level(exp(shift**2), 1.0) if scale == 1 else Level(nan, nan)


def closed_form_power(real: LawFamily, synthetic: LawFamily, alpha: float) -> float:
    """Return the Neyman-Pearson power of Q against P in one dimension where the table of 1.8 has it, else `nan`."""
    if real == Uniform() and isinstance(synthetic, Beta) and synthetic.b == 1:
        return float(alpha ** (1 / synthetic.a))
    if real == Normal() and isinstance(synthetic, Normal):
        z, s = stats.norm, synthetic.scale
        if s == 1:
            return float(z.cdf(z.ppf(alpha) + abs(synthetic.mean)))
        if synthetic.mean == 0:
            return float(2 * z.sf(s * z.isf(alpha / 2)) if s < 1 else 2 * z.cdf(s * z.ppf((1 + alpha) / 2)) - 1)
    return nan


def critical_exponent(real: LawFamily, synthetic: LawFamily) -> float:
    """Return sup{d : P(r > C) <= V C^(-d) for some V} in [0, inf] for P = `real`, Q = `synthetic` in one dimension.

    0 where no d > 0 will do, `nan` where it is unknown.
    """
    if real == synthetic:
        return inf
    if real == Uniform(0.0, 1.0) and isinstance(synthetic, Beta):
        steepest = max(synthetic.a, synthetic.b)  # the density falls as x^(a-1) at 0 and as (1-x)^(b-1) at 1
        return 1 / (steepest - 1) if steepest > 1 else inf
    if isinstance(real, Normal) and isinstance(synthetic, Normal):
        narrow = (synthetic.scale / real.scale) ** 2
        return inf if narrow >= 1 else narrow / (1 - narrow)
    return nan
