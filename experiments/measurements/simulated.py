"""A simulated world: everything the theory speaks of is known, so utility and bounds are measured side by side."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from experiments.laws.base import Law
from experiments.learners.base import Array, Learner, Predictor
from experiments.measurements.base import Cell, Columns, Measurement, constant
from experiments.priors import prior_utility
from experiments.registry import ConfigError, component, require
from experiments.streams import streams
from experiments.tasks.base import Task
from theory.divergences import total_variation
from theory.fidelity import best_fidelity_bound
from theory.measures import PairedMeasure
from theory.misspecification import misspecification_limit, projection
from theory.regression import utility_bound
from theory.transfer import TransferCurve

ORDER = 16
"""Gauss-Legendre nodes per panel and axis."""


@dataclass(frozen=True)
class Sample:
    """The data of all replicates: real and synthetic, features (R, n, p) and responses (R, n)."""

    x_real: Array
    y_real: Array
    x_synthetic: Array
    y_synthetic: Array
    mu_tilde: Predictor


@component("measurement", "simulated")
@dataclass(frozen=True)
class Simulated(Measurement):
    """Regression in a simulated world, squared loss.

    Risks, e_s, e_r, sup norms and bounds come from one set of nodes (theory/README.md, section 9); `utility_test` from
    an independent noisy real test sample, a fresh one for each replicate.
    """

    nodes: int = 2000
    test_size: int = 4000

    axes: ClassVar[tuple[str, ...]] = (
        "task", "real_law", "synthetic_law", "generator", "responses", "learner", "n", "ratio",
    )  # fmt: skip

    def __post_init__(self) -> None:
        require(self.nodes >= 50, "nodes", "a whole number >= 50", self.nodes)
        require(self.test_size >= 2, "test_size", "a whole number >= 2", self.test_size)

    def check(self, cell: Cell) -> None:
        """Require that both laws stay where the task's constants hold."""
        task = cell.parts["task"]
        for axis in ("real_law", "synthetic_law"):
            low, high = cell.parts[axis].on(task.dim).support()
            if (low < task.domain[0]).any() or (high > task.domain[1]).any():
                raise ConfigError(
                    f"{axis}: {type(cell.parts[axis]).__name__} leaves the domain of task {type(task).__name__} "
                    f"(expected support within [{task.domain[0].min():g}, {task.domain[1].max():g}])"
                )

    def rows(self, cell: Cell) -> Columns:
        """Return one row per replicate: risks, utility, errors and bounds."""
        task: Task = cell.parts["task"]
        law_p, law_q = (cell.parts[a].on(task.dim) for a in ("real_law", "synthetic_law"))
        pair = self.pair(law_p, law_q, cell.seed)
        data = draw(cell, law_p, law_q)
        real, synthetic = fit_both(cell, data)
        exact = _on_nodes(pair, task, real, synthetic, data.mu_tilde)
        return exact | self._on_test_sample(cell, law_p, real, synthetic) | _predictions(cell, pair, data)

    def pair(self, law_p: Law, law_q: Law, seed: int) -> PairedMeasure:
        """Return the nodes of (P, Q): quadrature for p <= 2, one sample of the mixture above."""
        if law_p.dim == 1:
            return PairedMeasure.quadrature(law_p, law_q, ORDER, panels=self.nodes // ORDER)
        if law_p.dim == 2:
            return PairedMeasure.quadrature(law_p, law_q, ORDER, panels=max(1, round(self.nodes**0.5) // ORDER))
        return PairedMeasure.sampled(law_p, law_q, self.nodes, streams(seed, "nodes", 1)[0])

    def _on_test_sample(self, cell: Cell, law_p: Law, real: Predictor, synthetic: Predictor) -> Columns:
        task: Task = cell.parts["task"]
        x = _features(law_p, self.test_size, streams(cell.seed, "test/features", cell.replicates))
        y = _responses(task, task.mu(x), streams(cell.seed, "test/noise", cell.replicates))
        gap = ((y - synthetic(x)) ** 2 - (y - real(x)) ** 2).mean(axis=1)
        return {"gap_test": gap, "utility_test": np.abs(gap)}


def draw(cell: Cell, law_p: Law, law_q: Law) -> Sample:
    """Draw the real samples, fit the responses, draw the synthetic samples, from the cell's streams.

    The real sample of a replicate depends on its seed and size only: it is the same for every law Q and learner.
    """
    task, seed, r = cell.parts["task"], cell.seed, cell.replicates
    x = _features(law_p, cell.n, streams(seed, "real/features", r))
    y = _responses(task, task.mu(x), streams(seed, "real/noise", r))
    mu_tilde = cell.parts["responses"].fit(task, x, y, streams(seed, "responses", r))
    generator = cell.parts["generator"]
    x_tilde = generator.features(law_q, cell.m, streams(seed, "synthetic/features", r))
    y_tilde = generator.responses(task, mu_tilde, x_tilde, streams(seed, "synthetic/noise", r))
    return Sample(x, y, x_tilde, y_tilde, mu_tilde)


def fit_both(cell: Cell, data: Sample) -> tuple[Predictor, Predictor]:
    """Fit the cell's learner on the real and on the synthetic samples."""
    learner: Learner = cell.parts["learner"]
    real = (data.x_real, data.y_real, streams(cell.seed, "learner/real", cell.replicates))
    synthetic = (data.x_synthetic, data.y_synthetic, streams(cell.seed, "learner/synthetic", cell.replicates))
    return learner.fit_pair(real, synthetic)


def _features(law: Law, size: int, rngs: Sequence[np.random.Generator]) -> Array:
    return np.stack([law.sample(s, size) for s in rngs])


def _responses(task: Task, mean: Array, rngs: Sequence[np.random.Generator]) -> Array:
    return np.stack([task.respond(row, s) for row, s in zip(mean, rngs)])


def _on_nodes(pair: PairedMeasure, task: Task, real: Predictor, synthetic: Predictor, mu_tilde: Predictor) -> Columns:
    """Utility, errors and per-replicate bounds, all from the nodes."""
    curve = TransferCurve(pair)
    mu, tilde = task.mu(pair.nodes), mu_tilde(pair.nodes)
    f_hat, f_tilde = real(pair.nodes), synthetic(pair.nodes)
    excess_real, excess_synthetic = pair.norm_p(f_hat - mu) ** 2, pair.norm_p(f_tilde - mu) ** 2
    e_s, e_r = pair.norm_q(f_tilde - tilde), pair.norm_q(tilde - mu)
    sup, sup_s, sup_r = (np.abs(g).max(axis=1) for g in (f_tilde - mu, f_tilde - tilde, tilde - mu))
    bounds = {
        f"bound_{name}": utility_bound(curve, e_s, e_r, sup, excess_real, two_sided=two, sup_norms=(sup_s, sup_r))
        for name, two in (("sharp", False), ("two_sided", True))
    }
    fidelity = best_fidelity_bound(pair, (e_s + e_r) ** 2, sup)[0]
    gap = excess_synthetic - excess_real
    measured: dict[str, Any] = {
        "replicate": np.arange(len(gap)),
        "excess_real": excess_real,
        "excess_synthetic": excess_synthetic,
        "gap": gap,
        "utility": np.abs(gap),
        "e_s": e_s,
        "e_r": e_r,
        "sup_norm": sup,
        "bound_fidelity": np.maximum(fidelity, excess_real),
        "bound_untransferred": np.maximum((e_s + e_r) ** 2, excess_real),
        "total_variation": constant(total_variation(pair), len(gap)),
        "uncovered": constant(curve.uncovered, len(gap)),
    }
    return measured | bounds


def _predictions(cell: Cell, pair: PairedMeasure, data: Sample) -> Columns:
    """What theory says before any response is seen: the a priori bound, and the limit for a linear class."""
    task, learner = cell.parts["task"], cell.parts["learner"]
    prior = prior_utility(cell, pair, data.x_real, data.x_synthetic)
    columns = {name: constant(value, cell.replicates) for name, value in prior.items()}
    basis = learner.basis(pair.nodes)
    if basis is None:
        return columns | {name: constant(np.nan, cell.replicates) for name in ("limit", "class_error")}
    tilde = np.asarray(data.mu_tilde(pair.nodes))
    mu = task.mu(pair.nodes)
    best = projection(pair.p, basis, mu) @ basis
    error = constant(float(pair.norm_p(best - mu)) ** 2, cell.replicates)
    return columns | {"limit": misspecification_limit(pair, basis, mu, tilde), "class_error": error}
