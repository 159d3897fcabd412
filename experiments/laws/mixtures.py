"""Mixtures of normal and of beta laws."""

from dataclasses import dataclass
from math import log

import numpy as np
from scipy import stats
from scipy.special import logsumexp

from experiments.config.registry import component, require
from experiments.laws.base import Array, Law, LawFamily, ProductLaw


@component("law", "mixture")
@dataclass(frozen=True)
class Mixture(LawFamily):
    """Normal (means[j], scales[j]^2) with probability proportional to weights[j]; in p dimensions each part is spherical.

    In p > 1 dimensions part j is centred at means[j] (1, ..., 1): the coordinates are dependent.
    """

    weights: tuple[float, ...] = (0.5, 0.5)
    means: tuple[float, ...] = (-1.0, 1.0)
    scales: tuple[float, ...] = (0.5, 0.5)

    def __post_init__(self) -> None:
        _check_weights(self.weights)
        require(len(self.means) == len(self.weights), "means", f"{len(self.weights)} numbers", self.means)
        fits = len(self.scales) == len(self.weights) and min(self.scales) > 0
        require(fits, "scales", f"{len(self.weights)} numbers > 0", self.scales)

    def on(self, dim: int) -> "MixtureLaw":
        """Return the mixture in `dim` dimensions."""
        parts = (stats.norm(m, s) for m, s in zip(self.means, self.scales))
        return MixtureLaw(self.weights, tuple(ProductLaw((part,) * dim) for part in parts))


@component("law", "beta_mixture")
@dataclass(frozen=True)
class BetaMixture(LawFamily):
    """Beta(a[j], b[j]) with probability proportional to weights[j]; in p dimensions each part is a product of copies.

    The default has two humps and a valley: little mass in the middle and at the ends of [0, 1].
    """

    weights: tuple[float, ...] = (0.5, 0.5)
    a: tuple[float, ...] = (2.0, 6.0)
    b: tuple[float, ...] = (6.0, 2.0)

    def __post_init__(self) -> None:
        _check_weights(self.weights)
        for name, values in (("a", self.a), ("b", self.b)):
            fits = len(values) == len(self.weights) and min(values) > 0
            require(fits, name, f"{len(self.weights)} numbers > 0", values)

    def on(self, dim: int) -> "MixtureLaw":
        """Return the mixture in `dim` dimensions."""
        parts = (stats.beta(a, b) for a, b in zip(self.a, self.b))
        return MixtureLaw(self.weights, tuple(ProductLaw((part,) * dim) for part in parts))


def _check_weights(weights: tuple[float, ...]) -> None:
    """Raise `ValueError` unless there is at least one weight and all are positive."""
    require(len(weights) > 0 and min(weights) > 0, "weights", "numbers > 0, at least one", weights)


@dataclass(frozen=True)
class MixtureLaw:
    """A law drawn at random from several, with probabilities proportional to `weights`."""

    weights: tuple[float, ...]
    laws: tuple[Law, ...]

    @property
    def dim(self) -> int:
        """Number of coordinates."""
        return self.laws[0].dim

    def log_density(self, x: Array) -> Array:
        """Return log densities `(...)` at `x (..., dim)`."""
        total = log(sum(self.weights))
        each = [log(w) - total + law.log_density(x) for w, law in zip(self.weights, self.laws)]
        return np.asarray(logsumexp(each, axis=0))

    def sample(self, rng: np.random.Generator, size: int) -> Array:
        """Return independent draws `(size, dim)`: a draw of every part, of which a coin keeps one."""
        coin, *children = rng.spawn(1 + len(self.laws))
        ends = np.cumsum(self.weights) / sum(self.weights)
        chosen = np.minimum(np.searchsorted(ends, coin.random(size), side="right"), len(self.laws) - 1)
        draws = np.stack([law.sample(child, size) for law, child in zip(self.laws, children)])
        return np.asarray(draws[chosen, np.arange(size)])

    def support(self) -> tuple[Array, Array]:
        """Return the corners of the box around all supports."""
        ends = [law.support() for law in self.laws]
        return np.min([low for low, _ in ends], axis=0), np.max([high for _, high in ends], axis=0)

    def box(self, lost: float) -> tuple[Array, Array]:
        """Return the box around the parts' boxes, each of which misses at most `lost` of its part."""
        ends = [law.box(lost) for law in self.laws]
        return np.min([low for low, _ in ends], axis=0), np.max([high for _, high in ends], axis=0)
