"""Conversions between the three readings of a fidelity level (theory/README.md 1.4)."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import entr

from theory import checks
from theory.checks import FloatArray


def tail_to_exponent(V: ArrayLike, d: ArrayLike) -> tuple[FloatArray, FloatArray]:
    """From P(r > C) ≤ V C^(−d) to β(α) ≤ V′ α^d′: d′ = d/(d+1), V′ = ((d+1)/d)^(d/(d+1)) V^(1/(d+1)).

    Parameters
    ----------
    V : array_like
        Constants in (0, ∞); at d = ∞ the essential supremum of r.
    d : array_like
        Exponents in (0, ∞].

    Returns
    -------
    tuple of ndarray
        V′ and d′ in (0, 1].
    """
    constant, exponent = checks.together(V=checks.finite("V", V, 0.0, above=True), d=_positive("d", d))
    slow = 1 / (exponent + 1)
    share = np.where(np.isinf(exponent), 1.0, slow)
    return np.exp(entr(1 - slow) + share * np.log(constant))[()], (1 - slow)[()]


def exponent_to_tail(V: ArrayLike, d: ArrayLike) -> tuple[FloatArray, FloatArray]:
    """From β(α) ≤ V′ α^d′ to P(r > C) ≤ V C^(−d): d = d′/(1−d′), V = V′^(d+1).

    Going from tail to exponent and back multiplies V by ((d+1)/d)^d < e.

    Parameters
    ----------
    V : array_like
        Constants V′ in (0, ∞).
    d : array_like
        Exponents d′ in (0, 1].

    Returns
    -------
    tuple of ndarray
        V and d; at d′ = 1 the essential supremum of r is at most V′ and d = ∞.
    """
    constant, exponent = checks.together(
        V=checks.finite("V", V, 0.0, above=True), d=checks.numbers("d", d, 0.0, 1.0, above=True)
    )
    rest = 1 - exponent
    share = np.where(rest == 0, 1.0, rest)
    with np.errstate(over="ignore"):
        tail = np.exp(np.log(constant) / share)
    return tail[()], np.where(rest == 0, np.inf, exponent / share)[()]


def tail_to_moment(V: ArrayLike, d: ArrayLike, power: ArrayLike) -> FloatArray:
    """From P(r > C) ≤ V C^(−d) to E_P[r^k] ≤ V^(k/d) d/(d − k), for k < d only.

    The way back is Markov's inequality: E_P[r^d] ≤ V implies P(r > C) ≤ V C^(−d) with the same V and d.

    Parameters
    ----------
    V : array_like
        Constants in (0, ∞); at d = ∞ the essential supremum of r.
    d : array_like
        Exponents in (0, ∞].
    power : array_like
        Orders k in (0, d).

    Returns
    -------
    ndarray
        Bounds on the moments.
    """
    constant, exponent, order = checks.together(
        V=checks.finite("V", V, 0.0, above=True),
        d=_positive("d", d),
        power=checks.finite("power", power, 0.0, above=True),
    )
    if not (order < exponent).all():
        raise ValueError(f"power: expected numbers in (0, d), got {power!r} with d = {d!r}")
    share = order / exponent
    with np.errstate(over="ignore"):
        moment: FloatArray = np.exp(np.where(np.isinf(exponent), order, share) * np.log(constant)) / (1 - share)
    return moment[()]


def _positive(name: str, value: ArrayLike) -> FloatArray:
    return checks.numbers(name, value, 0.0, above=True)
