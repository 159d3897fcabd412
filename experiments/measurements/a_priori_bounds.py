"""A priori errors of nearest neighbours in one dimension: they depend on features, never on a response.

*Exact means and Lipschitz bounds* (`neighbour_errors`): theory/README.md 7.4 and 7.5, under P at once.

*Through the transfer curve* (`prior_utility`), the older and weaker bound:

By theory/README.md 3.4, E U <= T_M((sqrt E e_s^2 + sqrt E e_r^2)^2) + E Phi(f-hat), M^2 >= E sup|f~ - mu|^2.

*Oracle responses*: E e_s^2 is bounded given the synthetic design by 7.1 under Q, and e_r = 0.

*Responses fitted by nearest neighbours*, g = mu-tilde - mu: f~ - mu is the neighbours' mean of g plus the error of the
same learner with responses mu + noise. The second part is bounded by 7.1 under Q. For the first, Jensen and exchange of
the query with a sample point give E ||mean_k g||_Q^2 <= 2 E ||g||_Q^2, because in one dimension a point is among the k
nearest of at most 2k others (Stone's lemma); and E ||g||_Q^2 is bounded by 7.1 for the real design under Q. So
sqrt E ||f~ - mu||_Q^2 <= sqrt(7.1 synthetic) + sqrt(2 * 7.1 real): this replaces sqrt E e_s^2 + sqrt E e_r^2.

*Sup norm*: a mean of k responses differs from mu by at most its oscillation plus the mean of k noises. In one dimension
there are at most w = size - k + 1 windows of neighbours, and the largest squared mean over w windows of noises with variance
proxy sigma^2 (normal, or 1/4 for responses 0 and 1) has expectation at most (2 sigma^2 / k)(1 + log 2w). By Minkowski's
inequality oscillation and noise of each stage add up. Numbers are those of theory/README.md.
"""

from math import isinf, log, nan, sqrt

import numpy as np

from experiments.config.registry import build
from experiments.learners.base import Array, Learner
from experiments.learners.knn import KNearestNeighbours
from experiments.measurements.base import Cell, Columns, constant
from experiments.responses.designed import DesignedResponses, Oracle
from experiments.responses.fitted import Fitted
from experiments.rng import streams
from experiments.tasks.base import RegressionTask
from experiments.world import Data, World, respond
from theory.measures import PairedMeasure
from theory.rates import knn_prior_bound
from theory.regression import prior_utility_bound
from theory.smoothers import nearest_neighbours, smoother_risk
from theory.transfer import TransferCurve

OF_NEIGHBOURS = (
    "predicted_synthetic", "predicted_real", "lipschitz_synthetic", "bound_lipschitz", "bound_lipschitz_untransferred",
    "bound_lipschitz_exact",
)  # fmt: skip


def first_stage(cell: Cell) -> tuple[bool, Learner | None]:
    """Return whether the responses are a fixed function or a regression, and that regression, None for a function."""
    responses = cell.parts["responses"]
    if isinstance(responses, Fitted):
        return True, build("learner", {"kind": responses.by})
    return isinstance(responses, DesignedResponses), None


def neighbour_errors(cell: Cell, world: World, data: Data) -> Columns:
    """Return errors (R,) of neighbours on the line given the features; `nan` for other learners, p or responses.

    `predicted_synthetic` and `predicted_real` are E Phi(f~) and E Phi(f^) (7.4). `lipschitz_synthetic` bounds the first by
    the Lipschitz constant in place of mu (7.5); `bound_lipschitz` adds that of the second: a bound of E U.
    `bound_lipschitz_untransferred` has the first under Q, `bound_lipschitz_exact` takes any fixed responses for exact ones:
    controls.
    """
    task, pair, learner = world.task, world.pair, cell.parts["learner"]
    known, first = first_stage(cell)
    of_kind = isinstance(learner, KNearestNeighbours) and (first is None or isinstance(first, KNearestNeighbours))
    if not (of_kind and known and task.dim == 1):
        return {name: constant(nan, cell.replicates) for name in OF_NEIGHBOURS}
    at, mu, k = pair.nodes[:, 0], task.mu(pair.nodes), learner.neighbours(cell.m, 1)
    x, synthetic, responses = data.x_real[..., 0], data.x_synthetic[..., 0], task.mu(data.x_real)
    real = nearest_neighbours(x, responses, at, learner.neighbours(cell.n, 1))
    of_real, of_generator = task.noise_variance, task.noise_variance * cell.parts["generator"].noise_ratio ** 2
    if isinstance(first, KNearestNeighbours):
        fit = nearest_neighbours(x, responses, at, k, synthetic, first.neighbours(cell.n, 1))
        noise = (fit.squared, of_real, 1 / k, of_generator)
    else:
        fit = nearest_neighbours(synthetic, data.mu_tilde(data.x_synthetic), at, k)
        noise = (fit.squared, of_generator, 0.0, 0.0)
    smooth, right = not isinf(task.lipschitz), first is not None or isinstance(cell.parts["responses"], Oracle)
    slope, exact, bounded, assumed = (task.lipschitz if smooth else 0.0), *(
        1.0 if true else nan for true in (isinstance(task, RegressionTask), smooth and right, smooth and first is None)
    )
    under_p, under_q = (smoother_risk(w, slope * fit.distance, *noise) for w in (pair.p, pair.q))
    bound_real = smoother_risk(pair.p, slope * real.distance, real.squared, of_real)
    return {
        "predicted_synthetic": exact * smoother_risk(pair.p, fit.mean - mu, *noise),
        "predicted_real": exact * smoother_risk(pair.p, real.mean - mu, real.squared, of_real),
        "lipschitz_synthetic": bounded * under_p,
        "bound_lipschitz": bounded * (under_p + bound_real),
        "bound_lipschitz_untransferred": bounded * (under_q + bound_real),
        "bound_lipschitz_exact": assumed * (under_p + bound_real),
    }


def drawn_error(cell: Cell, world: World, data: Data) -> Array:
    """Return an unbiased estimate (R,) of E Phi(f~) given the features (7.4), `nan` where fits are not linear in responses.

    The squared bias is that of the fit without noise, the variance the squared norm of a fit on fresh noise alone.
    """
    task, nodes, learner, x = world.task, world.pair.nodes, cell.parts["learner"], data.x_synthetic
    known, first = first_stage(cell)
    linear = all(s.weights(x[0, :9], nodes[:1]) is not None for s in (learner, first) if s is not None)
    if not (known and linear and isinstance(task, RegressionTask)):
        return constant(nan, cell.replicates)
    real, synthetic = (streams(cell.seed, f"drawn_error/{role}", cell.indices) for role in ("real", "synthetic"))
    means = cell.parts["responses"].fit(world, data.x_real, task.mu(data.x_real), [])
    noise = np.zeros_like(data.y_synthetic)
    if first is not None:
        noise = first.fit(data.x_real, respond(task, np.zeros_like(data.y_real), real), [])(x)
    noise = respond(task, noise, synthetic, cell.parts["generator"].noise_ratio)
    bias, spread = learner.fit(x, means(x), [])(nodes) - task.mu(nodes), learner.fit(x, noise, [])(nodes)
    return np.asarray(world.pair.norm_p(bias) ** 2 + world.pair.norm_p(spread) ** 2)


def prior_utility(cell: Cell, pair: PairedMeasure, x_real: Array, x_synthetic: Array) -> dict[str, float]:
    """Return the bound of E U, and what it would be without the transfer from Q to P (wrong where Q != P: a control).

    Expectations over designs are means over the designs `x_real (R, n, 1)` and `x_synthetic (R, m, 1)`. `nan` unless the
    learner is `knn`, p = 1, mu is Lipschitz, and responses are `oracle` or fitted by `knn`.
    """
    learner, responses = cell.parts["learner"], cell.parts["responses"]
    fitted = isinstance(responses, Fitted) and responses.by == "knn"
    if (
        not isinstance(learner, KNearestNeighbours)
        or x_real.shape[2] != 1
        or isinf(cell.parts["task"].lipschitz)
        or not (fitted or isinstance(responses, Oracle))
    ):
        return {"bound_prior": nan, "bound_prior_untransferred": nan}
    of_noise = cell.parts["task"].noise_variance
    of_synthetic = of_noise * cell.parts["generator"].noise_ratio ** 2
    excess_real = _expected_error(cell, learner, x_real, pair, pair.p, of_noise)
    root = sqrt(_expected_error(cell, learner, x_synthetic, pair, pair.q, of_synthetic))
    sup_norm = cell.parts["task"].oscillation + _largest_noise(learner, x_synthetic, of_synthetic)
    if fitted:
        stage = KNearestNeighbours()
        root += sqrt(2 * _expected_error(cell, stage, x_real, pair, pair.q, of_noise))
        sup_norm += _largest_noise(stage, x_real, of_noise)
    bound = float(prior_utility_bound(TransferCurve(pair), root**2, 0.0, sup_norm, excess_real))
    return {"bound_prior": bound, "bound_prior_untransferred": root**2 + excess_real}


def _expected_error(
    cell: Cell, learner: KNearestNeighbours, design: Array, pair: PairedMeasure, weights: Array, of_noise: float
) -> float:
    k = learner.neighbours(design.shape[1], 1)
    return float(np.mean(knn_prior_bound(design, pair.nodes, weights, k, cell.parts["task"].lipschitz, of_noise)))


def _largest_noise(learner: KNearestNeighbours, design: Array, of_noise: float) -> float:
    """Root of the bound of the expected largest squared mean noise over windows."""
    k = learner.neighbours(design.shape[1], 1)
    windows = design.shape[1] - k + 1
    return sqrt(2 * of_noise / k * (1 + log(2 * windows)))
