"""Confidence intervals: what an interval is, means, proportions, the area under a ROC curve, joint levels."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special, stats

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Interval:
    """An estimate with its confidence interval: ``low <= value <= high``, of nominal coverage `level` in (0, 1).

    Estimators of means and slopes take further axes in front of those that they name: value and ends are then arrays.
    """

    value: float
    low: float
    high: float
    level: float

    def __post_init__(self) -> None:
        check_level(self.level)
        if not np.all((self.low <= self.value) & (self.value <= self.high)):
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
        return {name: float(number) for name, number in asdict(self).items()}


def exactly(value: float, level: float) -> Interval:
    """Return the interval of a number that is known exactly."""
    return Interval(value, value, value, level)


def mean_interval(values: ArrayLike, level: float = 0.95) -> Interval:
    """Student's interval of the mean of independent `values (R,)`, widened on the side to which they are skewed (`around`).

    Raises ``ValueError`` for fewer than two values, NaN or infinities, or a level outside (0, 1).
    """
    sample = finite("values", values, 1)
    if sample.shape[-1] < 2:
        raise ValueError(f"values: expected at least 2 numbers, got {sample.shape[-1]}")
    return around(sample.mean(axis=-1), sample, level)


def around(value: Any, influence: Array, level: float, bend: Any = 0.0) -> Interval:
    """Return the interval of an estimate whose error is, to first order, that of the mean of `influence (R,)`.

    Student's interval value ± t s/√R with R - 1 degrees of freedom, whose end on the side of the skewness is moved outwards.
    By Hall's cubic transformation (1992, J. R. Statist. Soc. B 54, 221) the studentised error T there is at
    ((1 + aT)³ - 1)/3a + a/2 = -t with a = γ/3√R. Of all skewnesses from 0 to γ the one that gives the farthest end counts: an
    end is never nearer than Student's, nor more than four times as far. γ is the sample's skewness with Hazen's factor
    1 + 8.5/R, unbiased for gamma laws, plus `bend`, what the curvature of the estimate as a function of means adds:
    3√R θ''/2θ' along the direction in which the influence points (DiCiccio and Efron 1992, Biometrika 79, 231).
    """
    check_level(level)
    size, skewness = influence.shape[-1], _skewness(influence) + bend
    t, a = float(special.stdtrit(size - 1, (1 + level) / 2)), np.abs(skewness) / (3 * size**0.5)
    steepness = np.clip(3 * a * (t + a / 2), 1e-9, 9 / 8)  # the end is farthest at 9/8
    factor = (1 + a / 2 / t) * 3 * (1 - np.cbrt(1 - steepness)) / steepness
    near = t * influence.std(axis=-1, ddof=1) / size**0.5
    far, right = np.clip(factor, 1, 4) * near, skewness > 0
    return Interval(value, value - np.where(right, near, far), value + np.where(right, far, near), level)


def _skewness(values: Array) -> Array:
    """Skewness of the law of `values (R,)`, by the third moment, unbiased for gamma laws; 0 if R < 3 or all are equal."""
    size, errors = values.shape[-1], values - values.mean(axis=-1, keepdims=True)
    squares = errors**2
    variance = np.mean(squares, axis=-1)
    biased = np.mean(squares * errors, axis=-1) / np.where(variance > 0, variance, 1.0) ** 1.5
    return np.asarray(biased * (size * (size - 1)) ** 0.5 / max(size - 2, 1) * (1 + 8.5 / size))


def slants(influence: Array, columns: Array) -> Array:
    """Return cov(influence, column) / sd(influence) for each of `columns (K, R)`: how each mean moves with the estimate."""
    errors = influence - influence.mean(axis=-1, keepdims=True)
    spread = np.sqrt(np.mean(errors**2, axis=-1, keepdims=True))
    covariances = (columns @ errors[..., None])[..., 0] / errors.shape[-1]
    return np.asarray(covariances / np.where(spread > 0, spread, 1.0))


def ratio_interval(above: Array, below: Array, level: float) -> Interval:
    """Return the interval of mean `above (R,)` over mean `below (R,)`, not 0, of the same replicates (delta method)."""
    ratio, scale = above.mean(axis=-1) / below.mean(axis=-1), below.mean(axis=-1, keepdims=True)
    influence = (above - ratio[..., None] * below) / scale
    bend = -3 * slants(influence, (below / scale)[..., None, :])[..., 0]
    return around(ratio, influence, level, bend)


def clopper_pearson(successes: int, trials: int, level: float = 0.95) -> Interval:
    """Clopper and Pearson's interval for a proportion: `successes` among `trials` independent ones, of exact coverage.

    Ends: the proportions at which so many successes or more, or so many or fewer, have probability (1 - level)/2. Raises
    ``ValueError`` for counts or a level out of range.
    """
    check_level(level)
    if trials < 1 or not 0 <= successes <= trials:
        raise ValueError(f"successes, trials: expected 0 <= successes <= trials, trials >= 1; got {successes, trials}")
    tail, failures = (1 - level) / 2, trials - successes
    low = float(special.betaincinv(successes, failures + 1, tail)) if successes else 0.0
    high = 1 - float(special.betaincinv(failures, successes + 1, tail)) if failures else 1.0
    return Interval(successes / trials, low, high, level)


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
    reach = float(special.stdtrit(freedom, (1 + level) / 2)) * float(np.sqrt(variance))
    return Interval(value, value - reach, value + reach, level)


def finite(name: str, values: ArrayLike, dimensions: int) -> Array:
    """Return the values as an array of so many axes or more, all finite; a ValueError names them otherwise."""
    array = np.asarray(values, dtype=np.float64)
    if array.ndim < dimensions or not np.all(np.isfinite(array)):
        raise ValueError(f"{name}: expected {dimensions} axes of finite numbers, got shape {array.shape} or NaN")
    return array


def check_level(level: float) -> None:
    """Raise a ValueError for a level outside (0, 1)."""
    if not 0 < level < 1:
        raise ValueError(f"level: expected a number in (0, 1), got {level}")
