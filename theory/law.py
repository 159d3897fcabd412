"""What this package asks of a law of features (theory/README.md 0)."""

from __future__ import annotations

from typing import Protocol

import numpy as np

from theory.checks import FloatArray


class Law(Protocol):
    """What `PairedMeasure` asks of a law of features; laws live outside this package."""

    @property
    def dim(self) -> int:
        """Number of features."""

    def log_density(self, x: FloatArray) -> FloatArray:
        """Log density at `x (..., dim)`, minus infinity outside the support; shape (...)."""

    def sample(self, rng: np.random.Generator, size: int) -> FloatArray:
        """Independent draws, shape (size, dim)."""

    def support(self) -> tuple[FloatArray, FloatArray]:
        """Lower and upper ends, each (dim,), infinite where unbounded."""

    def box(self, lost: float) -> tuple[FloatArray, FloatArray]:
        """Finite lower and upper ends outside which the law has at most `lost` mass; the support where bounded."""
