"""A simulated world: everything the theory speaks of is known, so utility and bounds are measured side by side."""

from abc import abstractmethod
from dataclasses import dataclass
from typing import Annotated, ClassVar

import numpy as np

from experiments.config.registry import Range, component, whole
from experiments.laws.fidelity_levels import critical_exponent
from experiments.learners.base import Array, Predictor
from experiments.measurements.a_priori_bounds import drawn_error
from experiments.measurements.base import Cell, Columns, Measurement, constant, stacked
from experiments.measurements.theory_columns import predictions
from experiments.measurements.utility import signed_gap, utility
from experiments.world import Data, World, check_world, draw, fit_both, real_sample
from theory.fidelity import best_fidelity_bound, total_variation
from theory.regression import utility_bound
from theory.transfer import TransferCurve

CHUNK = 12_000_000
"""Numbers that one array over replicates may hold: bounds the memory of a cell, however many its replicates."""


@dataclass(frozen=True)
class SimulatedMeasurement(Measurement):
    """Base of the measurements of simulated worlds, on `nodes` nodes and an independent real test sample of `test_size` rows.

    Up to dimension `quadrature` the nodes are those of a quadrature, which takes as many as the laws and the rule need;
    above it they are one sample of exactly `nodes` points (slow learners want that for p = 2 too).
    """

    nodes: Annotated[int, whole(50)] = 2000
    test_size: Annotated[int, whole(2)] = 4000
    quadrature: Annotated[int, Range("0, 1 or 2", lambda value: 0 <= value <= 2)] = 2

    axes: ClassVar[tuple[str, ...]] = (
        "task", "real_law", "synthetic_law", "generator", "responses", "learner", "n", "ratio",
    )  # fmt: skip

    def check(self, cell: Cell) -> None:
        """Require components that fit together, and laws supported where the task's constants hold."""
        check_world(cell)

    def rows(self, cell: Cell) -> Columns:
        """Return one row per replicate, computed in chunks of replicates whose size follows from n, m and the nodes."""
        world = World.of(cell, self.nodes, self.quadrature)
        numbers = (cell.n + cell.m + self.test_size) * (world.task.dim + 1) + world.pair.size
        return stacked(self.rows_of_chunk(chunk, world) for chunk in cell.chunks(max(1, CHUNK // numbers)))

    @abstractmethod
    def rows_of_chunk(self, cell: Cell, world: World) -> Columns:
        """Return one row per replicate of a cell that fits into memory."""


@component("measurement", "simulated")
@dataclass(frozen=True)
class Simulated(SimulatedMeasurement):
    """Squared loss in a simulated world; for binary tasks the squared error of the estimated probability.

    Risks, e_s, e_r, sup norms and bounds come from one set of nodes (theory/README.md, section 9); `gap_test`,
    `utility_test` and the risks on test come from an independent noisy real test sample, a fresh one for each replicate.
    With `drawn`, the column `drawn_synthetic` estimates the mean of Phi(f~) of linear smoothers from features and fresh noise.
    """

    drawn: bool = False

    def rows_of_chunk(self, cell: Cell, world: World) -> Columns:
        """Return one row per replicate: risks, utility, errors, bounds and predictions."""
        data = draw(cell, world)
        real, synthetic = fit_both(cell, data)
        columns: Columns = {"replicate": np.array(cell.indices)}
        columns |= errors_and_bounds(world, data, real, synthetic)
        columns |= squared_risks_on_test(cell, world, self.test_size, real, synthetic)
        columns |= {name: constant(value, cell.replicates) for name, value in of_laws(cell, world).items()}
        drawn = {"drawn_synthetic": drawn_error(cell, world, data)} if self.drawn else {}
        return columns | predictions(cell, world, data) | drawn


def squared_risks_on_test(cell: Cell, world: World, size: int, real: Predictor, synthetic: Predictor) -> Columns:
    """Return squared risks, signed gap and utility on the test sample, and `bias_test`, the mean of f~ - y.

    Were f~ shifted by c, the gap on test would be larger by 2 c `bias_test` + c^2; on the nodes by 2 c `bias` + c^2.
    """
    x, y = real_sample(cell, world, size, "test")
    residual = synthetic(x) - y
    return risks_on_test((y - real(x)) ** 2, residual**2) | {"bias_test": residual.mean(axis=1)}


def risks_on_test(loss_real: Array, loss_synthetic: Array) -> Columns:
    """Return risks, signed gap and utility on the test sample, from losses (R, size)."""
    gap = signed_gap(loss_synthetic, loss_real).mean(axis=1)
    return {
        "risk_real_test": loss_real.mean(axis=1),
        "risk_synthetic_test": loss_synthetic.mean(axis=1),
        "gap_test": gap,
        "utility_test": utility(gap),
    }


def errors_and_bounds(world: World, data: Data, real: Predictor, synthetic: Predictor) -> Columns:
    """Return utility, errors and the bounds of each replicate, all from the nodes."""
    pair, nodes = world.pair, world.pair.nodes
    mu, tilde = world.task.mu(nodes), np.asarray(data.mu_tilde(nodes))
    f_hat, f_tilde = real(nodes), synthetic(nodes)
    excess_real, excess_synthetic = pair.norm_p(f_hat - mu) ** 2, pair.norm_p(f_tilde - mu) ** 2
    excess_response = pair.norm_p(tilde - mu) ** 2
    gap = signed_gap(excess_synthetic, excess_real)
    measured = {
        "excess_real": excess_real,
        "excess_synthetic": excess_synthetic,
        "excess_response": excess_response,
        "gap": gap,
        "utility": utility(gap),
        "bias": (f_tilde - mu) @ pair.p,
        "off_responses": pair.norm_p(f_tilde - tilde) ** 2,
        "e_s": pair.norm_q(f_tilde - tilde),
        "e_r": pair.norm_q(tilde - mu),
    }
    sup_norms = [np.abs(g).max(axis=1) for g in (f_tilde - mu, f_tilde - tilde, tilde - mu)]
    return measured | _bounds(world, measured, *sup_norms)


def _bounds(world: World, measured: Columns, sup: Array, sup_s: Array, sup_r: Array) -> Columns:
    """Bounds of each replicate's utility (theory/README.md 3.1 to 3.3, 2.4), and of the excess risk of its responses."""
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


def of_laws(cell: Cell, world: World) -> dict[str, float]:
    """Return what the laws alone decide."""
    on_the_line = world.task.dim == 1
    return {
        "total_variation": total_variation(world.pair),
        "uncovered": TransferCurve(world.pair).uncovered,
        "d": critical_exponent(cell.parts["real_law"], cell.parts["synthetic_law"]) if on_the_line else np.nan,
    }
