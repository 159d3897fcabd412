"""Rankings of models after real and after synthetic training: decided pairs, agreement, cost of a wrong choice."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import combinations
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from experiments.estimators.gaps import risk_difference
from experiments.estimators.half_sampling import HalfLosses
from experiments.estimators.intervals import Interval, exactly

Verdict = Literal["same order", "flipped", "undecided"]
Pairs = Mapping[tuple[int, int], Interval]


def pairwise(losses: ArrayLike, halves: HalfLosses, level: float = 0.95) -> dict[tuple[int, int], Interval]:
    """Intervals for the risk difference R_i - R_j of every pair of models i < j trained on one table.

    Parameters
    ----------
    losses : array_like, shape (K, N), K >= 2
        Losses of K models on N test rows.
    halves : HalfLosses
        Of the same models, on the halves of the same cuts, at the same test rows.
    level : float in (0, 1)
        Coverage of each interval; ``simultaneous_level`` gives the one for a joint statement.

    Raises
    ------
    ValueError
        For shapes that do not fit, NaN, or a level out of range.
    """
    base = np.asarray(losses, dtype=np.float64)
    if base.ndim != 2 or len(base) < 2 or len(halves.values) != len(base):
        raise ValueError(f"losses, halves: expected K >= 2 models in both, got {base.shape}, {len(halves.values)}")
    one = np.eye(len(base))
    pairs = combinations(range(len(base)), 2)
    return {(i, j): risk_difference(base[i], base[j], halves.spread(one[i] - one[j]), level) for i, j in pairs}


def pair_verdict(real: Interval, synthetic: Interval) -> Verdict:
    """Whether two models, whose risk difference has these intervals, are ranked the same after training on either table.

    ``same order`` or ``flipped`` if both intervals exclude 0, else ``undecided``. Where the orders agree in truth, ``flipped``
    has probability at most 1 - level: one of the intervals must lie on the wrong side of 0.
    """
    product = real.sign * synthetic.sign
    return "same order" if product > 0 else "flipped" if product < 0 else "undecided"


def kendall_tau(real: Pairs, synthetic: Pairs, level: float = 0.95) -> Interval:
    """Kendall's tau between the expected risks after real and after synthetic training.

    τ is the mean over pairs of sign(real difference) · sign(synthetic difference), with the interval of `concordance`: it
    holds the τ of the expected risks whenever all pair intervals hold, ties included, and does not rest on a normal
    approximation of τ, which fails near ties.

    Parameters
    ----------
    real, synthetic : mapping of pairs to Interval
        From :func:`pairwise`, with the same keys (else ``ValueError``), at ``simultaneous_level(2 * pairs, level)``.
    level : float in (0, 1)
        Joint coverage of the pair intervals given, recorded in the result.
    """
    if not real or set(real) != set(synthetic):
        raise ValueError(f"real, synthetic: expected the same pairs, at least one, got {set(real)}, {set(synthetic)}")
    zero = exactly(0.0, level)
    return concordance(((real[pair], zero, synthetic[pair], zero) for pair in real), level)


def choice_regret(chosen: int, real: Pairs, level: float = 0.95) -> Interval:
    """What it costs, after real training, to have chosen one model rather than the best.

    regret = max_k (R_chosen - R_k) >= 0 over all models after real training, the chosen one (difference 0) included. With
    pair intervals that hold jointly, its lower end is the largest lower end and its upper end the largest upper end;
    since they hold for all pairs at once, `chosen` may depend on the same data (for instance the model that looks best
    after synthetic training).

    Parameters
    ----------
    chosen : int
        Number of the chosen model; one that occurs in no pair raises ``ValueError``.
    real : mapping of pairs to Interval
        From :func:`pairwise` on the real table, at ``simultaneous_level(pairs, level)`` or higher.
    level : float in (0, 1)
        Joint coverage of the pair intervals given, recorded in the result.
    """
    rivals = [
        interval if pair[0] == chosen else interval.scaled(-1.0) for pair, interval in real.items() if chosen in pair
    ]
    if not rivals:
        raise ValueError(f"chosen: expected a model that occurs in the pairs, got {chosen}")
    value, low, high = (max(0.0, *(getattr(i, end) for i in rivals)) for end in ("value", "low", "high"))
    return Interval(value, low, high, level)


def concordance(pairs: Iterable[tuple[Interval, Interval, Interval, Interval]], level: float) -> Interval:
    """Kendall's tau over some pairs of points, with an interval that rests on theirs.

    tau is the mean over pairs of sign(x1 - x2) sign(y1 - y2). A pair whose intervals do not overlap, in x nor in y,
    contributes its ±1 to both ends, any other -1 to the lower and +1 to the upper end: the interval holds the tau of the
    true values whenever all intervals of the points hold.

    Parameters
    ----------
    pairs : iterable of (x1, x2, y1, y2)
        Intervals of both quantities at both points of each pair; jointly of coverage `level`. At least one pair, or
        ``ValueError``.
    level : float in (0, 1)
        Recorded in the result.
    """
    listed = list(pairs)
    if not listed:
        raise ValueError("pairs: expected at least one")
    value = np.mean([np.sign(a.value - b.value) * np.sign(c.value - d.value) for a, b, c, d in listed])
    decided = [_sign(a, b) * _sign(c, d) for a, b, c, d in listed]
    low, high = (float(np.mean([sign or end for sign in decided])) for end in (-1, 1))
    return Interval(float(value), low, high, level)


def _sign(first: Interval, second: Interval) -> int:
    return int(first.low > second.high) - int(first.high < second.low)
