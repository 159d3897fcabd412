"""A pair of laws (P, Q) as one set of nodes with two weight vectors (theory/README.md 0 and 9)."""

from __future__ import annotations

import warnings
from dataclasses import InitVar, dataclass, field

import numpy as np
from numpy.typing import ArrayLike

from theory import checks
from theory.checks import FloatArray, MassWarning
from theory.quadrature import Law, product_rule

__all__ = ["Law", "MassWarning", "PairedMeasure"]

NEGLIGIBLE = 1e-6
"""Mass above which a loss (outside a box, or by underflow of q) is worth a warning."""


@dataclass(frozen=True, eq=False)
class PairedMeasure:
    """Laws P and Q of features on common nodes (theory/README.md 9.1).

    Parameters
    ----------
    nodes : ndarray, shape (N, dim)
        Points of feature space; shape (N,) is read as dim = 1.
    p, q : ndarray, shape (N,)
        Non-negative weights of P and Q, normalised here to sum 1. Nodes with p = q = 0 are dropped.
    log_densities : pair of ndarray, shape (N,), optional
        Logarithms of the two densities at the nodes. Where q underflows, they tell a huge ratio from missing coverage.
    lost : pair of float
        Mass of P and of Q that the nodes leave out, for the record.

    Attributes
    ----------
    log_ratio : ndarray, shape (N,)
        log r = log dP/dQ, infinite where Q has no mass; exact where `ratio` leaves the range of float64.
    ratio : ndarray, shape (N,)
        r = dP/dQ, infinite only where Q has no mass; otherwise held within the range of float64.
    """

    nodes: FloatArray
    p: FloatArray
    q: FloatArray
    log_densities: InitVar[tuple[FloatArray, FloatArray] | None] = None
    lost: tuple[float, float] = (0.0, 0.0)
    log_ratio: FloatArray = field(init=False, repr=False)
    ratio: FloatArray = field(init=False, repr=False)

    def __post_init__(self, log_densities: tuple[FloatArray, FloatArray] | None) -> None:
        nodes, p, q = _nodes(self.nodes), _weights("p", self.p), _weights("q", self.q)
        if not nodes.shape[0] == p.size == q.size:
            raise ValueError(f"nodes, p, q: expected N rows and N weights, got {nodes.shape}, {p.shape}, {q.shape}")
        total_p, total_q = float(p.sum()), float(q.sum())
        logs = _log_weights(p, q) if log_densities is None else _log_pair(log_densities, p, q)
        keep = (p > 0) | (q > 0)
        if not keep.all():
            nodes, p, q, logs = nodes[keep], p[keep], q[keep], (logs[0][keep], logs[1][keep])
        p, q = p / total_p, q / total_q
        log_ratio = logs[0] - logs[1] - (np.log(total_p) - np.log(total_q))
        _warn_underflow(p, q, log_ratio)
        values = {"nodes": nodes, "p": p, "q": q, "log_ratio": log_ratio, "ratio": _ratio(p, q, log_ratio)}
        for name, array in values.items():
            array.setflags(write=False)
            object.__setattr__(self, name, array)

    @property
    def size(self) -> int:
        """Number of nodes N."""
        return self.p.size

    def norm_p(self, g: ArrayLike) -> FloatArray:
        """Norm ‖g‖_P = (E_P g²)^(1/2), not squared, of functions on the nodes.

        `g` (..., N) holds finite values, below 1e150 in size. Shape (...).
        """
        return _norm(g, self.p)

    def norm_q(self, g: ArrayLike) -> FloatArray:
        """Norm ‖g‖_Q = (E_Q g²)^(1/2) of functions on the nodes; see `norm_p`."""
        return _norm(g, self.q)

    @classmethod
    def quadrature(
        cls,
        law_p: Law,
        law_q: Law,
        order: int,
        box: tuple[ArrayLike, ArrayLike] | None = None,
        panels: int | None = None,
    ) -> PairedMeasure:
        """Nodes and weights by composite Gauss–Legendre panels, products of them for dim = 2.

        Panels break at the ends of both laws' supports and boxes and are halved until the masses, KL and χ² of each
        panel have converged and no panel carries more than 2/panels of either law (theory/README.md 9.2). `lost` is 1 −
        (sum of the weights) before they are normalised: mass outside the box plus rule error.

        Parameters
        ----------
        law_p, law_q : Law
            The two laws, of dimension 1 or 2.
        order : int
            Gauss–Legendre nodes per panel and axis, 2 to 512; 16 is accurate.
        box : pair of array_like, shape (dim,), optional
            Lower and upper ends of the region kept. Default: the smallest box that holds both laws' own boxes, each of
            which loses at most 1e-20 of its law.
        panels : int, optional
            Least number of panels per axis, 1 to 100000. Default: 128 for dim = 1, 8 for dim = 2.

        Warns
        -----
        MassWarning
            If more than 1e-6 of either law is lost, or as much of P lies where q underflows.
        """
        dim = _common_dim(law_p, law_q)
        if dim > 2:
            raise ValueError(f"law_p, law_q: expected dim in [1, 2] for quadrature, got {dim}; use `sampled`")
        checks.whole("order", order, 2, 512)
        panels = checks.whole("panels", (128, 8)[dim - 1] if panels is None else panels, 1, 100_000)
        region = None if box is None else _region(box, dim)
        nodes, weights = product_rule(law_p, law_q, dim, order, panels, region)
        log_p, log_q = _log_density("law_p", law_p, nodes), _log_density("law_q", law_q, nodes)
        p, q = np.exp(log_p) * weights, np.exp(log_q) * weights
        lost = (1.0 - float(p.sum()), 1.0 - float(q.sum()))
        _warn_lost(lost)
        return cls(nodes, p, q, (log_p, log_q), lost)

    @classmethod
    def sampled(cls, law_p: Law, law_q: Law, size: int, rng: np.random.Generator) -> PairedMeasure:
        """A random pair: nodes from (P + Q)/2, weights p/(p + q) and q/(p + q), normalised (theory/README.md 9.3).

        Half of the `size` >= 2 nodes come from each law, of any common dimension, so that no weight exceeds 2/size
        before normalisation: a P-mass u is estimated with standard deviation at most (2u/size)^(1/2).
        """
        _common_dim(law_p, law_q)
        checks.whole("size", size, 2)
        from_p = size // 2
        nodes = np.concatenate([law_p.sample(rng, from_p), law_q.sample(rng, size - from_p)])
        log_p, log_q = _log_density("law_p", law_p, nodes), _log_density("law_q", law_q, nodes)
        mixture = np.logaddexp(np.log(from_p) + log_p, np.log(size - from_p) + log_q)
        if not np.isfinite(mixture).all():
            raise ValueError("law_p, law_q: expected a finite density of each law at its own draws")
        return cls(nodes, np.exp(log_p - mixture), np.exp(log_q - mixture), (log_p, log_q))


def _nodes(value: ArrayLike) -> FloatArray:
    array = checks.finite("nodes", value)
    if array.ndim == 1:
        array = array[:, None]
    if array.ndim != 2 or array.size == 0:
        raise ValueError(f"nodes: expected shape (N, dim) with N, dim >= 1, got {array.shape}")
    return array.copy()


def _weights(name: str, value: ArrayLike) -> FloatArray:
    array = checks.finite(name, value, 0.0)
    if array.ndim != 1 or not array.any():
        raise ValueError(f"{name}: expected weights in [0, inf) of shape (N,), not all zero, got shape {array.shape}")
    if array.max() > 1e300 / array.size:
        raise ValueError(f"{name}: expected weights in [0, 1e300/N], got values up to {array.max()}")
    return array


def _log_weights(p: FloatArray, q: FloatArray) -> tuple[FloatArray, FloatArray]:
    with np.errstate(divide="ignore"):
        return np.log(p), np.log(q)


def _log_pair(logs: tuple[FloatArray, FloatArray], p: FloatArray, q: FloatArray) -> tuple[FloatArray, FloatArray]:
    log_p, log_q = (checks.numbers("log_densities", each, high=np.finfo(np.float64).max) for each in logs)
    if not log_p.shape == log_q.shape == p.shape:
        raise ValueError(f"log_densities: expected two arrays of shape {p.shape}, got {log_p.shape}, {log_q.shape}")
    if np.isinf(log_p[p > 0]).any() or np.isinf(log_q[q > 0]).any():
        raise ValueError("log_densities: expected finite values wherever the weight is positive")
    return log_p, log_q


def _ratio(p: FloatArray, q: FloatArray, log_ratio: FloatArray) -> FloatArray:
    """Plain division where both weights are ordinary floats, through logarithms elsewhere."""
    limits = np.finfo(np.float64)
    with np.errstate(over="ignore", divide="ignore", under="ignore"):
        ratio: FloatArray = p / q
    # Below the ordinary range a weight has lost digits, or all of them.
    odd = ((p < limits.tiny) & (p > 0)) | (q < limits.tiny) | (ratio > limits.max) | ((p > 0) & (ratio < limits.tiny))
    if odd.any():
        held = np.clip(log_ratio[odd], np.log(limits.tiny), np.log(limits.max))
        ratio[odd] = np.where(np.isfinite(log_ratio[odd]), np.exp(held), log_ratio[odd])
        np.copyto(ratio, 0.0, where=ratio == -np.inf)
    return ratio


def _warn_underflow(p: FloatArray, q: FloatArray, log_ratio: FloatArray) -> None:
    mass = float(p[(q == 0) & np.isfinite(log_ratio)].sum())
    if mass > NEGLIGIBLE:
        warnings.warn(
            f"q underflows at nodes that carry {mass:.3g} of P: covered there, yet no float64 a > 0 shows it",
            MassWarning,
            stacklevel=4,
        )


def _warn_lost(lost: tuple[float, float]) -> None:
    if max(map(abs, lost)) > NEGLIGIBLE:
        warnings.warn(
            f"the nodes miss {lost[0]:.3g} of P and {lost[1]:.3g} of Q (box too small, or order and panels too few)",
            MassWarning,
            stacklevel=3,
        )


def _norm(g: ArrayLike, weights: FloatArray) -> FloatArray:
    values = checks.on_nodes("g", g, weights.size)
    with np.errstate(over="ignore", invalid="ignore"):
        squares = np.vecdot(np.square(values), weights)
    if not np.isfinite(squares).all():
        raise ValueError("g: expected values in [-1e150, 1e150]")
    norms: FloatArray = np.sqrt(squares)
    return norms


def _region(box: tuple[ArrayLike, ArrayLike], dim: int) -> tuple[FloatArray, FloatArray]:
    low, high = (checks.finite("box", end) for end in box)
    if not low.shape == high.shape == (dim,) or not (low < high).all():
        raise ValueError(f"box: expected finite ends low < high of shape ({dim},), got {low} and {high}")
    return low, high


def _common_dim(law_p: Law, law_q: Law) -> int:
    if law_p.dim != law_q.dim:
        raise ValueError(f"law_p, law_q: expected one common dim, got {law_p.dim} and {law_q.dim}")
    return law_p.dim


def _log_density(name: str, law: Law, nodes: FloatArray) -> FloatArray:
    values = np.asarray(law.log_density(nodes), dtype=np.float64)
    if values.shape != nodes.shape[:-1] or np.isnan(values).any() or (values == np.inf).any():
        raise ValueError(f"{name}: expected a log density in [-inf, inf) at each of {nodes.shape[0]} nodes")
    return values
