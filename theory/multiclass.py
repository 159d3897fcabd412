"""Argmax classification among many classes: largest excess 0-1 risk for a given error of the probabilities."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike

from theory import checks
from theory.checks import FloatArray, IntArray
from theory.classification import filled
from theory.measures import PairedMeasure


@dataclass(frozen=True, eq=False)
class MulticlassCurve:
    r"""Largest excess 0-1 risk under P of argmax f for a given error of f under Q, all classes at once.

    .. math:: S(a) = \sup\Bigl\{ \int \sum_j \phi_j \Delta_j \, dP : \phi_j \ge 0,\ \sum_j \phi_j \le 1,\
              \int \sum_j \phi_j c_j \, dQ \le a \Bigr\}

    with Δ_j what class j loses to the best one, and c_j the least squared change of η that puts j first
    (theory/README.md 5.9).

    Parameters
    ----------
    pair : PairedMeasure
        The laws of the real and of the synthetic features.
    eta : array_like, shape (N, k)
        Class probabilities at the nodes, k >= 2; each row sums to 1.
    """

    pair: PairedMeasure
    eta: FloatArray

    def __post_init__(self) -> None:
        eta = checks.numbers("eta", self.eta, 0.0, 1.0)
        if eta.ndim != 2 or eta.shape[0] != self.pair.size or eta.shape[1] < 2:
            raise ValueError(f"eta: expected shape ({self.pair.size}, k) with k >= 2, got {eta.shape}")
        if np.abs(eta.sum(axis=1) - 1).max() > 1e-9:
            raise ValueError("eta: expected rows that sum to 1")
        object.__setattr__(self, "eta", eta)

    @cached_property
    def _order(self) -> IntArray:
        """Classes of each node, the most probable first."""
        return np.argsort(-self.eta, axis=1, kind="stable")

    @cached_property
    def _levels(self) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Water level, cost and value of each class, in that order: t_j, c_j and Δ_j, each (N, k)."""
        eta = np.take_along_axis(self.eta, self._order, axis=1)
        count = np.arange(2, eta.shape[1] + 2)
        sums = np.cumsum(eta, axis=1)
        level = np.stack([((sums + own[:, None]) / count).max(axis=1) for own in eta.T], axis=1)
        above = np.maximum(eta[:, :, None] - level[:, None, :], 0.0)
        return level, (above**2).sum(axis=1) + (level - eta) ** 2, eta[:, :1] - eta

    @cached_property
    def _items(self) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Cost, value and merit of the increments from class to class, each (N (k - 1),)."""
        _, cost, value = self._levels
        # c is convex in Δ, so the increments of a node come in the right order; rounding must not undo it.
        step_cost, step_value = np.maximum(np.diff(cost, axis=1), 0.0), np.diff(value, axis=1)
        with np.errstate(divide="ignore", invalid="ignore"):
            merit = np.fmin.accumulate(np.log(step_value) - np.log(step_cost), axis=1) + self.pair.log_ratio[:, None]
        p, q = self.pair.p[:, None], self.pair.q[:, None]
        return (q * step_cost).ravel(), (p * step_value).ravel(), merit.ravel()

    @cached_property
    def _knots(self) -> tuple[FloatArray, FloatArray]:
        cost, value, merit = self._items
        worth = value > 0
        return filled(cost[worth], value[worth], merit[worth])

    def bound(self, a: ArrayLike) -> FloatArray:
        """S(a): no argmax classifier of an f with E_Q |f - η|² <= a has a larger excess 0-1 risk under P.

        Parameters
        ----------
        a : array_like, shape (...)
            Squared Q-norms of f - η, summed over classes, >= 0; (e_s + e_r)² for a fit to synthetic data.

        Returns
        -------
        ndarray, shape (...)
            S(a) in [0, 1], concave and non-decreasing.
        """
        cost, value = self._knots
        return np.asarray(np.interp(checks.numbers("a", a, 0.0), cost, value))[()]

    def worst(self, a: float) -> FloatArray:
        """An estimate that spends an error of at most a best: decisions turned at their least cost, the best ones first.

        Returns
        -------
        ndarray, shape (N, k)
            f, of excess S(a) up to a fraction of one decision; ties are broken by 1e-9.
        """
        cost, _, merit = self._items
        order = np.argsort(-np.where(cost > 0, merit, np.inf), kind="stable")
        bought = np.zeros(cost.shape, bool)
        bought[order] = np.cumsum(cost[order]) <= checks.number("a", a, 0.0)
        nodes = np.arange(self.pair.size)
        rank = np.logical_and.accumulate(bought.reshape(self.pair.size, -1), axis=1).sum(axis=1)
        level = self._levels[0][nodes, rank]
        estimate: FloatArray = np.minimum(self.eta, level[:, None])
        estimate[nodes, self._order[nodes, rank]] = level + 1e-9
        return estimate

    def excess(self, prediction: ArrayLike) -> FloatArray:
        """Excess 0-1 risk under P of argmax f: the mean of what the chosen class loses to the best one.

        `prediction` (..., N, k) holds estimates of η, any finite numbers; of equal ones the first counts. Shape (...).
        """
        values = checks.finite("prediction", prediction)
        if values.shape[-2:] != self.eta.shape:
            raise ValueError(f"prediction: expected shape (..., {self.pair.size}, {self.eta.shape[1]}), got {values.shape}")
        chosen = self.eta[np.arange(self.pair.size), values.argmax(axis=-1)]
        return np.asarray((self.eta.max(axis=1) - chosen) @ self.pair.p)[()]
