"""Rank correlation of two quantities that are known by intervals only."""

from collections.abc import Iterable

import numpy as np

from experiments.intervals import Interval


def concordance(pairs: Iterable[tuple[Interval, Interval, Interval, Interval]], level: float) -> Interval:
    """Kendall's tau over some pairs of points, with an interval that rests on theirs.

    tau is the mean over pairs of sign(x1 - x2) sign(y1 - y2). A pair whose intervals do not overlap, in x nor in y,
    contributes its +-1 to both ends, any other -1 to the lower and +1 to the upper end: the interval holds the tau of the
    true values whenever all intervals of the points hold (as `rankings.kendall_tau`).

    Parameters
    ----------
    pairs : iterable of (x1, x2, y1, y2)
        Intervals of both quantities at both points of each pair; jointly of coverage `level`.
    level : float in (0, 1)
        Recorded in the result.

    Returns
    -------
    Interval
        In [-1, 1].

    Raises
    ------
    ValueError
        If there is no pair.
    """
    listed = list(pairs)
    if not listed:
        raise ValueError("pairs: expected at least one")
    value = np.mean([np.sign(a.value - b.value) * np.sign(c.value - d.value) for a, b, c, d in listed])
    decided = [_sign(a, b) * _sign(c, d) for a, b, c, d in listed]
    low, high = (float(np.mean([sign or end for sign in decided])) for end in (-1, 1))
    return Interval(float(value), low, high, level)


def exactly(value: float, level: float) -> Interval:
    """Return the interval of a number that is known exactly."""
    return Interval(value, value, value, level)


def _sign(first: Interval, second: Interval) -> int:
    return int(first.low > second.high) - int(first.high < second.low)
