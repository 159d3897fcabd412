"""Scaling laws C + D m^(-alpha), fitted to means over replicates, with intervals that account for their dependence."""

from dataclasses import dataclass

import numpy as np
from scipy import optimize

from experiments.estimators.intervals import Array, Interval, around

EXPONENTS = (0.005, 3.0)
"""Range in which alpha is looked for."""


@dataclass(frozen=True)
class PowerLaw:
    """A fitted law, and what each replicate contributed to each parameter.

    `floor` is C (0 where it was not fitted), `factor` D, `exponent` alpha; `influence` has a row for each of C, D, alpha.
    """

    floor: float
    factor: float
    exponent: float
    influence: Array
    """(3, R): the delta method's influence of replicates, mean 0; zeros for a floor that was not fitted."""

    def at(self, size: float) -> float:
        """Return C + D size^(-alpha)."""
        return float(self.floor + self.factor * size**-self.exponent)

    def influence_at(self, size: float) -> Array:
        """Return the influence `(R,)` of replicates on the value at `size`."""
        power = size**-self.exponent
        return np.asarray(np.array([1.0, power, -self.factor * power * np.log(size)]) @ self.influence)

    def interval(self, parameter: str, level: float) -> Interval:
        """Return the interval of `floor`, `factor` or `exponent`."""
        row = ("floor", "factor", "exponent").index(parameter)
        return around(float(getattr(self, parameter)), self.influence[row], level)


def fit_power_law(sizes: Array, samples: Array, floor: bool = True) -> PowerLaw:
    """Fit C + D m^(-alpha) to the means of samples by least squares, weighted by the inverse variances of the means.

    For each alpha the best C and D are linear; alpha minimises what is left, over a grid and then locally.

    `sizes (K,)` are the m, positive, more of them than parameters; column r of `samples (K, R)` is replicate r at every
    size; C is 0 unless `floor`. Raises ``ValueError`` for too few sizes or replicates.
    """
    least = 4 if floor else 3
    if len(sizes) < least or samples.shape[1] < 2:
        raise ValueError(f"sizes, samples: expected {least} sizes and 2 replicates or more, got {samples.shape}")
    means, root = samples.mean(axis=1), 1 / samples.std(axis=1, ddof=1)

    def linear(alpha: float) -> tuple[Array, float]:
        design = _design(sizes, alpha, floor)
        found = np.linalg.lstsq(root[:, None] * design, root * means, rcond=None)[0]
        return found, float(((root * (means - design @ found)) ** 2).sum())

    grid = np.linspace(*EXPONENTS, 120)
    best = grid[int(np.argmin([linear(a)[1] for a in grid]))]
    width = grid[1] - grid[0]
    bounds = (max(EXPONENTS[0], best - width), min(EXPONENTS[1], best + width))
    alpha = float(optimize.minimize_scalar(lambda a: linear(a)[1], bounds=bounds, method="bounded").x)
    c, d = linear(alpha)[0] if floor else (0.0, linear(alpha)[0][0])
    slope = -d * sizes**-alpha * np.log(sizes)
    jacobian = np.column_stack([_design(sizes, alpha, floor), slope]) * root[:, None]
    influence = np.linalg.pinv(jacobian) @ (root[:, None] * (samples - means[:, None]))
    if not floor:
        influence = np.vstack([np.zeros(samples.shape[1]), influence])
    return PowerLaw(float(c), float(d), alpha, influence)


def _design(sizes: Array, alpha: float, floor: bool) -> Array:
    power = sizes**-alpha
    return np.column_stack([np.ones_like(power), power]) if floor else power[:, None]
