"""Excess risk of linear smoothers trained on synthetic data, beside its exact mean given the features."""

from dataclasses import dataclass
from typing import Annotated

import numpy as np

from experiments.config.registry import Count, component, whole
from experiments.learners.base import Array, Learner
from experiments.learners.kernel_ridge import KernelRidge
from experiments.learners.knn import KNearestNeighbours
from experiments.measurements.a_priori_bounds import first_stage
from experiments.measurements.base import Cell, Columns, constant
from experiments.measurements.simulated import SimulatedMeasurement, of_laws
from experiments.rng import streams
from experiments.tasks.base import RegressionTask
from experiments.world import World, features, respond
from theory.smoothers import gaussian_risk_bound, lipschitz_bias, nearest_neighbours, smoother_risk, worst_bias

PREDICTED = ("predicted", "predicted_unaveraged", "predicted_under_q")
LIPSCHITZ = ("predicted_lipschitz", "sup_norm")
BOUNDS = ("bound_rkhs", "noise_only", "bound_gaussian")
DELTA = 0.05


@component("measurement", "expected_error")
@dataclass(frozen=True)
class ExpectedError(SimulatedMeasurement):
    """`excess_synthetic`, Phi(f~) on the nodes, and its mean given all features, `predicted` (theory/README.md 7.4).

    Controls: `predicted_unaveraged` has ||v(x)||^2, the first stage's own weights at the query, in place of ||omega(x)||^2,
    as if the second stage averaged no noise away; `predicted_under_q` integrates under Q. `predicted_lipschitz` is the bound
    that knows of mu its Lipschitz constant alone (7.5), `sup_norm` its largest bias. `nan` for learners or first stages
    without `weights`, and where the noise differs from point to point. The features of a replicate are kept and all noise is
    drawn `noises` times: `excess_synthetic` is the mean. There is no test sample.

    For kernel ridge on a line: `bound_rkhs`, the worst mean over the ball of its RKHS that holds mu (7.6), `noise_only` without
    any bias, and the shares of draws beyond the bound of 7.8 at `delta` = 0.05, `exceeded`, and beyond their mean.
    """

    test_size: Annotated[int, whole(0)] = 0
    noises: Count = 20

    def rows_of_chunk(self, cell: Cell, world: World) -> Columns:
        """Return one row per replicate."""
        columns: Columns = {"replicate": np.array(cell.indices)}
        columns |= {name: constant(value, cell.replicates) for name, value in of_laws(cell, world).items()}
        x, synthetic = (
            features(law, size, streams(cell.seed, f"{role}/features", cell.indices))
            for law, size, role in ((world.law_p, cell.n, "real"), (world.law_q, cell.m, "synthetic"))
        )
        measured = self._measured(cell, world, x, synthetic)
        columns["excess_synthetic"] = measured.mean(axis=0)
        columns |= _predicted(cell, world, x, synthetic)
        columns["delta"] = constant(DELTA, cell.replicates)
        for name, bound in (("exceeded", "bound_gaussian"), ("exceeded_mean", "predicted")):
            columns[name] = np.where(np.isnan(columns["bound_gaussian"]), np.nan, (measured > columns[bound]).mean(axis=0))
        return columns

    def _measured(self, cell: Cell, world: World, x: Array, synthetic: Array) -> Array:
        """Phi(f~) of every draw of noise (noises, R), as `experiments.world.draw` and `fit_both` make them."""
        nodes, task, noise_ratio = world.pair.nodes, world.task, cell.parts["generator"].noise_ratio
        roles = ("real/noise", "responses", "synthetic/noise", "learner/synthetic")
        real, stage, generated, last = (streams(cell.seed, role, cell.indices) for role in roles)
        found = np.empty((self.noises, cell.replicates))
        for row in found:
            mu_tilde = cell.parts["responses"].fit(world, x, respond(task, task.mu(x), real), stage)
            y = respond(task, mu_tilde(synthetic), generated, noise_ratio)
            fit = cell.parts["learner"].fit(synthetic, y, last)
            row[:] = world.pair.norm_p(fit(nodes) - task.mu(nodes)) ** 2
        return found


def _predicted(cell: Cell, world: World, x: Array, synthetic: Array) -> Columns:
    task, pair, learner = world.task, world.pair, cell.parts["learner"]
    known, first = first_stage(cell)
    linear = all(s.weights(x[0], pair.nodes[:1]) is not None for s in (learner, first) if s is not None)
    if not (known and linear and isinstance(task, RegressionTask)):
        return {name: constant(np.nan, cell.replicates) for name in (*PREDICTED, *LIPSCHITZ, *BOUNDS)}
    responses = cell.parts["responses"].fit(world, x, task.mu(x), [])
    bias = learner.fit(synthetic, responses(synthetic), [])(pair.nodes) - task.mu(pair.nodes)
    (squared, unaveraged, last), largest = _weights(cell, world, x, synthetic, first)
    of_real, of_generator = task.noise_variance, task.noise_variance * cell.parts["generator"].noise_ratio ** 2
    forms = ((pair.p, squared), (pair.p, unaveraged), (pair.q, squared))
    found = {
        name: smoother_risk(weights, bias, each, of_real, last, of_generator) for name, (weights, each) in zip(PREDICTED, forms)
    }
    bounded = smoother_risk(pair.p, task.lipschitz * largest, squared, of_real, last, of_generator)
    found |= dict(zip(LIPSCHITZ, (bounded, task.lipschitz * largest.max(axis=1))))
    if not (isinstance(learner, KernelRidge) and first is not None and task.dim == 1):
        return found | {name: constant(np.nan, cell.replicates) for name in BOUNDS}
    noise_only = smoother_risk(pair.p, 0 * bias, squared, of_real, last, of_generator)
    bounds = np.array([_kernel_bounds(cell, world, *each, first) for each in zip(x, synthetic, bias)])
    return found | dict(zip(BOUNDS, (bounds[:, 0] + noise_only, noise_only, bounds[:, 1])))


def _kernel_bounds(cell: Cell, world: World, x: Array, synthetic: Array, bias: Array, first: Learner) -> tuple[float, float]:
    """Worst integrated squared bias of kernel ridge over the ball of its RKHS that holds mu (7.6); the bound of 7.8."""
    learner, task, pair = cell.parts["learner"], world.task, world.pair
    w = learner.weights(synthetic, pair.nodes)
    omega, points = w @ first.weights(x, synthetic), np.concatenate([pair.nodes, x])[:, 0]
    kernel = np.exp(-np.abs(points[:, None] - points) / learner.scale)
    # On a line the kernel is that of a Markov process: the squared norm of the least function through the values of mu
    # is a sum over neighbouring points.
    place = np.unique(points)
    values, ratio = task.mu(place[:, None]), np.exp(-np.diff(place) / learner.scale)
    ball = values[0] ** 2 + np.sum((values[1:] - ratio * values[:-1]) ** 2 / -np.expm1(-2 * np.diff(place) / learner.scale))
    noise = np.sqrt(task.noise_variance) * np.hstack([omega, cell.parts["generator"].noise_ratio * w])
    return ball * worst_bias(pair.p, omega, kernel).value, gaussian_risk_bound(pair.p, bias, noise, DELTA)


def _weights(cell: Cell, world: World, real: Array, synthetic: Array, first: Learner | None) -> tuple[Array, Array]:
    """Squared norms of omega(x), v(x) and w(x) at the nodes, shape (3, R, N); of the first two 0 for a fixed function.

    And the largest bias of a function of Lipschitz constant 1, (R, N).
    """
    learner, nodes = cell.parts["learner"], world.pair.nodes
    if isinstance(learner, KNearestNeighbours) and isinstance(first, KNearestNeighbours) and world.task.dim == 1:
        k_first, k = first.neighbours(cell.n, 1), learner.neighbours(cell.m, 1)
        x = real[..., 0]
        both = nearest_neighbours(x, np.zeros_like(x), nodes[:, 0], k, synthetic[..., 0], k_first)
        each = (np.full_like(both.squared, 1 / k) for k in (k_first, k))
        return np.stack([both.squared, *each]), both.distance
    found, largest = np.zeros((3, cell.replicates, len(nodes))), np.empty((cell.replicates, len(nodes)))
    for i, (x, own) in enumerate(zip(real, synthetic)):
        w = learner.weights(own, nodes)
        parts = [w] if first is None else [w @ first.weights(x, own), first.weights(x, nodes), w]
        found[3 - len(parts) :, i] = [np.vecdot(each, each) for each in parts]
        largest[i] = lipschitz_bias(parts[0], own if first is None else x, nodes, 1.0)
    return found, largest
