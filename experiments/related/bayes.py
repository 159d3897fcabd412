"""Bayesian updates by synthetic rows: how far the posterior predictive law is from the real one."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from experiments.config.registry import component, require
from experiments.measurements.base import Cell, Columns, Measurement, constant
from experiments.related.posteriors import predictive_divergence
from experiments.rng import streams

WORTH = 0.15
"""Share of the divergence to be saved from which on a turning point is looked for."""


def floor(scale: float) -> float:
    """Return KL(N(0, 1) || N(0, 1 + 2 scale^2)), where a normal fit ends on rows N(0, 1) + Laplace(0, scale), scale >= 0."""
    require(scale >= 0, "scale", "a number >= 0", scale)
    variance = 1 + 2 * scale**2
    return float(np.log(variance) / 2 + 1 / (2 * variance) - 0.5)


def turning_point(n: int, scale: float) -> float:
    """Return the number of synthetic rows that minimises F (m/(n+m))^2 + 1/(n+m), F the floor: n/(2 F n - 1).

    The first term is the divergence of the mixture's variance to second order, the second what two parameters cost.
    Infinite where 2 F n <= 1: too few real rows for synthetic ones to do harm.
    """
    harm = 2 * floor(scale) * n - 1
    return n / harm if harm > 0 else float("inf")


def predicted_saving(n: int, scale: float) -> float:
    """Return the share of the divergence 1/n without synthetic rows that is saved at the turning point; 0 if there is none."""
    m = turning_point(n, scale)
    if m == float("inf"):
        return 0.0
    return 1 - n * (floor(scale) * (m / (n + m)) ** 2 + 1 / (n + m))


@component("measurement", "bayes")
@dataclass(frozen=True)
class Bayes(Measurement):
    """KL(real law || posterior predictive) of a normal model with unknown mean and variance, flat prior in (mean, log s).

    n real rows N(0, 1) count in full by their log-likelihood. m synthetic rows N(0, 1) + Laplace(0, scale) count by
    one of three losses: their log-likelihood, `weight` times it, or the beta-divergence's
    -f^beta/beta + (1/(1+beta)) int f^(1+beta), which bounds what a row far out can do. The posterior is summed over a
    grid (experiments/related/posteriors.py).
    """

    scales: tuple[float, ...] = (0.1, 0.25, 0.5)
    synthetic: tuple[int, ...] = (0, 8, 32, 128, 256, 512, 2048, 16384)
    weight: float = 0.2
    beta: float = 0.5

    axes: ClassVar[tuple[str, ...]] = ("n",)

    def __post_init__(self) -> None:
        require(all(s > 0 for s in self.scales), "scales", "numbers > 0", self.scales)
        require(all(m >= 0 for m in self.synthetic), "synthetic", "whole numbers >= 0", self.synthetic)
        require(0 < self.weight <= 1, "weight", "a number in (0, 1]", self.weight)
        require(self.beta > 0, "beta", "a number > 0", self.beta)

    def rows(self, cell: Cell) -> Columns:
        """Return one row per replicate, noise scale, number of synthetic rows and update."""
        real = np.stack([s.standard_normal(cell.n) for s in streams(cell.seed, "bayes/real", cell.replicates)])
        most = max(self.synthetic)
        pure = np.stack([s.standard_normal(most) for s in streams(cell.seed, "bayes/synthetic", cell.replicates)])
        noise = np.stack([s.laplace(size=most) for s in streams(cell.seed, "bayes/noise", cell.replicates)])
        found = []
        for scale in self.scales:
            rows = pure + scale * noise
            for m in self.synthetic:
                for update, (weight, beta) in self._updates().items():
                    kl = predictive_divergence(real, rows[:, :m], weight, beta)
                    labels = {"scale": scale, "added": m, "update": update, "floor": floor(scale)}
                    labels |= {"half_floor": floor(scale) / 2, "turn": turning_point(cell.n, scale)}
                    labels["turns"] = predicted_saving(cell.n, scale) >= WORTH
                    columns: Columns = {"kl": kl, "replicate": np.arange(cell.replicates)}
                    found.append(columns | {k: constant(v, cell.replicates) for k, v in labels.items()})
        return {name: np.concatenate([f[name] for f in found]) for name in found[0]}

    def _updates(self) -> dict[int, tuple[float, float]]:
        """Weight and beta of each update, by number: 0 standard, 1 down-weighted, 2 beta-divergence."""
        return {0: (1.0, 0.0), 1: (self.weight, 0.0), 2: (1.0, self.beta)}
