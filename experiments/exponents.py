"""The largest fidelity exponent d of named pairs of laws, where a formula gives it."""

from math import inf, nan

from experiments.laws.base import LawFamily
from experiments.laws.beta import Beta
from experiments.laws.normal import Normal
from experiments.laws.uniform import Uniform


def critical_exponent(real: LawFamily, synthetic: LawFamily) -> float:
    """Return sup{d : P(r > C) <= V C^(-d) for some V} on the line, by theory/README.md 1.8; `nan` if unknown.

    Parameters
    ----------
    real, synthetic : LawFamily
        P and Q.

    Returns
    -------
    float
        d in (0, inf]; 0 for none.
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
