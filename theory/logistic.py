"""Limits of logistic regression in a wrong class: minimisers of the log loss on the nodes."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.linalg import null_space, qr, solve_triangular
from scipy.optimize import linprog
from scipy.special import expit

from theory import checks
from theory.checks import FloatArray
from theory.classification import probability_on_nodes
from theory.measures import PairedMeasure
from theory.misspecification import determined, scaled_basis

STEPS = 500
EPS = np.finfo(np.float64).eps


def logistic_minimiser(weights: ArrayLike, basis: ArrayLike, eta: ArrayLike) -> FloatArray:
    r"""Coefficients of the logistic model of least expected log loss (theory/README.md 4.6).

    .. math:: \arg\min_\theta \sum_i w_i \bigl( \log(1 + e^{f_i}) - \eta_i f_i \bigr),
              \quad f = \sum_j \theta_j \varphi_j

    The fitted probability is `expit(logistic_minimiser(...) @ basis)`. The scale of the weights, not all zero, is
    irrelevant. A linear program decides whether a minimiser exists; Newton's method then finds it.

    Returns
    -------
    ndarray, shape (s,)
        The coefficients; the shortest such vector (in units of each function's norm) where they are not unique.

    Raises
    ------
    ValueError
        No finite minimiser exists: a combination of the functions separates the nodes with response 0 from those with
        response 1.
    """
    phi, root = scaled_basis(weights, basis)
    target = probability_on_nodes("eta", eta, phi.shape[1])
    seen = root > 0
    frame = _frame(phi[:, seen])
    if not frame.size:
        return np.zeros(len(phi))
    return np.asarray(frame @ _minimise(phi[:, seen].T @ frame, root[seen] ** 2, target[seen]))


def logistic_limit(
    pair: PairedMeasure, basis: ArrayLike, eta: ArrayLike, eta_tilde: ArrayLike, risk: str = "squared"
) -> float:
    r"""Limit of the signed utility gap of logistic regression in a linear span of logits (theory/README.md 4.6).

    .. math:: \Delta_\infty = \Phi(f^*_Q) - \Phi(f^*_P)

    with the minimisers of the expected log loss for η under P and for η̃ under Q. Its sign is free, except for the log
    loss itself, under which it is non-negative.

    Parameters
    ----------
    risk : str
        Excess risk Φ on real data: `squared` (error of the probability), `log` (log loss) or `zero_one` (error of the
        plug-in classifier 1{f >= 1/2}).

    Raises
    ------
    ValueError
        No finite minimiser exists, or Q does not determine the fit where P looks at it.
    """
    loss = {"squared": _squared, "log": _log, "zero_one": _zero_one}[
        checks.choice("risk", risk, ("squared", "log", "zero_one"))
    ]
    phi = determined(pair, basis)
    truth = probability_on_nodes("eta", eta, phi.shape[1])
    logit_p = logistic_minimiser(pair.p, phi, truth) @ phi
    logit_q = logistic_minimiser(pair.q, phi, probability_on_nodes("eta_tilde", eta_tilde, phi.shape[1])) @ phi
    return float(pair.p @ (loss(logit_q, truth) - loss(logit_p, truth)))


def _squared(logit: FloatArray, eta: FloatArray) -> FloatArray:
    return np.asarray((expit(logit) - eta) ** 2)


def _log(logit: FloatArray, eta: FloatArray) -> FloatArray:
    return np.asarray(np.logaddexp(0.0, logit) - eta * logit)


def _zero_one(logit: FloatArray, eta: FloatArray) -> FloatArray:
    return np.where((logit >= 0) != (eta >= 0.5), np.abs(2 * eta - 1), 0.0)


def _frame(phi: FloatArray) -> FloatArray:
    """Coefficients (s, rank) of orthonormal combinations of the functions; the rank does not depend on their units."""
    size = np.linalg.norm(phi, axis=1, keepdims=True)
    size = np.where(size > 0, size, 1.0)
    left, singular, _ = np.linalg.svd(phi / size, full_matrices=False)
    kept = singular > EPS * max(phi.shape) * singular[0]
    return np.asarray(left[:, kept] / singular[kept] / size)


def _minimise(design: FloatArray, w: FloatArray, goal: FloatArray) -> FloatArray:
    """Newton's method with capped and halved steps for independent functions, design (N, k)."""
    theta = np.zeros(design.shape[1])
    for _ in range(0 if _separated(design, goal) else STEPS):
        logit = design @ theta
        loss, (step, decrement) = _loss(logit, w, goal), _newton_step(design, w, goal, logit)
        if decrement <= 1e-20 * loss:
            return np.asarray(theta + step)
        move = design @ step
        share = min(1.0, max(4.0, np.abs(logit).max() / 2) / np.abs(move).max())
        # Below 1e-12 of the loss its fall is not seen: the step is taken as it is.
        while share * decrement > 1e-12 * loss and _loss(logit + share * move, w, goal) > loss - 0.1 * share * decrement:
            share /= 2
        theta = theta + share * step
    raise ValueError("eta: expected probabilities that the basis does not separate, found no finite minimiser")


def _separated(design: FloatArray, goal: FloatArray) -> bool:
    """Say whether an element of the span, not 0, is 0 where 0 < η < 1, >= 0 where η = 1 and <= 0 where η = 0."""
    sure = (goal == 0) | (goal == 1)
    rows = _to_size_one(design)
    # A row of zeros keeps the matrix from being empty.
    triangle = np.linalg.qr(np.vstack([rows[~sure], np.zeros_like(rows[:1])]), mode="r")
    free = null_space(triangle, rcond=EPS * max(rows.shape))
    if not sure.any() or not free.size:
        return False
    signed = _to_size_one((2 * goal[sure] - 1)[:, None] * (rows[sure] @ free))
    return bool(linprog(-signed.sum(axis=0), -signed, np.zeros(len(signed)), bounds=(-1, 1)).fun < -1e-6)


def _to_size_one(rows: FloatArray) -> FloatArray:
    """Scale each row to a largest entry of 1; what is 0 up to rounding stays out."""
    size = np.abs(rows).max(axis=1, keepdims=True)
    return np.asarray(np.divide(rows, size, out=np.zeros_like(rows), where=size > 1e-12))


def _loss(logit: FloatArray, w: FloatArray, goal: FloatArray) -> float:
    return float(w @ (goal * np.logaddexp(0.0, -logit) + (1 - goal) * np.logaddexp(0.0, logit)))


def _newton_step(design: FloatArray, w: FloatArray, goal: FloatArray, logit: FloatArray) -> tuple[FloatArray, float]:
    """Newton's step and decrement by least squares; the rows are sorted, so that the small ones keep their digits."""
    above, below = goal * expit(-logit), (1 - goal) * expit(logit)
    curvature = np.maximum(expit(logit) * expit(-logit), 1e-300)
    rows, weight = design * np.sqrt(w * curvature)[:, None], np.sqrt(w / curvature)
    order = np.argsort(-np.abs(rows).max(axis=1), kind="stable")
    q, r, columns = qr(rows[order], mode="economic", pivoting=True)
    gain, inverse = (weight * (above - below))[order] @ q, solve_triangular(r, np.eye(len(r)))
    # What rounding alone can make of a component that is 0: such a one would send flat directions anywhere.
    noise = 4 * EPS * (weight * (above + below)) @ np.abs(rows[:, columns]) @ np.abs(inverse)
    gain[np.abs(gain) <= noise] = 0.0
    step = np.empty_like(gain)
    step[columns] = inverse @ gain
    return step, float(gain @ gain)
