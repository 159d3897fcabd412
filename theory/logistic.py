"""Limits of logistic regression in a wrong class: minimisers of the log loss on the nodes."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import expit

from theory import checks
from theory.checks import FloatArray
from theory.classification import probability_on_nodes
from theory.measures import PairedMeasure
from theory.misspecification import determined, scaled_basis

STEPS = 100
LARGEST_LOGIT = 500.0  # beyond this the fit is still running away: exp(-500) is 1e-217


def logistic_minimiser(weights: ArrayLike, basis: ArrayLike, eta: ArrayLike) -> FloatArray:
    r"""Coefficients of the logistic model of least expected log loss.

    .. math:: \arg\min_\theta \sum_i w_i \bigl( \log(1 + e^{f_i}) - \eta_i f_i \bigr),
              \quad f = \sum_j \theta_j \varphi_j

    The fitted probability is `expit(logistic_minimiser(...) @ basis)`.

    Parameters
    ----------
    weights : array_like, shape (N,)
        Non-negative weights of the nodes, not all zero; their scale is irrelevant.
    basis : array_like, shape (s, N)
        The s functions that span the logit, at the nodes.
    eta : array_like, shape (N,)
        Probability of the response 1, in [0, 1].

    Returns
    -------
    ndarray, shape (s,)
        The coefficients; the shortest Newton path to them where they are not unique.

    Raises
    ------
    ValueError
        An argument is out of range, shapes do not fit, or no finite minimiser exists (a combination of the
        functions separates the nodes with response 0 from those with response 1).

    Notes
    -----
    theory/README.md 4.6. Newton's method with halved steps; each step is a weighted least squares problem.
    """
    phi, root = scaled_basis(weights, basis)
    target = probability_on_nodes("eta", eta, phi.shape[1])
    seen = root > 0
    design, w, goal = phi[:, seen], root[seen] ** 2, target[seen]
    theta = np.zeros(len(design))
    for _ in range(STEPS):
        logit = theta @ design
        step = _newton_step(design, w, goal, logit)
        move = np.abs(step @ design).max()
        if move <= 1e-11 * (1.0 + np.abs(logit).max()):
            return np.asarray(theta + step)
        theta = theta + _shortened(step, design, w, goal, logit)
        if np.abs(theta @ design).max() > LARGEST_LOGIT:
            break
    raise ValueError("eta: expected probabilities that the basis does not separate, found no finite minimiser")


def logistic_limit(
    pair: PairedMeasure, basis: ArrayLike, eta: ArrayLike, eta_tilde: ArrayLike, risk: str = "squared"
) -> float:
    r"""Limit of the signed utility gap of logistic regression in a linear span of logits (theory/README.md 4.6).

    .. math:: \Delta_\infty = \Phi(f^*_Q) - \Phi(f^*_P)

    with the minimisers of the expected log loss for η under P and for η̃ under Q. Its sign is free, except for
    the log loss itself, under which it is non-negative.

    Parameters
    ----------
    pair : PairedMeasure
        The laws of the real and of the synthetic features.
    basis : array_like, shape (s, N)
        The functions that span the logit, at the nodes.
    eta, eta_tilde : array_like, shape (N,)
        Probability of the response 1 in the real and in the synthetic world, in [0, 1].
    risk : str
        Excess risk Φ on real data: `squared` (error of the probability), `log` (log loss) or `zero_one`
        (error of the plug-in classifier 1{f >= 1/2}).

    Returns
    -------
    float
        The limit of Φ(f̃) - Φ(f̂).

    Raises
    ------
    ValueError
        An argument is out of range, shapes do not fit, no finite minimiser exists, or Q does not determine
        the fit where P looks at it.
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


def _newton_step(design: FloatArray, w: FloatArray, goal: FloatArray, logit: FloatArray) -> FloatArray:
    """Newton's step as weighted least squares of (η - σ)/σ(1-σ), each function scaled to its own size."""
    curvature = expit(logit) * expit(-logit)
    root = np.sqrt(w * curvature)
    matrix = design * root
    size = np.linalg.norm(matrix, axis=1)
    size = np.where(size > 0, size, 1.0)
    residual = root * ((goal - expit(logit)) / curvature)
    return np.asarray(np.linalg.lstsq((matrix / size[:, None]).T, residual, rcond=None)[0] / size)


def _shortened(
    step: FloatArray, design: FloatArray, w: FloatArray, goal: FloatArray, logit: FloatArray
) -> FloatArray:
    """Halve the step until the loss does not rise: a short enough one lowers it, an invisible one leaves it."""
    direction = step @ design
    start = w @ _log(logit, goal)
    while w @ _log(logit + direction, goal) > start:
        step, direction = step / 2, direction / 2
    return step
