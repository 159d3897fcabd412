"""How a model's cost falls with the rows it is trained on, from fits on disjoint parts of one table.

The cost (risk less that of a reference) is measured on parts of m, m/2, m/4, ... rows, and a + b m^(-α) is fitted by
generalised least squares; intervals are those of the profile likelihood over `EXPONENTS`. The variance over tables of m/2^k
rows is taken to grow as 2^(2k/3) (`gaps.py`); so means over 2^k parts have 2^(-k/3) of the variance at m. Parts are cut from
the same rows, which is counted as one more error common to all sizes: it moves a, never what doubling brings.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from experiments.estimators.gaps import FROM_HALF
from experiments.estimators.intervals import Array, Interval

EXPONENTS = np.linspace(0.2, 2.0, 181)


@dataclass(frozen=True)
class Curve:
    """Costs of one model after training on so many synthetic `rows`, positive is worse.

    `exponent` is α, `doubling` what twice the rows of the whole table would add, `floor` a: the cost with any number.
    """

    rows: list[int]
    costs: list[Interval]
    exponent: Interval
    doubling: Interval
    floor: Interval


def over_tables(losses: Array) -> float:
    """Variance of the risk over training tables, from losses `(cuts, parts, N)` of fits on disjoint parts of one size."""
    raw = losses.mean(axis=2).var(axis=1, ddof=1).mean()
    return max(float(raw - losses.var(axis=1, ddof=1).mean() / losses.shape[2]), 0.0)


def size_curve(losses: Sequence[Array], real: Array, variance: float, rows: int, level: float) -> Curve:
    """Fit the law to losses of fits on parts.

    `losses[k] (cuts, 2^k, N)` are of fits on parts of rows/2^k synthetic rows, `real (N,)` those after real training, whose
    risk has the `variance` over real tables.
    """
    excess = np.stack([own.mean(axis=(0, 1)) - real for own in losses])
    power, costs = np.arange(len(losses)), excess.mean(axis=1)
    freedom = [own.shape[0] * (own.shape[1] - 1) for own in losses]
    high = float(stats.t.ppf((1 + level) / 2, sum(freedom)))
    tau = float(np.average([over_tables(o) * FROM_HALF**k if k else 0.0 for k, o in enumerate(losses)], weights=freedom))
    noise = np.cov(excess) / excess.shape[1] + np.diag(tau * 2.0 ** (-power / 3))
    reach = high * np.sqrt(np.diag(noise) + variance)
    noise += tau + variance + np.eye(len(losses)) * 1e-9 * np.trace(noise)
    design = np.stack([np.ones((len(EXPONENTS), len(losses))), 2.0 ** np.outer(EXPONENTS, power)], axis=2)
    weighted = np.linalg.solve(noise, design)
    spread = np.linalg.inv(design.swapaxes(1, 2) @ weighted)
    found = spread @ weighted.swapaxes(1, 2) @ costs  # (exponents, 2)
    off = costs - np.einsum("akj,aj->ak", design, found)
    misfit = np.einsum("ak,ka->a", off, np.linalg.solve(noise, off.T))
    best, slack = int(np.argmin(misfit)), high**2 - (misfit - misfit.min())

    def profile(first: Array, second: Array) -> Interval:
        """Interval of first · a + second · b, coefficients of each exponent, which is held fixed in turn."""
        wanted = np.stack([first, second], axis=1)
        values = (wanted * found).sum(axis=1)
        reaches = np.sqrt(np.maximum(slack, 0) * np.einsum("ai,aij,aj->a", wanted, spread, wanted))
        low, high = (values - reaches)[slack >= 0].min(), (values + reaches)[slack >= 0].max()
        return Interval(float(values[best]), float(low), float(high), level)

    ones, zeros, able = np.ones_like(EXPONENTS), np.zeros_like(EXPONENTS), np.flatnonzero(slack >= 0)
    ends = EXPONENTS[max(able[0] - 1, 0)], EXPONENTS[min(able[-1] + 1, len(EXPONENTS) - 1)]  # on the grid, outwards
    return Curve(
        [rows >> k for k in range(len(losses))],
        [Interval(float(c), float(c - r), float(c + r), level) for c, r in zip(costs, reach, strict=True)],
        Interval(float(EXPONENTS[best]), float(ends[0]), float(ends[1]), level),
        doubling=profile(zeros, 2.0**-EXPONENTS - 1),
        floor=profile(ones, zeros),
    )
