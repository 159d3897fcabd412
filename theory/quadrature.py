"""Composite Gauss–Legendre rules fitted to two laws at once (theory/README.md 9.2)."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Protocol

import numpy as np

from theory import checks
from theory.checks import BoolArray, FloatArray

LADDER = (0.5, 1e-2, 1e-5, 1e-10, 1e-20)
"""Panels break at the boxes that lose these masses, so that laws of any width are seen; the last holds all nodes."""

TOLERANCE = (1e-10, 1e-6)
"""Relative error allowed per panel and integral, for one axis and for the axes of a product."""

DEPTH = 1000
"""Halvings at most: as many as float64 has below 1 towards an end at 0."""

GUARDED_DEPTH = 20
"""Halvings after which a χ² that no longer shrinks towards an end is taken for divergent."""

UNSEEN = 1e-15
"""Q-mass of a panel below which the curve inside it is not worth nodes."""

SETTLED = 1e-9
"""Relative change under halving at which a panel has converged whatever its share of the whole."""

MOST = 100
"""Unsettled panels, as a multiple of the panels asked for, at which halving gives up."""

LogDensities = Callable[[FloatArray], tuple[FloatArray, FloatArray]]


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


def product_rule(
    law_p: Law, law_q: Law, dim: int, order: int, panels: int, box: tuple[FloatArray, FloatArray] | None
) -> tuple[FloatArray, FloatArray]:
    """Nodes and weights of Lebesgue measure on a box, fine where the laws need it.

    Parameters
    ----------
    law_p, law_q : Law
        Two laws of dimension `dim`.
    dim : int
        1 or 2.
    order : int
        Gauss–Legendre nodes per panel.
    panels : int
        Least number of panels per axis.
    box : pair of ndarray, shape (dim,), or None
        The region; None means the smallest box that holds both laws' last boxes.

    Returns
    -------
    nodes : ndarray, shape (N, dim)
        The points.
    weights : ndarray, shape (N,)
        Their weights, summing to the volume of the box.
    """
    marks = np.stack([np.broadcast_to(end, dim) for law in (law_p, law_q) for lost in LADDER for end in law.box(lost)])
    low, high = (marks.min(axis=0), marks.max(axis=0)) if box is None else box
    if not (np.isfinite(low).all() and np.isfinite(high).all() and (low < high).all()):
        raise ValueError(f"law_p, law_q: expected boxes with finite ends low < high, got {low} and {high}")
    breaks = [np.unique(np.clip(marks[:, k], low[k], high[k])) for k in range(dim)]
    if dim == 1:
        x, w = fitted_rule(_line(law_p, law_q), breaks[0], order, panels, TOLERANCE[0])
        return x[:, None], w
    axes = [fitted_rule(_marginal(law_p, law_q, k, breaks), breaks[k], order, panels, TOLERANCE[1]) for k in range(2)]
    (x, w), (y, v) = axes
    return np.stack([np.repeat(x, y.size), np.tile(y, x.size)], axis=-1), np.outer(w, v).ravel()


def fitted_rule(
    logs: LogDensities, breaks: FloatArray, order: int, panels: int, tolerance: float
) -> tuple[FloatArray, FloatArray]:
    """One-dimensional composite rule: panels halved until p, q, p log r and p²/q are integrated.

    Parameters
    ----------
    logs : callable
        Takes points of any shape, gives log p and log q there.
    breaks : ndarray, shape (b,)
        Increasing ends of the region and places where the densities may be singular.
    order : int
        Gauss–Legendre nodes per panel.
    panels : int
        Least number of panels.
    tolerance : float
        Change under halving, relative to the whole integral, at which a panel has converged.

    Returns
    -------
    x, w : ndarray, shape (n,)
        Nodes in increasing order and their weights.
    """
    base, weights = np.polynomial.legendre.leggauss(order)
    base, weights = (base + 1) / 2, weights / 2
    low, high = _initial(breaks, panels)
    integrals = _integrals(logs, low, high, base, weights)
    allowed = tolerance * np.maximum(1.0, integrals[:, :4].sum(axis=0))
    converged: list[tuple[FloatArray, FloatArray]] = []
    for depth in range(DEPTH):
        middle = low + (high - low) / 2
        left, right = (_integrals(logs, *ends, base, weights) for ends in ((low, middle), (middle, high)))
        halve = _unsettled(integrals, left, right, allowed, depth) | _coarse(integrals, panels)
        # Halving stops where float64 no longer separates the nodes of a panel.
        halve &= high - low > 64 * order * np.spacing(np.maximum(np.abs(low), np.abs(high)))
        converged.append((low[~halve], high[~halve]))
        low, high = np.concatenate([low[halve], middle[halve]]), np.concatenate([middle[halve], high[halve]])
        integrals = np.concatenate([left[halve], right[halve]])
        if low.size == 0 or _too_many(low.size, panels):
            break
    low, high = (np.sort(np.concatenate(parts)) for parts in zip(*converged, (low, high)))
    return (low[:, None] + (high - low)[:, None] * base).ravel(), ((high - low)[:, None] * weights).ravel()


def _too_many(size: int, panels: int) -> bool:
    """Whether halving runs away, as it does on a density with noise in it; says so."""
    if size > MOST * panels:
        warnings.warn("the panels do not converge: is a log density noisy?", checks.MassWarning, stacklevel=5)
    return size > MOST * panels


def _initial(breaks: FloatArray, panels: int) -> tuple[FloatArray, FloatArray]:
    """Even panels between neighbouring breaks, the same number in each gap."""
    count = -(-panels // (breaks.size - 1))
    edges = np.linspace(breaks[:-1], breaks[1:], count + 1, axis=-1)
    return edges[:, :-1].ravel(), edges[:, 1:].ravel()


def _integrals(
    logs: LogDensities, low: FloatArray, high: FloatArray, base: FloatArray, weights: FloatArray
) -> FloatArray:
    """Integrals of p, q, |p log r| and p²/q over each panel, then P-mass times spread of log r; shape (panels, 5)."""
    width = (high - low)[:, None]
    log_p, log_q = logs(low[:, None] + width * base)
    covered = np.isfinite(log_p) & np.isfinite(log_q)
    log_r = np.subtract(log_p, log_q, out=np.zeros_like(log_p), where=covered)
    p, q = np.exp(log_p), np.exp(log_q)
    chi = np.where(covered, np.exp(np.minimum(log_p + log_r, 300.0)), 0.0)
    parts = [(f * width * weights).sum(axis=1) for f in (p, q, p * np.abs(log_r), chi)]
    spread = np.where(parts[1] > UNSEEN, np.minimum(np.ptp(log_r, axis=1), 1.0), 0.0)
    return np.stack([*parts, parts[0] * spread], axis=-1)


def _unsettled(whole: FloatArray, left: FloatArray, right: FloatArray, allowed: FloatArray, depth: int) -> BoolArray:
    # Relative to the panel as well: a divergent χ² makes any absolute demand on the panels near its end hopeless.
    wrong = np.abs(whole - left - right)[:, :4] > np.maximum(allowed, SETTLED * whole[:, :4])
    if depth > GUARDED_DEPTH:
        wrong[:, 3] &= np.maximum(left, right)[:, 3] < 0.995 * whole[:, 3]
    return np.asarray(wrong.any(axis=1))


def _coarse(integrals: FloatArray, panels: int) -> BoolArray:
    """Whether a panel is too large for the curve: between nodes β is off by P-mass times change of log r, over 8."""
    return np.asarray((integrals[:, :2] > 2 / panels).any(axis=1) | (integrals[:, 4] > 4 / panels**2))


def _line(law_p: Law, law_q: Law) -> LogDensities:
    return lambda x: (law_p.log_density(x[..., None]), law_q.log_density(x[..., None]))


def _marginal(law_p: Law, law_q: Law, axis: int, breaks: list[FloatArray]) -> LogDensities:
    """Coarse marginal log densities along one axis of two: they only steer the panels."""
    base, weights = np.polynomial.legendre.leggauss(6)
    low, high = _initial(breaks[1 - axis], 8)
    width = (high - low)[:, None]
    y = (low[:, None] + width * (base + 1) / 2).ravel()
    log_w = np.log((width * weights / 2).ravel())

    def _logs(x: FloatArray) -> tuple[FloatArray, FloatArray]:
        grid = [np.broadcast_to(x[..., None], (*x.shape, y.size)), np.broadcast_to(y, (*x.shape, y.size))]
        points = np.stack(grid if axis == 0 else grid[::-1], axis=-1)
        log_p, log_q = (np.logaddexp.reduce(law.log_density(points) + log_w, axis=-1) for law in (law_p, law_q))
        return log_p, log_q

    return _logs
