"""Real features drawn with uneven weights: a law whose ratio to the real one is known exactly."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from experiments.config.registry import component, require

Array = NDArray[np.float64]


@component("generator", "tilted")
@dataclass(frozen=True)
class Tilted:
    """Weights proportional to exp(-strength * s) on the share `covered` of the rows where s is smallest, 0 elsewhere.

    s is the first feature in units of its standard deviation. A law on the rows of a real table, for worlds whose real
    law is uniform on the same rows (experiments/measurements/teacher.py): r = dP/dQ is then known at every row.
    """

    strength: float = 1.0
    covered: float = 1.0

    def __post_init__(self) -> None:
        require(self.strength >= 0, "strength", "a number >= 0", self.strength)
        require(0 < self.covered <= 1, "covered", "a share in (0, 1]", self.covered)

    def weights(self, x: Array) -> Array:
        """Return weights (N,), summing to 1, of rows `x (N, p)`."""
        score = x[:, 0] / (x[:, 0].std() or 1.0)
        kept = np.argsort(np.argsort(score, kind="stable"), kind="stable") < np.ceil(self.covered * len(x))
        raw = np.where(kept, np.exp(-self.strength * (score - score.min())), 0.0)
        return np.asarray(raw / raw.sum())
