"""A simulated world: everything the theory speaks of is known, so utility and bounds are measured side by side."""

from dataclasses import dataclass

import numpy as np

from experiments.config.registry import component
from experiments.laws.fidelity_levels import critical_exponent
from experiments.learners.base import Array, Predictor
from experiments.measurements.base import Cell, Columns, constant
from experiments.measurements.theory_columns import predictions
from experiments.measurements.worldly import Worldly
from experiments.world import Data, World, draw, fit_both, real_test
from theory.divergences import total_variation
from theory.fidelity import best_fidelity_bound
from theory.regression import utility_bound
from theory.transfer import TransferCurve


@component("measurement", "simulated")
@dataclass(frozen=True)
class Simulated(Worldly):
    """Squared loss in a simulated world; for binary tasks the squared error of the estimated probability.

    Risks, e_s, e_r, sup norms and bounds come from one set of nodes (theory/README.md, section 9); `gap_test`,
    `utility_test` and the risks on test come from an independent noisy real test sample, a fresh one for each replicate.
    """

    def rows_of_chunk(self, cell: Cell, world: World) -> Columns:
        """Return one row per replicate: risks, utility, errors, bounds and predictions."""
        data = draw(cell, world)
        real, synthetic = fit_both(cell, data)
        columns: Columns = {"replicate": np.array(cell.indices)}
        columns |= errors_and_bounds(world, data, real, synthetic)
        columns |= risks_on_test(*squared_losses(cell, world, self.test_size, real, synthetic))
        columns |= {name: constant(value, cell.replicates) for name, value in _of_pair(cell, world).items()}
        return columns | predictions(cell, world, data)


def squared_losses(
    cell: Cell, world: World, size: int, real: Predictor, synthetic: Predictor
) -> tuple[Array, Array]:
    """Return the squared losses (R, size) of the real and of the synthetic fit on the test sample."""
    x, y = real_test(cell, world, size)
    return (y - real(x)) ** 2, (y - synthetic(x)) ** 2


def risks_on_test(loss_real: Array, loss_synthetic: Array) -> Columns:
    """Return risks on the test sample, their gap and its size, from losses (R, size)."""
    gap = (loss_synthetic - loss_real).mean(axis=1)
    return {
        "risk_real_test": loss_real.mean(axis=1),
        "risk_synthetic_test": loss_synthetic.mean(axis=1),
        "gap_test": gap,
        "utility_test": np.abs(gap),
    }


def errors_and_bounds(world: World, data: Data, real: Predictor, synthetic: Predictor) -> Columns:
    """Utility, errors and per-replicate bounds, all from the nodes."""
    pair, nodes = world.pair, world.pair.nodes
    mu, tilde = world.task.mu(nodes), np.asarray(data.mu_tilde(nodes))
    f_hat, f_tilde = real(nodes), synthetic(nodes)
    excess_real, excess_synthetic = pair.norm_p(f_hat - mu) ** 2, pair.norm_p(f_tilde - mu) ** 2
    excess_response = pair.norm_p(tilde - mu) ** 2
    gap = excess_synthetic - excess_real
    measured = {
        "excess_real": excess_real,
        "excess_synthetic": excess_synthetic,
        "excess_response": excess_response,
        "gap": gap,
        "utility": np.abs(gap),
        "off_floor": np.abs(excess_synthetic - excess_response),
        "e_s": pair.norm_q(f_tilde - tilde),
        "e_r": pair.norm_q(tilde - mu),
    }
    sup_norms = [np.abs(g).max(axis=1) for g in (f_tilde - mu, f_tilde - tilde, tilde - mu)]
    return measured | _bounds(world, measured, *sup_norms)


def _bounds(world: World, measured: Columns, sup: Array, sup_s: Array, sup_r: Array) -> Columns:
    """Bounds of each replicate's utility, and of the excess risk of its responses."""
    curve = TransferCurve(world.pair)
    e_s, e_r, real = measured["e_s"], measured["e_r"], measured["excess_real"]
    fidelity = best_fidelity_bound(world.pair, (e_s + e_r) ** 2, sup)[0]
    forms = {
        f"bound_{name}": utility_bound(curve, e_s, e_r, sup, real, two_sided=two, sup_norms=(sup_s, sup_r))
        for name, two in (("sharp", False), ("two_sided", True))
    }
    return forms | {
        "bound_fidelity": np.maximum(fidelity, real),
        "bound_untransferred": np.maximum((e_s + e_r) ** 2, real),
        "bound_response": curve.bound(e_r**2, sup_r),
        "sup_norm": sup,
        "sup_response": sup_r,
    }


def _of_pair(cell: Cell, world: World) -> dict[str, float]:
    """What the laws alone decide."""
    on_the_line = world.task.dim == 1
    return {
        "total_variation": total_variation(world.pair),
        "uncovered": TransferCurve(world.pair).uncovered,
        "d": critical_exponent(cell.parts["real_law"], cell.parts["synthetic_law"]) if on_the_line else np.nan,
    }
