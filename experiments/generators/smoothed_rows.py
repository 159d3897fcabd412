"""The nonparametric generator: rows drawn with replacement, each with normal noise, which is a kernel density."""

from dataclasses import dataclass

import numpy as np

from experiments.generators.batched import Array, BatchedGenerator, BatchSampler
from experiments.registry import component, require


@component("generator", "smoothed_rows")
@dataclass(frozen=True)
class SmoothedRows(BatchedGenerator):
    """Draw from the product-kernel density estimate with bandwidth h_j = factor s_j n^(-1/(4+p)).

    s_j is the sample's standard deviation in column j. At p = 1 and factor 1.06 this is the rule that minimises the
    integrated squared error for a normal law (Silverman 1986).
    """

    factor: float = 1.06

    def __post_init__(self) -> None:
        require(self.factor >= 0, "factor", "a number >= 0", self.factor)

    def bandwidth(self, rows: Array) -> Array:
        """Return the bandwidths `(R, p)` for rows `(R, n, p)`."""
        _, n, p = rows.shape
        return np.asarray(self.factor * rows.std(axis=1, ddof=1) * n ** (-1 / (4 + p)))

    def fit(self, rows: Array) -> BatchSampler:
        """Keep the rows and their bandwidths."""
        width = self.bandwidth(rows)[:, None]

        def sample(size: int, rng: np.random.Generator) -> Array:
            """Draw rows and move them."""
            chosen = rng.integers(rows.shape[1], size=(len(rows), size, 1))
            noise = rng.standard_normal((len(rows), size, rows.shape[2]))
            return np.asarray(np.take_along_axis(rows, chosen, axis=1) + width * noise)

        return sample
