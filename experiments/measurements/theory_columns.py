"""What theory predicts for a cell before its synthetic sample is drawn: a priori bound, limits, tolerance to bad responses."""

import numpy as np

from experiments.laws.fidelity_levels import critical_exponent
from experiments.laws.marginals import Beta
from experiments.learners.base import Array
from experiments.learners.knn import KNearestNeighbours
from experiments.measurements.a_priori_bounds import neighbour_errors, prior_utility
from experiments.measurements.base import Cell, Columns, constant
from experiments.responses.designed import Biased, Oracle, Worst
from experiments.responses.fitted import Fitted
from experiments.world import Data, World
from theory.faults import convex_fault_bound, fault_split
from theory.logistic import logistic_limit, logistic_minimiser
from theory.misspecification import (
    class_error,
    feature_fault_bound,
    misspecification_bound,
    misspecification_limit,
    projection,
)
from theory.ranking import direction_flip, flip_intervals, ranking_tolerance
from theory.rates import reference_rate, utility_exponents
from theory.transfer import TransferCurve

UNKNOWN = ("limit", "class_error", "tolerance", "flip", "flip_end", "flip_smooth")

MENDED = {"limit_right_features": [1], "limit_right_class": [1, 2], "limit_exact_responses": [0]}
"""The parts of the limit (4.8) that are left where one cause is mended."""


def predictions(cell: Cell, world: World, data: Data) -> Columns:
    """Return the predictions (R,) for a cell, `nan` where theory has none; of the data, features and mu-tilde are used.

    Numbers are those of theory/README.md. `bound_prior`, `bound_prior_untransferred`: a priori bounds of E U (3.4); those
    of `neighbour_errors` are exact means and sharper bounds (7.4, 7.5).
    `limit` of the signed gap (4.2) and `class_error`, the least excess risk of the class (4.1): for linear classes, and
    for logistic regression (4.6; its limit where responses are fixed). For linear classes what is left of the limit where one
    cause is mended, as in `MENDED`, and its bounds `bound_limit` (4.8, 4.9), `bound_limit_transfer` (4.3) and
    `bound_limit_features` (4.4, 4.5, exact responses). `tolerance` delta* (6.4), `flip` delta° and `flip_end` (6.6), where
    the first flipped interval ends: for wrong linear classes and worst responses, and beside smooth ones what worst
    responses with sup norm 1 would do; `flip_smooth`, where biased ones begin to flip (6.6). `rate`: exponent of the a
    priori bound (3.5) read under 7.3, `rate_untransferred` without d. `rate_learner`: slope of E Phi(f~) itself (`_rate`).
    """
    known = prior_utility(cell, world.pair, data.x_real, data.x_synthetic) | _slopes(cell) | {"rate_learner": _rate(cell)}
    columns = {name: constant(value, cell.replicates) for name, value in known.items()}
    columns |= neighbour_errors(cell, world, data)
    return columns | {name: constant(np.nan, cell.replicates) for name in UNKNOWN} | _of_class(cell, world, data)


def _slopes(cell: Cell) -> dict[str, float]:
    """Slopes of the a priori bound in log n = log m, for nearest neighbours and a Lipschitz function in one dimension.

    Where E e_s^2 and E e_r^2 fall as n^(-u), u = 2/3 (7.3 at p = s = 1), the bound falls as n^(-u d/(d+1)) (3.5). Under
    Beta(a, 1) with a > 2 they do not (7.9): a control.
    """
    parts = cell.parts
    responses, on_the_line = parts["responses"], parts["task"].dim == 1 and np.isfinite(parts["task"].lipschitz)
    known = isinstance(parts["learner"], KNearestNeighbours) and parts["learner"].k is None and on_the_line
    by_rate = isinstance(responses, Oracle) or (isinstance(responses, Fitted) and responses.by == "knn")
    d = critical_exponent(parts["real_law"], parts["synthetic_law"]) if known and by_rate else np.nan
    if not d > 0:
        return {"rate": np.nan, "rate_untransferred": np.nan}
    u = reference_rate("knn", 1).exponent
    exponents = utility_exponents(d, u, np.inf if isinstance(responses, Oracle) else u)
    return {"rate": -min(exponents), "rate_untransferred": -u}


def _rate(cell: Cell) -> float:
    """Slope of E Phi(f~) in log n = log m for a smooth function on the line; `nan` for other learners and tasks."""
    law, task = cell.parts["synthetic_law"], cell.parts["task"]
    if task.dim > 1 or task.binary:
        return float("nan")
    return -float(cell.parts["learner"].exponent(law.a if isinstance(law, Beta) and law.b == 1 else 1.0))


def _of_class(cell: Cell, world: World, data: Data) -> Columns:
    nodes = world.pair.nodes
    basis, logits = cell.parts["learner"].basis(nodes), cell.parts["learner"].logits(nodes)
    tilde = np.asarray(data.mu_tilde(nodes))
    if basis is not None:
        return _linear(cell, world, basis, tilde)
    return _logistic(world, logits, tilde) if logits is not None else {}


def _linear(cell: Cell, world: World, basis: Array, tilde: Array) -> Columns:
    pair, mu = world.pair, world.task.mu(world.pair.nodes)
    best_p, best_q = projection(pair.p, basis, mu) @ basis, projection(pair.q, basis, tilde) @ basis
    error = float(class_error(pair, basis, mu))
    columns: Columns = {"limit": misspecification_limit(pair, basis, mu, tilde), "class_error": constant(error, len(tilde))}
    gram = fault_split(pair, basis, mu, tilde)
    columns |= {name: gram[:, kept][..., kept].sum(axis=(1, 2)) for name, kept in MENDED.items()}
    columns["bound_limit"] = convex_fault_bound(pair, best_p, best_q, mu, tilde)
    class_q, e_r = pair.norm_q(best_q - tilde), pair.norm_q(tilde - mu)
    sup = np.maximum(np.abs(best_q - mu).max(axis=-1), np.abs(best_p - mu).max())
    columns["bound_limit_transfer"] = misspecification_bound(TransferCurve(pair), class_q, sup, e_r)
    columns["bound_limit_features"] = np.where(e_r == 0, feature_fault_bound(pair, sup), np.nan)
    responses = cell.parts["responses"]
    if isinstance(responses, (Worst, Biased)) and error > 0:
        curve, sup_norm = TransferCurve(pair), responses.sup_norm if isinstance(responses, Worst) else Worst().sup_norm
        flipped = flip_intervals(curve, basis, mu, sup_norm, points=200)
        begin, end = flipped[0] if len(flipped) else (np.inf, np.inf)
        numbers = {"tolerance": ranking_tolerance(curve, error, sup_norm), "flip": begin, "flip_end": end}
        columns |= {name: constant(float(value), len(tilde)) for name, value in numbers.items()}
    if isinstance(responses, Biased) and error > 0 and responses.e_r > 0:
        columns["flip_smooth"] = constant(direction_flip(pair, basis, mu, (tilde[0] - mu) / responses.e_r), len(tilde))
    return columns


def _logistic(world: World, logits: Array, tilde: Array) -> Columns:
    """Minimisers of the log loss; no limit where mu-tilde differs from replicate to replicate."""
    pair, eta = world.pair, world.task.mu(world.pair.nodes)
    best = 1 / (1 + np.exp(-logistic_minimiser(pair.p, logits, eta) @ logits))
    columns = {"class_error": constant(float(pair.norm_p(best - eta)) ** 2, len(tilde))}
    if (tilde == tilde[0]).all():
        columns["limit"] = constant(logistic_limit(pair, logits, eta, tilde[0]), len(tilde))
    return columns
