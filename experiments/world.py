"""A world, real and synthetic, and the data drawn from it: shared by all measurements of simulated worlds."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from experiments.config.registry import ConfigError
from experiments.generators.two_stage import TwoStage
from experiments.laws.base import Law, LawFamily
from experiments.learners.base import Array, Learner, Predictor
from experiments.measurements.base import Cell
from experiments.rng import streams
from experiments.tasks.base import Task
from theory.measures import PairedMeasure

ORDER = 16
"""Gauss-Legendre nodes per panel and axis."""


@dataclass(frozen=True)
class World:
    """The task, the laws P and Q of features, and both on common nodes."""

    task: Task
    law_p: Law
    law_q: Law
    pair: PairedMeasure

    @classmethod
    def of(cls, cell: Cell, nodes: int, quadrature: int = 2) -> "World":
        """Return the world of a cell, on about `nodes` nodes; see `on_nodes`."""
        task, real, synthetic = cell.parts["task"], *(cell.parts[axis].at(cell.n) for axis in ("real_law", "synthetic_law"))
        pair = on_nodes(real, synthetic, task.dim, nodes, cell.seed, quadrature)
        return cls(task, real.on(task.dim), synthetic.on(task.dim), pair)


@dataclass(frozen=True)
class Data:
    """The data of all replicates: real and synthetic, features (R, n, p) and responses (R, n)."""

    x_real: Array
    y_real: Array
    x_synthetic: Array
    y_synthetic: Array
    mu_tilde: Predictor


@lru_cache(maxsize=16)  # cells of one pair of laws differ in n, learner and responses
def on_nodes(real: LawFamily, synthetic: LawFamily, dim: int, nodes: int, seed: int, quadrature: int = 2) -> PairedMeasure:
    """Return the nodes of (P, Q): a quadrature for p <= `quadrature` <= 2, one sample of the mixture for larger p."""
    law_p, law_q = real.on(dim), synthetic.on(dim)
    if dim > quadrature:
        return PairedMeasure.sampled(law_p, law_q, nodes, streams(seed, "nodes", 1)[0])
    if dim == 1:
        return PairedMeasure.quadrature(law_p, law_q, ORDER, panels=nodes // ORDER)
    return PairedMeasure.quadrature(law_p, law_q, ORDER, panels=max(1, round(nodes**0.5) // ORDER))


def check_world(cell: Cell) -> None:
    """Raise `ConfigError` when the components of a cell do not fit together."""
    task = cell.parts["task"]
    if not isinstance(cell.parts["generator"], TwoStage):
        raise ConfigError("generator: expected two_stage in a simulated world, got one that is fitted on a table")
    for axis in ("real_law", "synthetic_law"):
        low, high = cell.parts[axis].on(task.dim).support()
        if (low < task.domain[0]).any() or (high > task.domain[1]).any():
            raise ConfigError(
                f"{axis}: {type(cell.parts[axis]).__name__} leaves the domain of task {type(task).__name__} "
                f"(expected support within [{task.domain[0].min():g}, {task.domain[1].max():g}])"
            )
    for axis in ("learner", "responses"):
        if cell.parts[axis].binary and not task.binary:
            kind = type(cell.parts[axis]).__name__
            raise ConfigError(f"{axis}: {kind} is for class probabilities, not for {type(task).__name__}")
    if task.binary and cell.parts["generator"].noise_ratio != 1:
        raise ConfigError("generator.noise_ratio: expected 1 where responses are 0 or 1")


def draw(cell: Cell, world: World) -> Data:
    """Draw the real samples, fit the responses and draw the synthetic samples from the cell's streams.

    The real sample of a replicate depends on seed and size only: it is the same for every law Q and learner.
    """
    task, seed, r = world.task, cell.seed, cell.indices
    x, y = real_sample(cell, world, cell.n, "real")
    mu_tilde = cell.parts["responses"].fit(world, x, y, streams(seed, "responses", r))
    if task.binary:
        mu_tilde = _as_probability(mu_tilde)
    x_tilde = features(world.law_q, cell.m, streams(seed, "synthetic/features", r))
    noise_ratio = cell.parts["generator"].noise_ratio
    y_tilde = respond(task, mu_tilde(x_tilde), streams(seed, "synthetic/noise", r), noise_ratio)
    return Data(x, y, x_tilde, y_tilde, mu_tilde)


def fit_both(cell: Cell, data: Data) -> tuple[Predictor, Predictor]:
    """Fit the cell's learner on the real and on the synthetic samples."""
    learner: Learner = cell.parts["learner"]
    real = (data.x_real, data.y_real, streams(cell.seed, "learner/real", cell.indices))
    synthetic = (data.x_synthetic, data.y_synthetic, streams(cell.seed, "learner/synthetic", cell.indices))
    return learner.fit_pair(real, synthetic)


def real_sample(cell: Cell, world: World, size: int, role: str) -> tuple[Array, Array]:
    """Draw a noisy real sample for each replicate: features (R, size, p), responses (R, size); other roles, other streams."""
    x = features(world.law_p, size, streams(cell.seed, f"{role}/features", cell.indices))
    return x, respond(world.task, world.task.mu(x), streams(cell.seed, f"{role}/noise", cell.indices))


def features(law: Law, size: int, rngs: Sequence[np.random.Generator]) -> Array:
    """Return draws `(R, size, p)`, one stream per replicate."""
    return np.stack([law.sample(s, size) for s in rngs])


def respond(task: Task, mean: Array, rngs: Sequence[np.random.Generator], noise_ratio: float = 1.0) -> Array:
    """Return responses `(R, n)` about `mean (R, n)`, one stream per replicate."""
    return np.stack([task.respond(row, s, noise_ratio) for row, s in zip(mean, rngs)])


def _as_probability(predictor: Predictor) -> Predictor:
    return lambda points: np.clip(predictor(points), 0.0, 1.0)
