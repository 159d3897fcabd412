"""Excess risk of linear smoothers trained on synthetic data, beside its exact mean given the features."""

from dataclasses import dataclass
from typing import Annotated

import numpy as np

from experiments.config.registry import component, whole
from experiments.learners.base import Array, Learner
from experiments.learners.knn import KNearestNeighbours
from experiments.measurements.a_priori_bounds import first_stage
from experiments.measurements.base import Cell, Columns, constant
from experiments.measurements.simulated import SimulatedMeasurement, of_laws
from experiments.rng import streams
from experiments.tasks.base import RegressionTask
from experiments.world import Data, World, draw
from theory.smoothers import nearest_neighbours, smoother_risk

PREDICTED = ("predicted", "predicted_unaveraged", "predicted_under_q")


@component("measurement", "expected_error")
@dataclass(frozen=True)
class ExpectedError(SimulatedMeasurement):
    """`excess_synthetic`, Phi(f~) on the nodes, and its mean given all features, `predicted` (theory/README.md 7.4).

    Controls: `predicted_unaveraged` has ||v(x)||^2, the first stage's own weights at the query, in place of ||omega(x)||^2,
    as if the second stage averaged no noise away; `predicted_under_q` integrates under Q. `nan` for learners or first stages
    without `weights`, and where the noise differs from point to point. There is no test sample.
    """

    test_size: Annotated[int, whole(0)] = 0

    def rows_of_chunk(self, cell: Cell, world: World) -> Columns:
        """Return one row per replicate."""
        data, nodes = draw(cell, world), world.pair.nodes
        rngs = streams(cell.seed, "learner/synthetic", cell.indices)
        fit = cell.parts["learner"].fit(data.x_synthetic, data.y_synthetic, rngs)
        columns: Columns = {
            "replicate": np.array(cell.indices),
            "excess_synthetic": world.pair.norm_p(fit(nodes) - world.task.mu(nodes)) ** 2,
        }
        columns |= {name: constant(value, cell.replicates) for name, value in of_laws(cell, world).items()}
        return columns | _predicted(cell, world, data)


def _predicted(cell: Cell, world: World, data: Data) -> Columns:
    task, pair, learner = world.task, world.pair, cell.parts["learner"]
    known, first = first_stage(cell)
    few = pair.nodes[:1]
    linear = [stage.weights(x[0], few) is not None for stage, x in _stages(learner, first, data)]
    if not (known and all(linear) and isinstance(task, RegressionTask)):
        return {name: constant(np.nan, cell.replicates) for name in PREDICTED}
    responses = data.mu_tilde if first is None else first.fit(data.x_real, task.mu(data.x_real), [])
    bias = learner.fit(data.x_synthetic, responses(data.x_synthetic), [])(pair.nodes) - task.mu(pair.nodes)
    squared, unaveraged, last = _squared_weights(cell, world, data, first)
    of_real, of_generator = task.noise_variance, task.noise_variance * cell.parts["generator"].noise_ratio ** 2
    forms = ((pair.p, squared), (pair.p, unaveraged), (pair.q, squared))
    return {
        name: smoother_risk(weights, bias, each, of_real, last, of_generator) for name, (weights, each) in zip(PREDICTED, forms)
    }


def _stages(learner: Learner, first: Learner | None, data: Data) -> list[tuple[Learner, Array]]:
    return [(learner, data.x_synthetic)] + ([] if first is None else [(first, data.x_real)])


def _squared_weights(cell: Cell, world: World, data: Data, first: Learner | None) -> Array:
    """Squared norms of omega(x), v(x) and w(x) at the nodes, shape (3, R, N); of the first two 0 for a fixed function."""
    learner, nodes = cell.parts["learner"], world.pair.nodes
    if isinstance(learner, KNearestNeighbours) and isinstance(first, KNearestNeighbours) and world.task.dim == 1:
        k_first, k = first.neighbours(cell.n, 1), learner.neighbours(cell.m, 1)
        x, synthetic = data.x_real[..., 0], data.x_synthetic[..., 0]
        squared = nearest_neighbours(x, np.zeros_like(x), nodes[:, 0], k, synthetic, k_first).squared
        return np.stack([squared, np.full_like(squared, 1 / k_first), np.full_like(squared, 1 / k)])
    found = np.zeros((3, cell.replicates, len(nodes)))
    for i, (x, synthetic) in enumerate(zip(data.x_real, data.x_synthetic)):
        w = learner.weights(synthetic, nodes)
        parts = [w] if first is None else [w @ first.weights(x, synthetic), first.weights(x, nodes), w]
        found[3 - len(parts) :, i] = [np.vecdot(each, each) for each in parts]
    return found
