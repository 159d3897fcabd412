"""Real rows among synthetic ones: least squares with a weight on the synthetic rows, predicted and measured."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Annotated, ClassVar

import numpy as np

from experiments.config.registry import ConfigError, Count, component, every, whole
from experiments.learners.base import Array
from experiments.learners.poly import Degree, Polynomial
from experiments.measurements.base import Cell, Columns, Measurement, stacked
from experiments.responses.designed import DesignedResponses
from experiments.rng import stream, streams
from experiments.world import World, check_world, features
from theory.mixtures import PooledLeastSquares, mixing_bound

CHUNK = 4_000_000
"""Responses drawn at once."""

Weights = Annotated[tuple[float, ...], every("numbers >= 0", lambda value: value >= 0)]


@component("measurement", "mixing")
@dataclass(frozen=True)
class Mixing(Measurement):
    """Least squares on n real rows and m synthetic ones of weight w; the polynomials of `degree` hold mu.

    One row per replicate and weight: `weights`, and `multiples` of the weight that theory calls best given the features.
    `excess` is the mean of Phi over `draws` draws of all responses, features fixed; `predicted` is its expectation
    (theory/README.md 7.7), `predicted_right` the same as if the responses were right, `ratio` is measured over predicted.
    `excess_one` is Phi of the first draw, `error_mixed` its squared error among real and weighted synthetic rows,
    `bound_share` the guarantee of 2.8.
    """

    degree: Degree = 2
    weights: Weights = (0.0, 0.1, 1.0)
    multiples: Weights = (0.5, 1.0, 2.0)
    draws: Count = 100
    nodes: Annotated[int, whole(50)] = 800

    axes: ClassVar[tuple[str, ...]] = ("task", "real_law", "synthetic_law", "generator", "responses", "n", "ratio")

    def check(self, cell: Cell) -> None:
        """Require responses by design, components that fit together, and a class that holds mu."""
        check_world(replace(cell, parts=cell.parts | {"learner": Polynomial(self.degree)}))
        task = cell.parts["task"]
        if not isinstance(cell.parts["responses"], DesignedResponses) or task.binary:
            raise ConfigError("responses: expected designed ones of a regression task, the same for every real sample")
        points = stream(0, "mixing/check").random((500, task.dim))
        basis, mu = Polynomial(self.degree).design(points), task.mu(points)
        if np.abs(basis @ np.linalg.lstsq(basis, mu, rcond=None)[0] - mu).max() > 1e-9 * task.oscillation:
            raise ConfigError(f"task: expected a polynomial of degree {self.degree}, got {type(task).__name__}")

    def rows(self, cell: Cell) -> Columns:
        """Return the rows of all weights, replicate by replicate, in chunks of replicates."""
        world = World.of(cell, self.nodes)
        size = max(1, CHUNK // (self.draws * (cell.n + cell.m)))
        return stacked(part for chunk in cell.chunks(size) for part in self._chunk(chunk, world))

    def _chunk(self, cell: Cell, world: World) -> Iterator[Columns]:
        task, pair, learner = world.task, world.pair, Polynomial(self.degree)
        samples = [features(world.law_p, cell.n, streams(cell.seed, "real/features", cell.indices))]
        samples.append(features(world.law_q, cell.m, streams(cell.seed, "synthetic/features", cell.indices)))
        means = [task.mu(samples[0]), cell.parts["responses"].function(world)(samples[1])]
        noises = [task.noise_variance**0.5, task.noise_variance**0.5 * cell.parts["generator"].noise_ratio]
        bases = [np.moveaxis(learner.design(x), -1, 1) for x in samples]
        at_nodes = learner.basis(pair.nodes)
        gram, wrong = (at_nodes * pair.p) @ at_nodes.T, means[1] - task.mu(samples[1])
        first, second = (float(noise) ** 2 for noise in noises)
        pooled, right = (PooledLeastSquares(bases[0], bases[1], gram, first, second, g) for g in (wrong, 0.0))
        truth = np.linalg.lstsq(at_nodes.T, task.mu(pair.nodes), rcond=None)[0]
        products = [self._moments(cell, *parts) for parts in zip(("real", "synthetic"), bases, means, noises)]
        best, zero = pooled.best_weight(), np.zeros(cell.replicates)

        def fitted(weight: Array) -> Array:
            """Coefficients (R, draws, s) less the true ones."""
            (gram_1, rows), (gram_2, others) = products
            scale = weight[:, None, None]
            return np.asarray(np.swapaxes(np.linalg.solve(gram_1 + scale * gram_2, rows + scale * others), 1, 2) - truth)

        alone = _mean_square(fitted(zero), gram)
        for name, value in (*(("weight", w) for w in self.weights), *(("multiple", c) for c in self.multiples)):
            weight = zero + value if name == "weight" else value * best
            errors = fitted(weight)
            excess, predicted = _mean_square(errors, gram), pooled.excess(weight)
            share = cell.n / (cell.n + weight * cell.m)
            one = errors[:, 0] @ at_nodes
            real, other = pair.norm_p(one) ** 2, pair.norm_q(one) ** 2
            mixed, sup_norm = share * real + (1 - share) * other, np.abs(one).max(axis=1)
            yield {
                "replicate": np.array(cell.indices), "weight": zero + (value if name == "weight" else np.nan),
                "multiple": zero + (value if name == "multiple" else np.nan), "weight_used": weight, "real_share": share,
                "excess": excess, "excess_zero": alone, "predicted": predicted,
                "predicted_zero": pooled.excess(0.0), "predicted_right": right.excess(weight), "ratio": excess / predicted,
                "ratio_right": excess / right.excess(weight), "excess_one": real, "error_mixed": mixed,
                "bound_share": mixing_bound(mixed, sup_norm, share), "sup_norm": sup_norm,
            }  # fmt: skip

    def _moments(self, cell: Cell, role: str, basis: Array, mean: Array, noise: float) -> tuple[Array, Array]:
        """Sums of the products of the functions (R, s, s), and with every draw of the responses (R, s, draws)."""
        rngs = streams(cell.seed, f"mixing/{role}", cell.indices)
        drawn = np.stack([m + noise * r.standard_normal((self.draws, m.size)) for m, r in zip(mean, rngs)])
        return basis @ basis.swapaxes(1, 2), basis @ drawn.swapaxes(1, 2)


def _mean_square(errors: Array, gram: Array) -> Array:
    """Mean over draws of the squared P-norm, from coefficients (R, draws, s)."""
    return np.asarray(np.vecdot(errors @ gram, errors).mean(axis=1))
