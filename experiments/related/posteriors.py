"""Generalised posteriors of a normal model on a grid of (mean, log s), all replicates at once."""

import numpy as np
from scipy import stats

from experiments.related.batched import Array

SIDE, REACH = 29, 7.0
"""Grid points per parameter and how many spreads they reach: half a spread apart, where sums of normal densities are exact."""

CLOSER, ZOOMS = 0.2, 8
"""The grid is moved to where the posteriors are, at most this much closer at once, at most this many times."""

BIN = 0.04
"""Width of the bins that samples are counted in, for the loss of the beta-divergence alone."""

NODES, NODE_WEIGHTS = np.polynomial.hermite_e.hermegauss(64)


def predictive_divergence(real: Array, synthetic: Array, weight: float, beta: float) -> Array:
    """Return KL(N(0, 1) || posterior predictive law) for each replicate.

    Parameters
    ----------
    real : Array (R, n)
        Rows that count by their log-likelihood.
    synthetic : Array (R, m)
        Rows that count by `weight` times their loss; m may be 0.
    weight : float, > 0
        Weight of the synthetic rows.
    beta : float, >= 0
        0: log-likelihood; above: the loss of the beta-divergence.

    Returns
    -------
    Array (R,)
        Divergences, by Gauss-Hermite quadrature on 64 nodes.
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
