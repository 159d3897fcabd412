"""Mixtures of beta laws on the unit cube."""

from dataclasses import dataclass

from scipy import stats

from experiments.laws.base import LawFamily, ProductLaw
from experiments.laws.mixture import MixtureLaw, check_weights
from experiments.registry import component, require


@component("law", "beta_mixture")
@dataclass(frozen=True)
class BetaMixture(LawFamily):
    """Beta(a[j], b[j]) with probability proportional to weights[j]; in p dimensions the coordinates of a part are alike.

    The default has two humps and a valley: little mass in the middle and at the ends of [0, 1].
    """

    weights: tuple[float, ...] = (0.5, 0.5)
    a: tuple[float, ...] = (2.0, 6.0)
    b: tuple[float, ...] = (6.0, 2.0)

    def __post_init__(self) -> None:
        check_weights(self.weights)
        for name, values in (("a", self.a), ("b", self.b)):
            fits = len(values) == len(self.weights) and min(values) > 0
            require(fits, name, f"{len(self.weights)} numbers > 0", values)

    def on(self, dim: int) -> MixtureLaw:
        """Return the mixture in `dim` dimensions."""
        parts = (stats.beta(a, b) for a, b in zip(self.a, self.b))
        return MixtureLaw(self.weights, tuple(ProductLaw((part,) * dim) for part in parts))
