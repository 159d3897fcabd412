"""Kernel density: training rows with normal noise."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from experiments.config.registry import component, require
from experiments.generators.encoding import Array, Draw, VectorGenerator, by_class


@component("generator", "kernel_density")
@dataclass(frozen=True)
class KernelDensity(VectorGenerator):
    """Draw a training row of the class and add normal noise of standard deviation `bandwidth` on every axis.

    In units of the standardised columns. With bandwidth 0 it repeats training rows.
    """

    bandwidth: float = 0.2

    def __post_init__(self) -> None:
        require(self.bandwidth >= 0, "bandwidth", "a number >= 0", self.bandwidth)

    def learn(self, vectors: Array, labels: NDArray[np.int64], rng: np.random.Generator) -> Draw:
        """Remember the rows of each class."""
        return by_class({int(c): self._around(vectors[labels == c]) for c in np.unique(labels)})

    def _around(self, rows: Array) -> Callable[[int, np.random.Generator], Array]:
        def draw(size: int, rng: np.random.Generator) -> Array:
            """Draw rows and add noise."""
            noise = rng.standard_normal((size, rows.shape[1]))
            return rows[rng.integers(len(rows), size=size)] + self.bandwidth * noise

        return draw
