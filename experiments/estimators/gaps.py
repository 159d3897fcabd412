"""Gaps between risks after training on real and on synthetic tables, with intervals over test rows and training tables.

Fits on both tables and on random halves of them (`half_sampling.half_splits`) are needed.

Why halves. A training table of n rows is cut at random into two disjoint halves, and the model is fitted on each. Given
the population, the halves are independent tables of n/2 distinct rows, so (R₁ - R₂)²/2 estimates the variance of the
risk at n/2 rows without bias. From n/2 to n rows it is taken to fall as n^(-2/3). A risk that is linear in the empirical
law falls as 1/n, a quadratic one (a well specified linear model) as 1/n²: for them intervals are too wide, by at most
2^(1/6), 12%, and 2^(2/3), 59%. An unstable model is slower: where a threshold, a split or the arg max of nearly equal
classes is what varies, the cube-root law of such estimators (Kim and Pollard 1990; for trees Bühlmann and Yu 2002) gives
n^(-2/3), and with 1/n the intervals of such models cover too seldom. A bootstrap would repeat rows, which changes
nearest neighbours, boosting and early stopping, and charges three times the variance in the quadratic case; refits by
seed alone see no training rows at all. The halves serve the variance only: the centre is always that of the full
tables, so smaller tables bias nothing. A learner's own randomness does not fall with n: average its full fits over two
seeds, and it is covered too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from experiments.estimators.intervals import Array, Interval, finite, student

FROM_HALF = 2 ** (-2 / 3)
"""What is left of a risk's variance over training tables when their rows double (see the module)."""


@dataclass(frozen=True)
class Spread:
    """How the losses of fits on the two halves of each of B cuts of a table differ: what intervals need of them.

    `mean (B,)` and `variance (B,)`, over the N test `rows`, of the first half's loss minus the second's.
    """

    mean: Array
    variance: Array
    rows: int

    @classmethod
    def of(cls, halves: ArrayLike) -> Spread:
        """Summarise losses, shape (B, 2, N), of single-seed fits on the two halves of B cuts; B >= 1, N >= 2."""
        array = finite("halves", halves, 3)
        if array.shape[0] < 1 or array.shape[1] != 2 or array.shape[2] < 2:
            raise ValueError(f"halves: expected shape (B, 2, N) with B >= 1, N >= 2, got {array.shape}")
        difference = array[:, 0] - array[:, 1]
        return cls(difference.mean(axis=1), difference.var(axis=1, ddof=1), array.shape[2])

    def scaled(self, factor: float) -> Spread:
        """Return the spread of `factor` times the losses."""
        return Spread(factor * self.mean, factor**2 * self.variance, self.rows)


def paired_gap(
    loss_real: ArrayLike,
    loss_synthetic: ArrayLike,
    halves_real: Spread,
    halves_synthetic: Spread,
    level: float = 0.95,
) -> Interval:
    """Expected signed gap of one model: risk after synthetic training minus risk after real training (positive: worse).

    The estimand is the expected gap over training tables of these sizes: test rows, training rows and refits are
    random. Value: the mean over test rows of ``loss_synthetic - loss_real``. Variance: that of the paired differences
    over N, plus the variance of each risk over training tables, estimated from halves (see the module). Both come
    from the same test rows, which adds noise to the halves' difference; that noise is measured and taken off.
    Degrees of freedom by Satterthwaite, t quantile.

    Parameters
    ----------
    loss_real, loss_synthetic : array_like, shape (N,), N >= 2
        Losses at the same real test rows of the fits on the full tables; of a learner with randomness of its own, the
        average over two or more seeds.
    halves_real, halves_synthetic : Spread
        From the same test rows, of single-seed fits on the halves of random cuts of each table (`half_splits`). Five
        cuts are usable, ten are better.
    level : float in (0, 1)
        Nominal coverage.

    Raises
    ------
    ValueError
        For shapes that do not fit, NaN, or a level out of range.

    Notes
    -----
    For fixed tables (nothing refitted) use ``mean_interval(loss_synthetic - loss_real)``: "conditional on these two
    tables". A generator that was fitted to the real table counts as fixed, unless the caller refits it.
    """
    real, synthetic = finite("loss_real", loss_real, 1), finite("loss_synthetic", loss_synthetic, 1)
    _same_rows("loss_synthetic", synthetic.size, real.size)
    _same_rows("halves_real", halves_real.rows, real.size)
    _same_rows("halves_synthetic", halves_synthetic.rows, real.size)
    return _combine(synthetic - real, [halves_real, halves_synthetic], level)


def risk_difference(loss_first: ArrayLike, loss_second: ArrayLike, halves: Spread, level: float = 0.95) -> Interval:
    """Expected difference of risks of two models trained on the *same* table, first minus second.

    As :func:`paired_gap`, but the two models share the table and its cuts, so their halves are differenced jointly:
    `halves` are those of the first model's loss minus the second's, on the same halves of the same cuts.
    """
    first, second = finite("loss_first", loss_first, 1), finite("loss_second", loss_second, 1)
    _same_rows("loss_second", second.size, first.size)
    _same_rows("halves", halves.rows, first.size)
    return _combine(first - second, [halves], level)


def _combine(values: Array, tables: Sequence[Spread], level: float) -> Interval:
    """Mean of `values (N,)`; variance over rows plus that over each training table."""
    rows = values.size
    if rows < 2:
        raise ValueError(f"losses: expected at least 2 test rows, got {rows}")
    over_rows = float(values.var(ddof=1)) / rows
    total, spread = over_rows, over_rows**2 / (rows - 1)
    for halves in tables:
        # (R1 - R2)²/2 is the variance at n/2 rows; the test rows add a part of their own to it.
        raw = FROM_HALF * float(np.mean(halves.mean**2)) / 2
        noise = FROM_HALF * float(np.mean(halves.variance)) / halves.rows / 2
        total += max(raw - noise, 0.0)
        spread += raw**2 / len(halves.mean)  # the raw estimate is what varies, as a chi-square with B degrees
    # Satterthwaite; once the noise is taken off, a small sum could claim fewer degrees than its poorest part has.
    fewest = min([rows - 1, *(len(halves.mean) for halves in tables)])
    freedom = max(total**2 / spread, fewest) if spread > 0 else fewest
    return student(float(values.mean()), total, freedom, level)


def _same_rows(name: str, found: int, rows: int) -> None:
    if found != rows:
        raise ValueError(f"{name}: expected one loss for each of the {rows} test rows, got {found}")
