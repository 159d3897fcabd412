"""The estimators of the project: every interval that a claim, a figure or the audit states is made here.

Two families. *Replicates* (simulated worlds, independent repetitions): :func:`mean_interval`, :func:`wilson`,
:func:`auc_interval`, :func:`log_slope`, :func:`plateau`. *Fitted tables* (one real, one synthetic training table, one
real test set): :func:`paired_gap` and :func:`risk_difference`, which ask for fits on both tables and on random halves
of them (`half_sampling.half_splits`). Rankings of models build on these (rankings.py).

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
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

Array = NDArray[np.float64]

FROM_HALF = 2 ** (-2 / 3)
"""What is left of a risk's variance over training tables when their rows double (see the module)."""


@dataclass(frozen=True)
class Spread:
    """How the losses of fits on the two halves of each of B cuts of a table differ: what intervals need of them.

    Parameters
    ----------
    mean, variance : ndarray, shape (B,)
        Of the first half's loss minus the second's, over the test rows.
    rows : int
        Number of test rows N.
    """

    mean: Array
    variance: Array
    rows: int

    @classmethod
    def of(cls, halves: ArrayLike) -> Spread:
        """Summarise losses, shape (B, 2, N), of single-seed fits on the two halves of B cuts; B >= 1, N >= 2."""
        array = _finite("halves", halves, 3)
        if array.shape[0] < 1 or array.shape[1] != 2 or array.shape[2] < 2:
            raise ValueError(f"halves: expected shape (B, 2, N) with B >= 1, N >= 2, got {array.shape}")
        difference = array[:, 0] - array[:, 1]
        return cls(difference.mean(axis=1), difference.var(axis=1, ddof=1), array.shape[2])


@dataclass(frozen=True)
class Interval:
    """An estimate with its confidence interval.

    Parameters
    ----------
    value : float
        The estimate.
    low, high : float
        Ends of the interval, ``low <= value <= high``.
    level : float
        Nominal coverage in (0, 1), for instance 0.95.
    """

    value: float
    low: float
    high: float
    level: float

    def __post_init__(self) -> None:
        _check_level(self.level)
        if not self.low <= self.value <= self.high:
            raise ValueError(f"low, value, high: expected low <= value <= high, got {self.low, self.value, self.high}")

    @property
    def half_width(self) -> float:
        """Half the length of the interval."""
        return (self.high - self.low) / 2

    @property
    def sign(self) -> int:
        """1 if the whole interval is above 0, -1 if it is below, 0 if it holds 0."""
        return int(self.low > 0) - int(self.high < 0)

    def contains(self, number: float) -> bool:
        """Whether `number` lies in the closed interval."""
        return self.low <= number <= self.high

    def scaled(self, factor: float) -> Interval:
        """Return the interval of `factor` times the quantity."""
        low, high = sorted((self.low * factor, self.high * factor))
        return Interval(self.value * factor, low, high, self.level)

    def to_dict(self) -> dict[str, float]:
        """Return the four numbers as a dictionary of plain floats, ready for JSON."""
        return asdict(self)


def mean_interval(values: ArrayLike, level: float = 0.95) -> Interval:
    """Student's interval for the mean of independent values.

    Parameters
    ----------
    values : array_like, shape (R,), R >= 2
        Independent replicates.
    level : float in (0, 1)
        Nominal coverage.

    Returns
    -------
    Interval
        mean ± t_{R-1} s / √R.

    Raises
    ------
    ValueError
        For fewer than two values, NaN or infinities, or a level outside (0, 1).
    """
    sample = _finite("values", values, 1)
    if sample.size < 2:
        raise ValueError(f"values: expected at least 2 numbers, got {sample.size}")
    return _student(float(sample.mean()), float(sample.var(ddof=1)) / sample.size, sample.size - 1, level)


def wilson(successes: int, trials: int, level: float = 0.95) -> Interval:
    """Wilson's score interval for a proportion.

    Parameters
    ----------
    successes : int, 0 <= successes <= trials
        Number of events.
    trials : int, >= 1
        Number of independent trials.
    level : float in (0, 1)
        Nominal coverage.

    Returns
    -------
    Interval
        Value successes/trials; ends (p + z²/2N ± z √(p(1-p)/N + z²/4N²)) / (1 + z²/N).

    Raises
    ------
    ValueError
        For counts or a level out of range.
    """
    _check_level(level)
    if trials < 1 or not 0 <= successes <= trials:
        raise ValueError(f"successes, trials: expected 0 <= successes <= trials, trials >= 1; got {successes, trials}")
    share, square = successes / trials, float(stats.norm.ppf((1 + level) / 2)) ** 2 / trials
    middle, reach = share + square / 2, float(np.sqrt(square * (share * (1 - share) + square / 4)))
    # At 0 and at all successes an end equals the share up to rounding: make it exact.
    low = min(max((middle - reach) / (1 + square), 0.0), share)
    return Interval(share, low, max(min((middle + reach) / (1 + square), 1.0), share), level)


def auc_interval(real: ArrayLike, synthetic: ArrayLike, level: float = 0.95) -> Interval:
    """Area under the ROC curve from the placements of both kinds, with DeLong's interval.

    Variance: that of the placements of either kind over its number of rows (DeLong, DeLong, Clarke-Pearson 1988).
    Conditional on the generator and on the classifiers of the folds.

    Parameters
    ----------
    real, synthetic : array_like (N,), (M,)
        Placements of the rows among those of the other kind (`discriminator.placements`).
    level : float in (0, 1)
        Nominal coverage.
    """
    parts = [np.asarray(part, dtype=np.float64) for part in (real, synthetic)]
    if min(map(len, parts)) < 2:
        raise ValueError(f"real, synthetic: expected two placements or more each, got {[len(p) for p in parts]}")
    value = float(np.mean(parts[0]) + np.mean(parts[1])) / 2
    variance = sum(float(part.var(ddof=1)) / len(part) for part in parts)
    _check_level(level)
    reach = float(stats.norm.ppf((1 + level) / 2)) * variance**0.5
    return Interval(value, value - reach, value + reach, level)


def log_slope(n_values: ArrayLike, samples: ArrayLike, level: float = 0.95) -> Interval:
    """Slope of the logarithm of a mean against the logarithm of n, by least squares.

    slope = Σ_k w_k log x̄_k, with w the least-squares weights of log n. Its standard error is the delta method's, from
    one influence value per replicate, Σ_k w_k x_{kr} / x̄_k: replicates may be common to all n (and usually are), and
    their dependence across n is then accounted for.

    Parameters
    ----------
    n_values : array_like, shape (K,), K >= 2, positive and not all equal
        Sample sizes.
    samples : array_like, shape (K, R), R >= 2
        Column r is replicate r at every n; every row mean must be positive.
    level : float in (0, 1)
        Nominal coverage; t quantile with R - 1 degrees of freedom.

    Returns
    -------
    Interval
        The slope, for instance -0.4 where the mean falls as n^(-0.4).

    Raises
    ------
    ValueError
        For shapes that do not fit, non-positive sizes or means, NaN.
    """
    sizes, table = _grid(n_values, samples)
    means = table.mean(axis=1)
    if np.any(means <= 0):
        raise ValueError(f"samples: expected a positive mean at every n, got {means.tolist()}")
    weights = _line_weights(np.log(sizes))[1]
    influence = weights @ (table / means[:, None])
    variance = float(influence.var(ddof=1)) / influence.size
    return _student(float(weights @ np.log(means)), variance, influence.size - 1, level)


def plateau(n_values: ArrayLike, samples: ArrayLike, level: float = 0.95) -> Interval:
    """Where a mean settles: the constant a of the least-squares fit of a + b/n.

    The fit is linear in the samples, so a is the mean over replicates of each replicate's own least-squares a, and the
    interval is Student's over these: dependence across n within a replicate does no harm.

    Parameters
    ----------
    n_values : array_like, shape (K,), K >= 2, positive and not all equal
        Sample sizes.
    samples : array_like, shape (K, R), R >= 2
        For instance the signed gap of replicate r at every n.
    level : float in (0, 1)
        Nominal coverage.

    Returns
    -------
    Interval
        The limit a as n grows. The form a + b/n is an assumption: slower terms bias it.

    Raises
    ------
    ValueError
        For shapes that do not fit, non-positive sizes, NaN.
    """
    sizes, table = _grid(n_values, samples)
    return mean_interval(_line_weights(1 / sizes)[0] @ table, level)


def paired_gap(
    loss_real: ArrayLike,
    loss_synthetic: ArrayLike,
    halves_real: Spread,
    halves_synthetic: Spread,
    level: float = 0.95,
) -> Interval:
    """Expected signed gap of one model: risk after synthetic training minus risk after real training.

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

    Returns
    -------
    Interval
        The gap; positive where synthetic training is worse.

    Raises
    ------
    ValueError
        For shapes that do not fit, NaN, or a level out of range.

    Notes
    -----
    For fixed tables (nothing refitted) use ``mean_interval(loss_synthetic - loss_real)``: "conditional on these two
    tables". A generator that was fitted to the real table counts as fixed, unless the caller refits it.
    """
    real, synthetic = _finite("loss_real", loss_real, 1), _finite("loss_synthetic", loss_synthetic, 1)
    _same_rows("loss_synthetic", synthetic.size, real.size)
    _same_rows("halves_real", halves_real.rows, real.size)
    _same_rows("halves_synthetic", halves_synthetic.rows, real.size)
    return _combine(synthetic - real, [halves_real, halves_synthetic], level)


def risk_difference(loss_first: ArrayLike, loss_second: ArrayLike, halves: Spread, level: float = 0.95) -> Interval:
    """Expected difference of risks of two models trained on the *same* table: first minus second.

    As :func:`paired_gap`, but the two models share the table and its cuts, so their halves are differenced jointly.

    Parameters
    ----------
    loss_first, loss_second : array_like, shape (N,), N >= 2
        Losses at the same real test rows of the fits on the full table.
    halves : Spread
        Of the first model's loss minus the second's, on the same halves of the same cuts.
    level : float in (0, 1)
        Nominal coverage.

    Returns
    -------
    Interval
        Negative where the first model is better.

    Raises
    ------
    ValueError
        For shapes that do not fit, NaN, or a level out of range.
    """
    first, second = _finite("loss_first", loss_first, 1), _finite("loss_second", loss_second, 1)
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
    return _student(float(values.mean()), total, freedom, level)


def _student(value: float, variance: float, freedom: float, level: float) -> Interval:
    _check_level(level)
    reach = float(stats.t.ppf((1 + level) / 2, freedom)) * float(np.sqrt(variance))
    return Interval(value, value - reach, value + reach, level)


def _line_weights(axis: Array) -> Array:
    """Rows: the weights that turn K values at `axis (K,)` into intercept and slope of their least-squares line."""
    weights: Array = np.linalg.pinv(np.stack([np.ones_like(axis), axis], axis=1))
    return weights


def _grid(n_values: ArrayLike, samples: ArrayLike) -> tuple[Array, Array]:
    sizes, table = _finite("n_values", n_values, 1), _finite("samples", samples, 2)
    if np.any(sizes <= 0) or np.unique(sizes).size < 2:
        raise ValueError(f"n_values: expected at least two different positive sizes, got {sizes.tolist()}")
    if table.shape[0] != sizes.size or table.shape[1] < 2:
        raise ValueError(f"samples: expected shape ({sizes.size}, R) with R >= 2, got {table.shape}")
    return sizes, table


def _finite(name: str, values: ArrayLike, dimensions: int) -> Array:
    array = np.asarray(values, dtype=np.float64)
    if array.ndim != dimensions or not np.all(np.isfinite(array)):
        raise ValueError(f"{name}: expected {dimensions} axes of finite numbers, got shape {array.shape} or NaN")
    return array


def _same_rows(name: str, found: int, rows: int) -> None:
    if found != rows:
        raise ValueError(f"{name}: expected one loss for each of the {rows} test rows, got {found}")


def _check_level(level: float) -> None:
    if not 0 < level < 1:
        raise ValueError(f"level: expected a number in (0, 1), got {level}")
