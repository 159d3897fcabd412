"""Beta laws that depart less from the uniform law in each coordinate, the more coordinates there are."""

from dataclasses import dataclass

from scipy import stats

from experiments.laws.base import LawFamily, ProductLaw
from experiments.registry import component, require


@component("law", "mild_beta")
@dataclass(frozen=True)
class MildBeta(LawFamily):
    """Coordinates independent, Beta(1 + (a - 1) / sqrt p, 1 + (b - 1) / sqrt p) on [0, 1].

    A product of p copies of one law drifts away from the uniform law until nothing overlaps. Here the divergence of a
    coordinate is of order 1/p (chi-square is quadratic in the exponents), so that the total variation is of one order
    whatever p. a > b shifts, a = b > 1 narrows, a = b < 1 widens.
    """

    a: float = 2.0
    b: float = 1.0

    def __post_init__(self) -> None:
        require(self.a > 0, "a", "a number > 0", self.a)
        require(self.b > 0, "b", "a number > 0", self.b)

    def on(self, dim: int) -> ProductLaw:
        """Return the law on the cube of `dim` dimensions."""
        root = dim**0.5
        return ProductLaw((stats.beta(1 + (self.a - 1) / root, 1 + (self.b - 1) / root),) * dim)
