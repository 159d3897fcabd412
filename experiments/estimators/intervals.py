"""Confidence intervals: what an interval is, means, proportions, the area under a ROC curve, joint levels."""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Interval:
    """An estimate with its confidence interval: ``low <= value <= high``, of nominal coverage `level` in (0, 1)."""

    value: float
    low: float
    high: float
    level: float

    def __post_init__(self) -> None:
        check_level(self.level)
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


def exactly(value: float, level: float) -> Interval:
    """Return the interval of a number that is known exactly."""
    return Interval(value, value, value, level)


def mean_interval(values: ArrayLike, level: float = 0.95) -> Interval:
    """Student's interval mean ± t_{R-1} s / √R for the mean of independent `values (R,)`.

    Raises ``ValueError`` for fewer than two values, NaN or infinities, or a level outside (0, 1).
    """
    sample = finite("values", values, 1)
    if sample.size < 2:
        raise ValueError(f"values: expected at least 2 numbers, got {sample.size}")
    return student(float(sample.mean()), float(sample.var(ddof=1)) / sample.size, sample.size - 1, level)


def around(value: float, influence: Array, level: float) -> Interval:
    """Return Student's interval of an estimate whose error is the mean of `influence (R,)`."""
    reach = mean_interval(influence, level).half_width
    return Interval(value, value - reach, value + reach, level)


def ratio_interval(above: Array, below: Array, level: float) -> Interval:
    """Return the interval of mean `above (R,)` over mean `below (R,)`, not 0, of the same replicates (delta method)."""
    ratio = float(above.mean() / below.mean())
    return around(ratio, (above - ratio * below) / below.mean(), level)


def wilson(successes: int, trials: int, level: float = 0.95) -> Interval:
    """Wilson's score interval for a proportion: `successes` among `trials` independent ones.

    Value p = successes/N; ends (p + z²/2N ± z √(p(1-p)/N + z²/4N²)) / (1 + z²/N). Raises ``ValueError`` for counts or a level
    out of range.
    """
    check_level(level)
    if trials < 1 or not 0 <= successes <= trials:
        raise ValueError(f"successes, trials: expected 0 <= successes <= trials, trials >= 1; got {successes, trials}")
    share, square = successes / trials, float(stats.norm.ppf((1 + level) / 2)) ** 2 / trials
    middle, reach = share + square / 2, float(np.sqrt(square * (share * (1 - share) + square / 4)))
    # At 0 and at all successes an end equals the share up to rounding: make it exact.
    low = min(max((middle - reach) / (1 + square), 0.0), share)
    return Interval(share, low, max(min((middle + reach) / (1 + square), 1.0), share), level)


def auc_interval(real: ArrayLike, synthetic: ArrayLike, level: float = 0.95) -> Interval:
    """Area under the ROC curve from the placements of both kinds, with DeLong's interval.

    `real (N,)` and `synthetic (M,)` are the placements of the rows among those of the other kind
    (`discriminator.placements`). Variance: that of the placements of either kind over its number of rows (DeLong, DeLong,
    Clarke-Pearson 1988). Conditional on the generator and on the classifiers of the folds.
    """
    parts = [np.asarray(part, dtype=np.float64) for part in (real, synthetic)]
    if min(map(len, parts)) < 2:
        raise ValueError(f"real, synthetic: expected two placements or more each, got {[len(p) for p in parts]}")
    value = float(np.mean(parts[0]) + np.mean(parts[1])) / 2
    variance = sum(float(part.var(ddof=1)) / len(part) for part in parts)
    check_level(level)
    reach = float(stats.norm.ppf((1 + level) / 2)) * variance**0.5
    return Interval(value, value - reach, value + reach, level)


def simultaneous_level(statements: int, level: float = 0.95) -> float:
    """Level 1 - (1 - level) / statements of each interval, so that all hold together with probability `level` (Bonferroni).

    Raises ``ValueError`` for an empty family or a level out of range.
    """
    if statements < 1 or not 0 < level < 1:
        raise ValueError(f"statements, level: expected >= 1 and in (0, 1), got {statements, level}")
    return 1 - (1 - level) / statements


def student(value: float, variance: float, freedom: float, level: float) -> Interval:
    """Return Student's interval around `value` with `freedom` degrees of freedom."""
    check_level(level)
    reach = float(stats.t.ppf((1 + level) / 2, freedom)) * float(np.sqrt(variance))
    return Interval(value, value - reach, value + reach, level)


def finite(name: str, values: ArrayLike, dimensions: int) -> Array:
    """Return the values as an array of so many axes, all finite; a ValueError names them otherwise."""
    array = np.asarray(values, dtype=np.float64)
    if array.ndim != dimensions or not np.all(np.isfinite(array)):
        raise ValueError(f"{name}: expected {dimensions} axes of finite numbers, got shape {array.shape} or NaN")
    return array


def check_level(level: float) -> None:
    """Raise a ValueError for a level outside (0, 1)."""
    if not 0 < level < 1:
        raise ValueError(f"level: expected a number in (0, 1), got {level}")
