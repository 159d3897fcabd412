"""Least squares in a linear class: measured risks beside those that the features predict (theory/README.md 4.10, 4.11)."""

from dataclasses import dataclass

import numpy as np

from experiments.config.registry import ConfigError, component
from experiments.learners.base import Array
from experiments.measurements.base import Cell, Columns, constant
from experiments.measurements.simulated import SimulatedMeasurement, squared_risks_on_test
from experiments.world import World, draw, fit_both
from theory.faults import class_risk_bound, class_transfer, exchange_rate
from theory.fidelity import total_variation
from theory.rates import least_squares_variance


@component("measurement", "least_squares")
@dataclass(frozen=True)
class LeastSquares(SimulatedMeasurement):
    """Excess risks of least squares after real and after synthetic training, and what the two designs predict for them.

    `excess_real`, `excess_synthetic` and `bound_class` (4.10) come from one set of nodes, the risks on test from an
    independent real test sample. `predicted_real`, `predicted_synthetic` are the means of the excess risks given the
    features (7.2), exact for a right class and exact responses. `exchange_rate` is the limit of their ratio at m = n (4.11).
    """

    def check(self, cell: Cell) -> None:
        """Require a linear class."""
        super().check(cell)
        if cell.parts["learner"].basis(np.full((1, cell.parts["task"].dim), 0.5)) is None:
            raise ConfigError(f"learner: {type(cell.parts['learner']).__name__} is not least squares in a linear class")

    def rows_of_chunk(self, cell: Cell, world: World) -> Columns:
        """Return one row per replicate: risks and predictions."""
        data = draw(cell, world)
        real, synthetic = fit_both(cell, data)
        pair, nodes = world.pair, world.pair.nodes
        basis, mu = cell.parts["learner"].basis(nodes), world.task.mu(nodes)
        fit = synthetic(nodes)
        columns: Columns = {
            "replicate": np.array(cell.indices),
            "excess_real": pair.norm_p(real(nodes) - mu) ** 2,
            "excess_synthetic": pair.norm_p(fit - mu) ** 2,
            "bound_class": class_risk_bound(pair, basis, fit, mu, np.asarray(data.mu_tilde(nodes))),
            "sup_norm": np.abs(fit - mu).max(axis=1),
        }
        columns |= squared_risks_on_test(cell, world, self.test_size, real, synthetic)
        noise = world.task.noise_variance
        for name, x, variance in (
            ("real", data.x_real, noise),
            ("synthetic", data.x_synthetic, noise * cell.parts["generator"].noise_ratio ** 2),
        ):
            columns[f"predicted_{name}"] = least_squares_variance(_design(cell, x), basis, pair.p, variance)
        of_laws = {
            "total_variation": total_variation(pair),
            "class_transfer": class_transfer(pair, basis),
            "exchange_rate": exchange_rate(pair, basis),
        }
        return columns | {name: constant(value, cell.replicates) for name, value in of_laws.items()}


def _design(cell: Cell, x: Array) -> Array:
    """The functions of the class `(R, s, n)` at features `(R, n, p)`."""
    at = cell.parts["learner"].basis(x.reshape(-1, x.shape[-1]))
    return np.asarray(np.moveaxis(at.reshape(len(at), *x.shape[:2]), 0, 1))
