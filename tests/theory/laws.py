"""Small laws for tests, with the densities written out, and what is done to pairs of them."""

from dataclasses import dataclass

import numpy as np
from scipy import stats

from theory import PairedMeasure


@dataclass(frozen=True)
class Product:
    """Independent coordinates, each a frozen scipy distribution."""

    parts: tuple

    @property
    def dim(self):
        return len(self.parts)

    def log_density(self, x):
        return sum(part.logpdf(x[..., k]) for k, part in enumerate(self.parts))

    def sample(self, rng, size):
        return np.stack([part.rvs(size, random_state=rng) for part in self.parts], axis=-1)

    def support(self):
        low, high = zip(*(part.support() for part in self.parts))
        return np.array(low), np.array(high)

    def box(self, lost):
        low, high = self.support()
        tail = lost / (2 * self.dim)
        far = np.array([(part.ppf(tail), part.isf(tail)) for part in self.parts])
        return np.where(np.isfinite(low), low, far[:, 0]), np.where(np.isfinite(high), high, far[:, 1])


def normal(mean=0.0, scale=1.0, dim=1):
    return Product((stats.norm(mean, scale),) * dim)


def uniform(low=0.0, high=1.0, dim=1):
    return Product((stats.uniform(low, high - low),) * dim)


def beta(a, b=1.0, dim=1):
    return Product((stats.beta(a, b),) * dim)


def swapped(pair):
    """The laws exchanged: the usual negative control."""
    return PairedMeasure(pair.nodes, pair.q, pair.p)


def same(pair):
    """The first law on either side."""
    return PairedMeasure(pair.nodes, pair.p, pair.p)


def line(pair):
    """The first coordinate of the nodes, and the functions 1 and x there."""
    x = pair.nodes[:, 0]
    return x, np.stack([np.ones_like(x), x])
