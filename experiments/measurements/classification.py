"""A simulated world with two classes, 0-1 loss: utility of plug-in classifiers and its bounds under low noise.

The bounds are those of theory/README.md 5.2 (knapsack), 5.4 (closed form), 5.5 (composition) and 5.6 (fidelity level).
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from experiments.config.registry import ConfigError, component
from experiments.learners.base import Array, Learner, Predictor
from experiments.measurements.base import Cell, Columns, constant
from experiments.measurements.simulated import SimulatedMeasurement, of_laws, risks_on_test
from experiments.measurements.utility import signed_gap, utility
from experiments.responses.designed import Flips
from experiments.tasks.base import ClassTask
from experiments.world import Data, World, draw, fit_both, real_sample
from theory.classification import ClassificationCurve, classification_utility_bound
from theory.fidelity import fidelity_constant
from theory.low_noise import (
    composed_bound,
    fidelity_low_noise_bound,
    low_noise_bound,
    low_noise_constant,
    low_noise_exponent,
)
from theory.measures import PairedMeasure
from theory.ranking import label_flip_interval
from theory.transfer import TransferCurve


@component("measurement", "classification")
@dataclass(frozen=True)
class Classification(SimulatedMeasurement):
    """0-1 loss of 1{f >= 1/2} in a simulated world with two classes.

    Excess risks, e_s, e_r and bounds come from one set of nodes; `utility_test` and the risks on test from an independent
    real test sample, a fresh one for each replicate. `squared_utility` is the utility in squared error of the probability.
    """

    def check(self, cell: Cell) -> None:
        """Require a binary task."""
        if not cell.parts["task"].binary:
            raise ConfigError(f"task: {type(cell.parts['task']).__name__} has no classes, use measurement=simulated")
        super().check(cell)

    def rows_of_chunk(self, cell: Cell, world: World) -> Columns:
        """Return one row per replicate: risks, utility, errors and bounds."""
        data = draw(cell, world)
        real, synthetic = fit_both(cell, data)
        columns: Columns = {"replicate": np.array(cell.indices)}
        columns |= _on_nodes(cell, world, data, real, synthetic)
        x, y = real_sample(cell, world, self.test_size, "test")
        columns |= risks_on_test(*(((f(x) >= 0.5) != y).astype(float) for f in (real, synthetic)))
        known = _of_laws_and_task(cell, world) | _label_flips(cell, world)
        return columns | {name: constant(value, cell.replicates) for name, value in known.items()}


def _on_nodes(cell: Cell, world: World, data: Data, real: Predictor, synthetic: Predictor) -> Columns:
    """Utility, errors and per-replicate bounds, all from the nodes; the scale of the bounds is `sup_norm` = 1."""
    pair, nodes = world.pair, world.pair.nodes
    eta, tilde = world.task.mu(nodes), np.asarray(data.mu_tilde(nodes))
    curve = ClassificationCurve(pair, eta)
    f_hat, f_tilde = (np.clip(f(nodes), 0.0, 1.0) for f in (real, synthetic))
    excess_real, excess_synthetic = curve.excess(f_hat), curve.excess(f_tilde)
    e_s, e_r = pair.norm_q(f_tilde - tilde), pair.norm_q(tilde - eta)
    gap = signed_gap(excess_synthetic, excess_real)
    squared = signed_gap(pair.norm_p(f_tilde - eta) ** 2, pair.norm_p(f_hat - eta) ** 2)
    measured = {
        "excess_real": excess_real,
        "excess_synthetic": excess_synthetic,
        "gap": gap,
        "utility": utility(gap),
        "squared_utility": utility(squared),
        "e_s": e_s,
        "e_r": e_r,
        "error": (e_s + e_r) ** 2,
        "sup_norm": np.ones(len(gap)),
        "bound_knapsack": classification_utility_bound(curve, e_s, e_r, excess_real),
        "bound_untransferred": _two_sided(_on_real_features(pair, eta).bound((e_s + e_r) ** 2), excess_real),
    }
    return measured | _closed_forms(cell, world, measured)


def _two_sided(largest: Array, real: Array) -> Array:
    """The bound of the utility from the largest excess risk after synthetic training (theory/README.md 5.2)."""
    return np.maximum(largest - real, real)


def _on_real_features(pair: PairedMeasure, eta: Array) -> ClassificationCurve:
    """The knapsack as if the error had been measured on real features: wrong where Q != P."""
    seen = pair.p > 0
    return ClassificationCurve(PairedMeasure(pair.nodes[seen], pair.p[seen], pair.p[seen]), eta[seen])


def _closed_forms(cell: Cell, world: World, measured: Columns) -> Columns:
    """Closed forms with the nodes' own constants, transferred by the curve, composed with it, by the fidelity level, or not."""
    pair, gamma, d = world.pair, _gamma(world), of_laws(cell, world)["d"]
    curve = TransferCurve(pair)
    constant_a = low_noise_constant(pair, world.task.mu(pair.nodes), gamma)
    error, real = measured["error"], measured["excess_real"]
    on_real = curve.bound(error, 0.5)  # an error of 1/2 flips any label, so larger ones may be cut to that
    fidelity = fidelity_low_noise_bound(error, constant_a, gamma, fidelity_constant(pair, d), d) if d > 0 else np.nan * error
    largest = {
        "bound_closed": low_noise_bound(on_real, constant_a, gamma),
        "bound_composed": composed_bound(curve, error, constant_a, gamma),
        "bound_fidelity": fidelity,
        "bound_closed_untransferred": low_noise_bound(error, constant_a, gamma),
    }
    return {name: _two_sided(bound, real) for name, bound in largest.items()}


def _of_laws_and_task(cell: Cell, world: World) -> dict[str, float]:
    """What the laws and the task alone decide: total variation, d, gamma, and the exponents of the bound."""
    gamma, known = _gamma(world), of_laws(cell, world)
    return known | {
        "gamma": gamma,
        "exponent": low_noise_exponent(known["d"], gamma) if known["d"] > 0 else np.nan,
        "exponent_doubled": 1 + gamma if np.isfinite(gamma) else np.nan,
    }


def _gamma(world: World) -> float:
    assert isinstance(world.task, ClassTask)  # ensured by `check`
    return world.task.low_noise[0]


def _label_flips(cell: Cell, world: World) -> dict[str, float]:
    """Share of synthetic labels that are wrong; for logistic regression the shares at which wrong zeros undo its order (6.8).

    `flip` and `flip_end` against a consistent rival, `flip_nearest` and `flip_nearest_end` against one neighbour.
    """
    responses, learner, pair = cell.parts["responses"], cell.parts["learner"], world.pair
    if not isinstance(responses, Flips):
        return {}
    zeros = float(pair.q @ (1 - world.task.mu(pair.nodes)))
    one = responses.zero if responses.one is None else responses.one
    known = {"wrong_labels": responses.zero * zeros + one * (1 - zeros)}
    if learner.logits(pair.nodes) is not None:
        for rival, name in (("consistent", "flip"), ("nearest", "flip_nearest")):
            start, end = _interval(pair, world.task, learner, rival)
            known |= {name: start * zeros, f"{name}_end": end * zeros}
    return known


@lru_cache(maxsize=16)  # cells of one world differ in the rate and in n
def _interval(pair: PairedMeasure, task: ClassTask, learner: Learner, rival: str) -> tuple[float, float]:
    logits = learner.logits(pair.nodes)
    assert logits is not None
    return label_flip_interval(pair, logits, task.mu(pair.nodes), rival)
