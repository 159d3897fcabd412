"""Every public function refuses an argument out of its range, and its message begins with the argument's name."""

from dataclasses import dataclass

import numpy as np
import pytest

import theory
from tests.theory.laws import Product, normal, uniform
from theory import ClassificationCurve, PairedMeasure, TransferCurve, lowered_roc

NAN, INF = np.nan, np.inf
LINE = [0.0, 1.0]
PAIR = PairedMeasure(LINE, [0.5, 0.5], [0.2, 0.8])
CURVE, CLASSES, ROC = TransferCurve(PAIR), ClassificationCurve(PAIR, [0.2, 0.9]), lowered_roc([1.0], [1.0], [1.0])
THREE = theory.MulticlassCurve(PAIR, np.full((2, 3), 1 / 3))


@dataclass(frozen=True)
class Broken(Product):
    """A law whose log density is whatever the test says."""

    parts: tuple = uniform().parts
    value: float = NAN

    def log_density(self, x):
        return np.full(x.shape[:-1], self.value)


@dataclass(frozen=True)
class Endless(Product):
    def box(self, lost):
        return self.support()


ENDLESS = Endless(normal().parts)
ONE, HALF, THIRD = [[1.0, 1.0]], [0.5, 0.5], np.full(3, 1 / 3)
ETA = [[0.5, 1.5], [0.5, NAN], [0.5], [[0.5, 0.5]]]
TINY = [-1e-9, NAN]
ERRORS = {name: [-1e-9, NAN, INF, "x", [[0.1, -1.0]]] for name in ("e_s", "e_r", "sup_norm", "excess_real")}
MEANS = {name: [-1e-9, NAN, INF] for name in ("mean_e_s", "mean_e_r", "mean_excess_real")}
LOW_NOISE = {name: [-1e-9, NAN, 1e200] for name in ("a", "A", "gamma")}
POSITIVE = [0.0, -1.0, NAN]
DESIGN = {"design": np.zeros((2, 5, 1)), "nodes": np.zeros((3, 1)), "weights": THIRD, "k": 2, "lipschitz": 1.0}
SAMPLED = {"law_p": uniform(), "law_q": uniform(), "rng": np.random.default_rng(0)}

REFUSED = [
    # function, arguments that it takes, and the values of one of them that it refuses
    (PairedMeasure, {"nodes": LINE, "p": [1, 1], "q": [1, 1]}, {
        "nodes": [[NAN, 1.0], np.zeros((2, 1, 1)), np.zeros((0, 1))],
        "p": [[-1.0, 2.0], [0.0, 0.0], [NAN, 1.0], [1e305, 1.0]],
        "q": [[INF, 1.0], [[1, 1]]],
        "log_densities": [(np.zeros(2), np.array(log)) for log in ([0, 0, 0], [0, -INF], [0, NAN])],
    }),
    (PAIR.norm_p, {}, {"g": [[1.0, NAN], [1.0, 1e200]]}),
    (PAIR.norm_q, {}, {"g": [[1.0, 1.0, 1.0], 1.0]}),
    (PairedMeasure.quadrature, {"law_p": uniform(), "law_q": uniform(), "order": 8}, {
        "law_p": [Broken()],
        "order": [1, 8.0],
        "panels": [0],
        "box": [([1.0], [0.0]), ([0.0, 0.0], [1.0, 1.0]), ([0.0], [INF])],
    }),
    (PairedMeasure.sampled, SAMPLED | {"size": 8}, {"law_p": [Broken(value=INF)], "size": [1, True]}),
    (CURVE.power, {}, {"alpha": [-0.1, [0.1, NAN]]}),
    (CURVE.bound, {"a": 1.0, "sup_norm": 1.0}, {"a": [-1.0, NAN, "much"], "sup_norm": [-1.0, INF]}),
    (CURVE.lower, {"a": 1.0, "sup_norm": 1.0}, {"a": [-1.0], "sup_norm": [NAN]}),
    (CURVE.inverse, {"sup_norm": 1.0}, {"level": [-1.0]}),
    (CURVE.hockey_stick, {}, {"c": [-1.0]}),
    (CURVE.tail, {}, {"c": [NAN]}),
    (ClassificationCurve, {"pair": PAIR}, {"eta": [[0.5, 1.1], [0.5, -0.1], [0.5, NAN], [0.5], [[0.5, 0.5]], 0.5]}),
    (CLASSES.bound, {}, {"a": TINY}),
    (CLASSES.excess, {}, {"prediction": [[0.1, NAN], [0.1]]}),
    (theory.classification_utility_bound, {"curve": CLASSES, "e_s": 0.1, "e_r": 0.1, "excess_real": 0.1},
     {"e_s": TINY, "e_r": TINY, "excess_real": TINY}),
    (theory.MulticlassCurve, {"pair": PAIR}, {"eta": [
        [[0.5, 0.6], [0.5, 0.5]], [[-0.1, 1.1], [0.5, 0.5]], [[0.5, NAN], [0.5, 0.5]], [[1.0], [1.0]], HALF, [[0.5, 0.5]],
    ]}),
    (THREE.bound, {}, {"a": TINY}),
    (THREE.worst, {}, {"a": [*TINY, [0.1, 0.2]]}),
    (THREE.excess, {}, {"prediction": [np.full((2, 3), NAN), np.ones((2, 2)), np.ones((3, 3)), 0.5]}),
    (lowered_roc, {"scores_real": [1.0], "scores_synthetic": [1.0], "thresholds": [1.0]},
     {"thresholds": [[], [NAN]], "scores_real": [[], [NAN]], "scores_synthetic": [[[1.0]]], "delta": [0.0, 1.0, [0.1]]}),
    (ROC.power, {}, {"alpha": [-1.0]}),
    (ROC.floor, {"sup_norm": 1.0}, {"a": [-1.0]}),
    (theory.fidelity_constant, {"pair": PAIR, "d": 1.0}, {"d": [0.0, NAN], "reading": ["median"]}),
    (theory.fidelity_bound, {"a": 1.0, "sup_norm": 1.0, "V": 1.0, "d": 1.0},
     {"a": [-1.0, INF], "sup_norm": [-1.0], "V": [0.0], "d": [-2.0], "form": ["blunt"]}),
    (theory.best_fidelity_bound, {"pair": PAIR, "a": 1.0, "sup_norm": 1.0}, {"a": [-1.0], "sup_norm": [NAN]}),
    (theory.logistic_minimiser, {"weights": HALF, "basis": ONE, "eta": HALF}, {"eta": ETA, "weights": [[0.0, 0.0]]}),
    (theory.logistic_limit, {"pair": PAIR, "basis": ONE, "eta": HALF, "eta_tilde": HALF},
     {"eta": ETA, "eta_tilde": ETA, "risk": ["hinge"]}),
    (theory.low_noise_constant, {"pair": PAIR, "eta": HALF, "gamma": 1.0}, {"eta": [[0.1, 1.2]], "gamma": [-1.0]}),
    (theory.low_noise_bound, {"a": 0.1, "A": 1.0, "gamma": 1.0}, LOW_NOISE),
    (theory.composed_bound, {"curve": CURVE, "a": 0.1, "A": 1.0, "gamma": 1.0}, LOW_NOISE | {"A": [*LOW_NOISE["A"], INF]}),
    (theory.low_noise_exponent, {"d": 1.0, "gamma": 1.0}, {"d": POSITIVE, "gamma": [NAN]}),
    (theory.fidelity_low_noise_bound, {"a": 0.1, "A": 1.0, "gamma": 1.0, "V": 1.0, "d": 2.0},
     LOW_NOISE | {"V": POSITIVE, "d": POSITIVE}),
    (theory.fidelity_low_noise_example, {"A": 1.0, "gamma": 1.0, "V": 1.0, "d": 2.0}, {"x": [0.0, [1.0, INF]]}),
    (theory.projection, {"weights": HALF, "basis": [[1.0, 2.0]], "target": LINE}, {
        "weights": [[0.5, -0.5], [0.0, 0.0], [1.0], [[0.5, 0.5]], [NAN, 1.0]],
        "basis": [[1.0, 2.0], [[1.0, INF]], np.zeros((0, 2))],
        "target": [[0.0, NAN], [0.0]],
    }),
    (theory.misspecification_bound, {"curve": CURVE, "error": 0.1, "sup_norm": 1.0},
     {name: [-1.0, NAN, INF] for name in ("error", "sup_norm", "e_r")}),
    (theory.feature_fault_bound, {"pair": PAIR}, {"sup_norm": [-1.0, NAN, INF]}),
    (theory.fault_split, {"pair": PAIR, "basis": ONE, "mu": LINE, "mu_tilde": LINE},
     {name: [[0.0, NAN], [0.0]] for name in ("mu", "mu_tilde")} | {"basis": [[1.0, 1.0]]}),
    (theory.convex_fault_bound, {"pair": PAIR, "best_p": LINE, "best_q": LINE, "mu": LINE, "mu_tilde": LINE},
     {name: [[0.0, INF], [0.0]] for name in ("best_p", "best_q", "mu", "mu_tilde")}),
    (theory.class_risk_bound, {"pair": PAIR, "basis": ONE, "fit": LINE, "mu": LINE, "mu_tilde": LINE},
     {name: [[0.0, NAN], [0.0]] for name in ("fit", "mu", "mu_tilde")}),
    (theory.class_transfer, {"pair": PAIR}, {"basis": [[1.0, 1.0], [[1.0, NAN]], [[0.0, 0.0]]]}),
    (theory.exchange_rate, {"pair": PAIR}, {"basis": [[0.0, 0.0], [[0.0, 0.0]]]}),
    (theory.utility_bound, {"curve": CURVE, "e_s": 0.1, "e_r": 0.1, "sup_norm": 1.0, "excess_real": 0.1}, ERRORS),
    (theory.prior_utility_bound,
     {"curve": CURVE, "mean_e_s": 0.1, "mean_e_r": 0.1, "sup_norm": 1.0, "mean_excess_real": 0.1}, MEANS),
    (theory.knn_prior_bound, DESIGN | {"noise_variance": 1.0}, {
        "design": [np.zeros((5, 1)), np.zeros((0, 5, 1)), np.full((2, 5, 1), NAN)],
        "nodes": [np.zeros(3), np.zeros((3, 2)), np.full((3, 1), INF)],
        "weights": [[0.5, 0.5], [0.5, 0.5, 0.5], [1.5, -0.5, 0.0], [NAN, 0.5, 0.5]],
        "k": [0, 6, 2.0, True],
        "lipschitz": [-1.0, INF],
        "noise_variance": [-1.0, NAN],
    }),
    (theory.least_squares_variance,
     {"design_basis": np.ones((1, 2, 5)), "basis": np.ones((2, 3)), "weights": THIRD, "noise_variance": 1.0}, {
        "design_basis": [np.zeros((2, 5)), np.full((1, 2, 5), NAN)],
        "basis": [np.zeros(3), np.zeros((3, 3))],
        "weights": [[1.0]],
        "noise_variance": [-1.0],
    }),
    (theory.smoother_risk, {"weights": HALF, "bias": LINE, "squared": LINE, "noise_variance": 1.0}, {
        "weights": [[0.5, 0.6], [[0.5, 0.5]]],
        "bias": [[0.0, NAN], [1e200, 0.0]],
        "squared": [[-1e-9, 0.0], [INF, 0.0]],
        "noise_variance": [-1.0, NAN],
        "squared_synthetic": [-1.0],
        "synthetic_variance": [-1.0, INF],
    }),
    (theory.lipschitz_bias, {"smoother": [HALF], "design": [[0.0], [1.0]], "nodes": [[0.5]], "lipschitz": 1.0}, {
        "smoother": [[[0.5, 0.6]], [[1.0]], HALF, [[NAN, 1.0]]],
        "design": [LINE, np.zeros((0, 1))],
        "nodes": [[[0.5, 0.5]], [0.5]],
        "lipschitz": [-1.0, INF],
    }),
    (theory.worst_bias, {"weights": HALF, "smoother": [[1.0], [1.0]], "kernel": np.eye(3)}, {
        "weights": [[0.5, 0.6]],
        "smoother": [[[1.0, 0.0]], [[1.0, 0.0], [1.0, 0.0]]],
        "kernel": [np.eye(2), np.ones((3, 2)), np.triu(np.ones((3, 3))), np.full((3, 3), NAN)],
    }),
    (theory.gaussian_risk_bound, {"weights": HALF, "bias": LINE, "noise": [[1.0], [1.0]], "delta": 0.1}, {
        "weights": [[0.5, 0.6]],
        "bias": [[LINE], [0.0], [0.0, NAN]],
        "noise": [[[1.0]], LINE],
        "delta": [0.0, 1.5, NAN],
    }),
    (theory.nearest_neighbours, {"design": np.zeros((2, 5)), "responses": np.zeros((2, 5)), "nodes": [0.5], "k": 2}, {
        "design": [np.zeros(5), np.full((2, 5), NAN)],
        "responses": [np.full((2, 5), INF), np.zeros((2, 4))],
        "nodes": [[], [[0.5]], [NAN]],
        "k": [0, 6, 2.0],
        "synthetic": [np.zeros(5), np.full((2, 5), NAN), np.zeros((3, 5))],
    }),
    (theory.nearest_neighbours,
     {"design": np.zeros((2, 5)), "responses": np.zeros((2, 5)), "nodes": [0.5], "k": 2, "synthetic": np.zeros((2, 3))},
     {"k": [4], "k_first": [0, 6]}),
    (theory.reference_rate, {"learner": "forest", "dim": 2}, {"learner": ["oracle"], "smoothness": [0.0]}),
    (theory.reference_rate, {"learner": "knn", "dim": 2}, {"dim": [0], "smoothness": [1.5]}),
    (theory.utility_exponents, {"d": 1.0, "learner": 1.0, "generator": 1.0},
     {"d": [0.0], "learner": [NAN], "generator": [-1.0]}),
    (theory.certified_by_gap, {"gap": 0.1, "bound_1": 0.1, "bound_2": 0.1}, {"gap": [NAN, INF], "bound_1": [-0.1]}),
    (theory.ranking_tolerance, {"curve": CURVE, "approximation_error": 0.1, "sup_norm": 1.0},
     {"approximation_error": [-0.1, 0.0], "sup_norm": [NAN]}),
    (theory.worst_response, {"pair": PAIR, "mu": LINE, "delta": 0.1, "sup_norm": 1.0},
     {"delta": [[-0.1], NAN], "mu": [[0.0], [LINE]]}),
    (theory.worst_response, {"pair": PAIR, "mu": LINE, "delta": 0.0}, {"sup_norm": [0.0]}),
    (theory.flip_intervals, {"curve": CURVE, "basis": ONE, "mu": LINE, "sup_norm": 1.0},
     {"mu": [[LINE]], "sup_norm": [-1.0], "points": [1], "basis": [[1.0, 1.0]]}),
    (theory.direction_flip, {"pair": PAIR, "basis": ONE, "mu": LINE, "direction": LINE}, {"direction": [[0.0]]}),
]  # fmt: skip


@pytest.mark.parametrize(
    ("function", "good", "name", "value"),
    [(function, good, name, value) for function, good, bad in REFUSED for name in bad for value in bad[name]],
    ids=[f"{function.__qualname__}-{name}" for function, _, bad in REFUSED for name in bad for _ in bad[name]],
)
def test_bad_arguments_are_named(function, good, name, value):
    with pytest.raises(ValueError, match=rf"^{name}: expected "):
        function(**good | {name: value})


MESSAGES = [
    ("nodes, p, q: expected", lambda: PairedMeasure(LINE, [1.0], [1.0, 1.0])),
    ("law_p, law_q: expected", lambda: PairedMeasure.quadrature(normal(dim=3), normal(dim=3), 8)),
    ("law_p, law_q: expected", lambda: PairedMeasure.quadrature(normal(dim=2), normal(dim=1), 8)),
    ("law_p, law_q: expected", lambda: PairedMeasure.quadrature(ENDLESS, normal(), 8)),
    ("law_p, law_q: expected", lambda: PairedMeasure.sampled(**SAMPLED | {"law_q": uniform(dim=2), "size": 8})),
    ("law_p, law_q: expected",
     lambda: PairedMeasure.sampled(**SAMPLED | {"law_p": Broken(value=-INF), "law_q": uniform(5.0, 6.0), "size": 8})),
    ("a, sup_norm: expected", lambda: CURVE.bound(np.ones(2), np.ones(3))),
    ("level, sup_norm: expected", lambda: CURVE.inverse(np.ones(2), np.ones(3))),
    ("a, sup_norm, V, d: expected", lambda: theory.fidelity_bound(np.ones(2), np.ones(3), 1.0, 1.0)),
    ("a, A", lambda: theory.low_noise_bound(np.ones(2), np.ones(3), 1.0)),
    (r"excess_real.*\[0, 1\]", lambda: theory.classification_utility_bound(CLASSES, 0.1, 0.1, 1.5)),
    ("error.*e_r", lambda: theory.misspecification_bound(CURVE, np.ones(2), 1.0, np.ones(3))),
    ("mu.*mu_tilde", lambda: theory.misspecification_limit(PAIR, ONE, np.ones((2, 2)), np.ones((3, 2)))),
    ("e_s.*e_r", lambda: theory.utility_bound(CURVE, np.ones(2), np.ones(3), 1.0, 0.0)),
    (".*excess_real", lambda: theory.utility_bound(CURVE, np.ones(2), 0.1, 1.0, np.ones(3))),
    (".*sup_norm", lambda: theory.utility_bound(CURVE, np.ones(2), 0.1, np.ones(3), 0.0)),
    ("sup_norms.*two", lambda: theory.utility_bound(CURVE, 0.1, 0.1, 1.0, 0.0, sup_norms=(1.0, 1.0, 1.0))),
    (".*sup_norm", lambda: theory.utility_bound(CURVE, 0.1, 0.1, 1.0, 0.0, sup_norms=(1.0, -1.0))),
    (".*gap, bound_1, bound_2", lambda: theory.certified_by_gap([0.1, 0.2], [0.1, 0.2, 0.3], 0.1)),
    (r"delta.*\[0, 1\]", lambda: theory.worst_response(PAIR, LINE, 1.1, 1.0)),
]  # fmt: skip


@pytest.mark.parametrize(("match", "call"), MESSAGES)
def test_arguments_that_do_not_fit_together_are_named(match, call):
    with pytest.raises(ValueError, match=f"^{match}"):
        call()
