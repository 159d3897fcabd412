"""Plug-in classification: largest excess 0-1 risk for a given error of the estimated probability."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike

from theory import checks
from theory.checks import FloatArray
from theory.measures import PairedMeasure


class KnapsackCurve(Protocol):
    """What the bound of the utility needs."""

    def bound(self, a: ArrayLike) -> FloatArray:
        """Return the largest excess 0-1 risk for squared Q-norms."""


@dataclass(frozen=True, eq=False)
class ClassificationCurve:
    r"""Largest excess 0-1 risk on real features for a given error of the probability on synthetic ones.

    .. math:: S(a) = \sup\Bigl\{ \int_{\mathcal B} |2\eta - 1| \, dP : \int_{\mathcal B} (\eta - \tfrac12)^2 \, dQ \le a \Bigr\}

    a knapsack, filled in decreasing order of r/|2η - 1|; a fraction of a node may be taken, which makes S an upper
    bound on the nodes (theory/README.md 5.1).
    """

    pair: PairedMeasure
    eta: FloatArray

    def __post_init__(self) -> None:
        object.__setattr__(self, "eta", probability_on_nodes("eta", self.eta, self.pair.size))

    @cached_property
    def _margin(self) -> FloatArray:
        margin: FloatArray = np.abs(2 * self.eta - 1)
        return margin

    @cached_property
    def _knots(self) -> tuple[FloatArray, FloatArray]:
        """Cost and value of the first k nodes: those Q does not see first, then by value per cost."""
        worth = np.flatnonzero(self.pair.p * self._margin)
        margin = self._margin[worth]
        value, cost = self.pair.p[worth] * margin, self.pair.q[worth] * (margin / 2) ** 2
        return filled(cost, value, self.pair.log_ratio[worth] - np.log(margin))

    def bound(self, a: ArrayLike) -> FloatArray:
        """S(a): no plug-in classifier 1{f >= 1/2} with ‖f - η‖_Q² <= a has a larger excess 0-1 risk under P.

        Parameters
        ----------
        a : array_like, shape (...)
            Squared Q-norms of f - η, >= 0; (e_s + e_r)² for a fit to synthetic data.

        Returns
        -------
        ndarray, shape (...)
            S(a) in [0, 1], concave and non-decreasing; at 0 what Q does not see.
        """
        cost, value = self._knots
        return np.asarray(np.interp(checks.numbers("a", a, 0.0), cost, value))[()]

    def excess(self, prediction: ArrayLike) -> FloatArray:
        r"""Excess 0-1 risk under P of the plug-in classifiers of estimated probabilities.

        .. math:: \Phi_{01}(f) = \int |2\eta - 1| \, 1\{ 1\{f \ge \tfrac12\} \ne 1\{\eta \ge \tfrac12\} \} \, dP

        `prediction` (..., N) holds estimates of η at the nodes, any finite numbers. Shape (...).
        """
        wrong = (checks.on_nodes("prediction", prediction, self.pair.size) >= 0.5) != (self.eta >= 0.5)
        return np.asarray(np.minimum(wrong @ (self.pair.p * self._margin), 1.0))[()]


def classification_utility_bound(
    curve: KnapsackCurve, e_s: ArrayLike, e_r: ArrayLike, excess_real: ArrayLike
) -> FloatArray:
    r"""Bound the utility |R₀₁(f̃) - R₀₁(f̂)| in 0-1 risk of each replicate (theory/README.md 5.2).

    .. math:: U_{01} \le \max\{ S((e_s + e_r)^2) - \Phi_{01}(\hat f), \Phi_{01}(\hat f) \}

    Parameters
    ----------
    curve : ClassificationCurve or MulticlassCurve
        The knapsack curve of the pair (P, Q) and of η.
    e_s, e_r : array_like, shape (...)
        The Q-norms of f̃ - η̃ and of η̃ - η.
    excess_real : array_like, shape (...)
        Excess 0-1 risk of the fit to real data, in [0, 1].
    """
    inner, response = checks.together(e_s=checks.sup_norms("e_s", e_s), e_r=checks.sup_norms("e_r", e_r))
    bound = curve.bound((inner + response) ** 2)
    bound, real = checks.together(bound=bound, excess_real=checks.numbers("excess_real", excess_real, 0.0, 1.0))
    return np.asarray(np.maximum(bound - real, real))[()]


def filled(cost: FloatArray, value: FloatArray, merit: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Knots of a fractional knapsack: cost and value of the first k items, free ones first, then by merit."""
    order = np.argsort(-np.where(cost > 0, merit, np.inf), kind="stable")
    costs, values = (np.concatenate([[0.0], np.cumsum(each[order])]) for each in (cost, value))
    return costs, np.minimum(values, 1.0)


def probability_on_nodes(name: str, eta: ArrayLike, size: int) -> FloatArray:
    """Probabilities in [0, 1] at `size` nodes, one function, checked; `name` is the argument's name in messages."""
    array = checks.on_nodes(name, checks.numbers(name, eta, 0.0, 1.0), size)
    if array.ndim != 1:
        raise ValueError(f"{name}: expected shape ({size},), got {array.shape}")
    return array
