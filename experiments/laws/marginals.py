"""Products of one-dimensional laws: uniform, normal, truncated normal, beta."""

from dataclasses import dataclass, replace
from math import log
from typing import Annotated, Any

from scipy import stats

from experiments.config.registry import Positive, component, require, whole
from experiments.laws.base import LawFamily, Marginal, ProductLaw


@component("law", "uniform")
@dataclass(frozen=True)
class Uniform(Marginal):
    """Uniform on [low, high], in p dimensions on the cube."""

    low: float = 0.0
    high: float = 1.0

    def __post_init__(self) -> None:
        require(self.low < self.high, "high", f"a number above low = {self.low}", self.high)

    def distribution(self) -> Any:
        """Return the uniform distribution on [low, high]."""
        return stats.uniform(self.low, self.high - self.low)


@component("law", "normal")
@dataclass(frozen=True)
class Normal(Marginal):
    """Normal with the given mean and standard deviation, coordinates independent."""

    mean: float = 0.0
    scale: Positive = 1.0

    def distribution(self) -> Any:
        """Return the normal distribution."""
        return stats.norm(self.mean, self.scale)


@component("law", "drifting_normal")
@dataclass(frozen=True)
class DriftingNormal(Marginal):
    """Normal with variance 1 and mean min(cap, growth sqrt(log n)), n the size of the real sample.

    N(0, 1) is contiguous to the sequence exactly if there is a cap (theory/README.md 3.7). A cell sets n to its own.
    """

    growth: Positive = 1.0
    cap: Annotated[float | None, Positive.__metadata__[0]] = None
    n: Annotated[int, whole(2)] = 1000

    def at(self, n: int) -> "DriftingNormal":
        """Return the law that goes with real samples of size `n`."""
        return replace(self, n=n)

    def distribution(self) -> Any:
        """Return the normal distribution."""
        mean = self.growth * log(self.n) ** 0.5
        return stats.norm(mean if self.cap is None else min(self.cap, mean), 1.0)


@component("law", "truncated_normal")
@dataclass(frozen=True)
class TruncatedNormal(Marginal):
    """Normal (mean, scale) conditioned to [low, high], coordinates independent."""

    mean: float = 0.5
    scale: Positive = 0.2
    low: float = 0.0
    high: float = 1.0

    def __post_init__(self) -> None:
        super().__post_init__()
        require(self.low < self.high, "high", f"a number above low = {self.low}", self.high)

    def distribution(self) -> Any:
        """Return the truncated normal distribution."""
        cut = ((self.low - self.mean) / self.scale, (self.high - self.mean) / self.scale)
        return stats.truncnorm(*cut, loc=self.mean, scale=self.scale)


@component("law", "beta")
@dataclass(frozen=True)
class Beta(Marginal):
    """Beta(a, b) on [0, 1], coordinates independent; against the uniform law, Beta(a, 1) has d = 1/(a - 1)."""

    a: Positive = 2.0
    b: Positive = 1.0

    def distribution(self) -> Any:
        """Return the beta distribution."""
        return stats.beta(self.a, self.b)


@component("law", "mild_beta")
@dataclass(frozen=True)
class MildBeta(LawFamily):
    """Coordinates independent, Beta(1 + (a - 1) / sqrt p, 1 + (b - 1) / sqrt p) on [0, 1].

    A product of p copies of one law drifts away from the uniform law until nothing overlaps. Here the divergence of a
    coordinate is of order 1/p (chi-square is quadratic in the exponents), so that the total variation is of one order
    whatever p. a > b shifts, a = b > 1 narrows, a = b < 1 widens.
    """

    a: Positive = 2.0
    b: Positive = 1.0

    def on(self, dim: int) -> ProductLaw:
        """Return the law on the cube of `dim` dimensions."""
        root = dim**0.5
        return ProductLaw((stats.beta(1 + (self.a - 1) / root, 1 + (self.b - 1) / root),) * dim)
