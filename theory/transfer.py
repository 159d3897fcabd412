"""The sharp transfer of errors from synthetic to real features (theory/README.md 2)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from theory import checks
from theory.checks import FloatArray, IntArray
from theory.measures import PairedMeasure


@dataclass(frozen=True, eq=False)
class TransferCurve:
    """Largest and least real error for a given synthetic error: T_M and L_M of one pair.

    T_M(a) = sup { ‖g‖_P² : |g| ≤ M, ‖g‖_Q² ≤ a } = M² β(a/M²), with β the Neyman–Pearson curve of Q against P, and
    L_M(a) = inf { ‖g‖_P² : |g| ≤ M, ‖g‖_Q² ≥ a } (theory/README.md 2.1). Both hold on the nodes to rounding. Sorting
    the nodes by likelihood ratio is done once, here.
    """

    pair: PairedMeasure

    def __post_init__(self) -> None:
        self._descending  # noqa: B018

    @cached_property
    def _key(self) -> FloatArray:
        """What the nodes are sorted by: the ratio, but above all other covered nodes where q has underflowed."""
        pair = self.pair
        if pair.q.min() > 0:
            return pair.ratio
        empty = (pair.q == 0) & np.isfinite(pair.ratio)
        # The weights see no Q-mass there, so the curve must rise by that P-mass before any other covered node.
        largest = np.finfo(np.float64).max
        second = np.nextafter(largest, 0.0)
        return np.where(empty, largest, np.where(np.isinf(pair.ratio), np.inf, np.minimum(pair.ratio, second)))

    @cached_property
    def _order(self) -> IntArray:
        return np.argsort(self._key)

    @cached_property
    def _descending(self) -> tuple[FloatArray, FloatArray]:
        """Knots of β: Q-mass and P-mass of the first k nodes, the highest ratios first."""
        return _knots(self.pair.q, self._order[::-1]), _knots(self.pair.p, self._order[::-1])

    @cached_property
    def _ascending(self) -> tuple[FloatArray, FloatArray]:
        """The same with the lowest ratios first: no subtraction from 1 loses the small masses."""
        return _knots(self.pair.q, self._order), _knots(self.pair.p, self._order)

    @cached_property
    def _sorted(self) -> FloatArray:
        return self._key[self._order]

    @property
    def uncovered(self) -> float:
        """Mass ρ₀ of P where Q has none; underflow of q is not counted."""
        return float(self.pair.p[np.isinf(self.pair.ratio)].sum())

    def power(self, alpha: ArrayLike) -> FloatArray:
        """Neyman–Pearson power β(α) = max { E_P φ : 0 ≤ φ ≤ 1, E_Q φ ≤ α } at Q-masses α ≥ 0.

        In [0, 1], concave and non-decreasing; β(0) = ρ₀, and β = 1 from α = 1 on.
        """
        return self._power(checks.numbers("alpha", alpha, 0.0))[()]

    def bound(self, a: ArrayLike, sup_norm: ArrayLike) -> FloatArray:
        """T_M(a): no g with |g| ≤ M and ‖g‖_Q² ≤ a has a larger ‖g‖_P² (theory/README.md 2.1).

        Returns
        -------
        ndarray, shape (...)
            T_M(a) in [0, M²]; M² where a ≥ M².
        """
        share, square = checks.share(a, sup_norm)
        return (square * self._power(share))[()]

    def lower(self, a: ArrayLike, sup_norm: ArrayLike) -> FloatArray:
        """L_M(a): no g with |g| ≤ M and ‖g‖_Q² ≥ a has a smaller ‖g‖_P² (theory/README.md 2.1).

        Returns
        -------
        ndarray, shape (...)
            L_M(a) in [0, M²(1 − ρ₀)], convex and non-decreasing in a; beyond a = M², where no such g exists, the value
            at M².
        """
        share, square = checks.share(a, sup_norm)
        return (square * _follow(share, *self._ascending, "left"))[()]

    def inverse(self, level: ArrayLike, sup_norm: ArrayLike) -> FloatArray:
        """Least upper bound sup { a : T_M(a) < level }: how large a synthetic error may be (theory/README.md 2.6).

        Parameters
        ----------
        level : array_like, shape (...)
            Squared P-norms, level ≥ 0.

        Returns
        -------
        ndarray, shape (...)
            0 where level ≤ M²ρ₀, infinity where level > M².
        """
        share, square = checks.share(level, sup_norm, "level")
        inside = square * _follow(share, *self._descending[::-1], "left")
        return np.where(np.asarray(level) > square, np.inf, inside)[()]

    def hockey_stick(self, c: ArrayLike) -> FloatArray:
        """E_C(P‖Q) = ∫ (p − C q)₊, the dual of the curve: T_M(a) = inf_C { C a + M² E_C } (theory/README.md 2.2).

        For C ≥ 0, infinity included; in [ρ₀, 1], convex and non-increasing in C.
        """
        factor = checks.numbers("c", c, 0.0)
        mass_q, mass_p = (knots[self._above(factor)] for knots in self._descending)
        price = np.multiply(factor, mass_q, out=np.zeros_like(mass_q), where=mass_q > 0)
        return np.maximum(mass_p - price, 0.0)[()]

    def tail(self, c: ArrayLike) -> FloatArray:
        """Tail profile τ(C) = P(r(X) > C) for C ≥ 0, at infinity the uncovered mass (theory/README.md 1.1).

        In [0, 1], non-increasing and right-continuous.
        """
        factor = checks.numbers("c", c, 0.0)
        return self._descending[1][self._above(factor)][()]

    def _above(self, c: FloatArray) -> IntArray:
        """Number of nodes with ratio above c; for c infinite, of nodes without Q."""
        held = np.minimum(c, np.finfo(np.float64).max)
        return np.asarray(self.pair.size - np.searchsorted(self._sorted, held, side="right"))

    def _power(self, alpha: FloatArray) -> FloatArray:
        return np.where(alpha >= 1, 1.0, _follow(alpha, *self._descending, "right"))


def _knots(weights: FloatArray, order: IntArray) -> FloatArray:
    """0 and the running sums of the weights in this order, exactly 1 once no weight is left."""
    knots = np.empty(weights.size + 1)
    knots[0], sums = 0.0, knots[1:]
    np.take(weights, order, out=sums, mode="clip")
    # Trailing zeros of the weights repeat the last sum; rounding must not keep it from 1.
    last = sums.size - 1 if sums[-1] > 0 else int(np.flatnonzero(sums)[-1])
    np.cumsum(sums, out=sums)
    np.minimum(sums, 1.0, out=sums)
    sums[last:] = 1.0
    return knots


def _follow(x: FloatArray, knots: FloatArray, values: FloatArray, side: Literal["left", "right"]) -> FloatArray:
    """Piecewise linear through (knots, values); at repeated knots the last value (`right`) or the first (`left`)."""
    right = np.clip(np.searchsorted(knots, x, side=side), 1, knots.size - 1)
    left = right - 1
    start, width = knots[left], knots[right] - knots[left]
    share = np.clip(np.divide(x - start, width, out=np.zeros_like(width), where=width > 0), 0.0, 1.0)
    return values[left] + share * (values[right] - values[left])
