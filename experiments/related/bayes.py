"""Bayesian updates by synthetic rows: how far the posterior predictive law is from the real one.

Generalised posteriors of a normal model are summed over a grid of (mean, log s), all replicates at once.
"""

from dataclasses import dataclass
from typing import Annotated, ClassVar

import numpy as np
from scipy import stats

from experiments.config.registry import Positive, Range, component, every, require
from experiments.measurements.base import Cell, Columns, Measurement, labelled, stacked
from experiments.related.batched import Array
from experiments.rng import streams

WORTH = 0.15
"""Share of the divergence that must be saved for a turning point to be looked for."""

SIDE, REACH = 29, 7.0
"""Grid points per parameter and the spreads they reach: half a spread apart, where sums of normal densities are exact."""

CLOSER, ZOOMS = 0.2, 8
"""The grid is moved to where the posteriors are, narrowed at most by this factor at a time, at most this many times."""

BIN = 0.04
"""Width of the bins in which samples are counted for the loss of the beta-divergence."""

NODES, NODE_WEIGHTS = np.polynomial.hermite_e.hermegauss(64)


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
    """Return the share of the divergence 1/n without synthetic rows that the turning point saves; 0 if there is none."""
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
    grid.
    """

    scales: Annotated[tuple[float, ...], every("numbers > 0", lambda scale: scale > 0)] = (0.1, 0.25, 0.5)
    synthetic: Annotated[tuple[int, ...], every("whole numbers >= 0", lambda m: m >= 0)] = (
        0, 8, 32, 128, 256, 512, 2048, 16384,
    )  # fmt: skip
    weight: Annotated[float, Range("a number in (0, 1]", lambda v: 0 < v <= 1)] = 0.2
    beta: Positive = 0.5

    axes: ClassVar[tuple[str, ...]] = ("n",)

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
                    found.append(labelled(cell.replicates, **labels) | {"kl": kl})
        return stacked(found)

    def _updates(self) -> dict[int, tuple[float, float]]:
        """Weight and beta of each update, by number: 0 standard, 1 down-weighted, 2 beta-divergence."""
        return {0: (1.0, 0.0), 1: (self.weight, 0.0), 2: (1.0, self.beta)}


def predictive_divergence(real: Array, synthetic: Array, weight: float, beta: float) -> Array:
    """Return KL(N(0, 1) || posterior predictive law) for each replicate (R,), by Gauss-Hermite quadrature on 64 nodes.

    Rows `real (R, n)` count by their log-likelihood, rows `synthetic (R, m)`, m >= 0, by `weight` > 0 times their loss: the
    log-likelihood where `beta` is 0, else the loss of the beta-divergence.
    """
    counts = _counts(synthetic) if beta and synthetic.shape[1] else None
    centre, spread = np.zeros(2), np.array([0.5, 0.25])
    for _ in range(ZOOMS):
        mean, log_s = _grid(centre, spread)
        posterior = _posterior(mean, log_s, real, synthetic, counts, weight, beta)
        centre, found = _located(mean, log_s, posterior)
        arrived = (found > CLOSER * spread).all()
        spread = np.maximum(found, CLOSER * spread)
        if arrived:
            break
    mean, log_s = _grid(centre, spread)
    posterior = _posterior(mean, log_s, real, synthetic, counts, weight, beta)
    density = posterior @ stats.norm.pdf(NODES[None, :], mean[:, None], np.exp(log_s)[:, None])
    gap = stats.norm.logpdf(NODES) - np.log(density)
    return np.asarray(gap @ NODE_WEIGHTS / np.sqrt(2 * np.pi))


def _grid(centre: Array, spread: Array) -> tuple[Array, Array]:
    """Points `(SIDE^2,)` of the means and of the logarithms of the spreads."""
    steps = np.linspace(-REACH, REACH, SIDE)
    mean, log_s = np.meshgrid(*(c + s * steps for c, s in zip(centre, spread)), indexing="ij")
    return mean.ravel(), np.clip(log_s, -3, 4).ravel()


def _located(mean: Array, log_s: Array, posterior: Array) -> tuple[Array, Array]:
    """Centre and spread of the mixture of all replicates' posteriors, so that one grid serves them all."""
    mixture = posterior.mean(axis=0)
    centre = np.array([mixture @ mean, mixture @ log_s])
    spread = np.sqrt([mixture @ (mean - centre[0]) ** 2, mixture @ (log_s - centre[1]) ** 2])
    return centre, np.asarray(spread)


def _posterior(
    mean: Array, log_s: Array, real: Array, synthetic: Array, counts: Array | None, weight: float, beta: float
) -> Array:
    """Posterior weights `(R, G)`, each row summing to 1."""
    log_weight = _log_likelihood(mean, log_s, real)
    if counts is not None:
        log_weight = log_weight - weight * _beta_loss(mean, log_s, counts, synthetic.shape[1], beta)
    elif synthetic.shape[1]:
        log_weight = log_weight + weight * _log_likelihood(mean, log_s, synthetic)
    log_weight -= log_weight.max(axis=1, keepdims=True)
    posterior = np.exp(log_weight)
    return np.asarray(posterior / posterior.sum(axis=1, keepdims=True))


def _log_likelihood(mean: Array, log_s: Array, x: Array) -> Array:
    """Log-likelihood `(R, G)` up to a constant, from count, mean and sum of squares."""
    n, average = x.shape[1], x.mean(axis=1, keepdims=True)
    squares = ((x - average) ** 2).sum(axis=1, keepdims=True)
    return np.asarray(-n * log_s - (squares + n * (average - mean) ** 2) / (2 * np.exp(2 * log_s)))


def _beta_loss(mean: Array, log_s: Array, counts: Array, m: int, beta: float) -> Array:
    """Sum over rows of -f^beta/beta + (1/(1+beta)) int f^(1+beta), `(R, G)`; int f^(1+b) = (2 pi s^2)^(-b/2)/sqrt(1+b)."""
    power = stats.norm.pdf(_middles()[:, None], mean, np.exp(log_s)) ** beta
    own = (2 * np.pi * np.exp(2 * log_s)) ** (-beta / 2) / np.sqrt(1 + beta)
    return np.asarray(m * own / (1 + beta) - counts @ power / beta)


def _middles() -> Array:
    return np.arange(-10, 10, BIN) + BIN / 2


def _counts(x: Array) -> Array:
    """Numbers `(R, bins)` of values in each bin; values beyond the ends are counted in the last bins."""
    size = len(_middles())
    place = np.clip(np.floor((x + 10) / BIN), 0, size - 1).astype(np.intp) + size * np.arange(len(x))[:, None]
    return np.bincount(place.ravel(), minlength=size * len(x)).reshape(len(x), size).astype(np.float64)
