"""Half real worlds: real features, a known regression function, and synthetic features from a known or a fitted law."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated, ClassVar

import numpy as np
import pandas as pd

from experiments.config.registry import ConfigError, Count, component, whole
from experiments.datasets.base import Dataset, Table, split
from experiments.datasets.encoding import ColumnEncoder
from experiments.datasets.files import data_folder
from experiments.datasets.preparation import Preparation
from experiments.estimators.discriminator import real_share
from experiments.generators.base import DataGenerator, Sampler
from experiments.generators.changed_rows import Tilted
from experiments.learners.base import Array, Predictor
from experiments.learners.mlp import MLP
from experiments.measurements.base import Cell, Columns, Measurement, constant
from experiments.measurements.simulated import errors_and_bounds, squared_risks_on_test
from experiments.rng import stream, streams
from experiments.tasks.base import RegressionTask
from experiments.world import Data, World, features, fit_both, real_sample, respond
from theory.measures import PairedMeasure
from theory.regression import utility_bound
from theory.transfer import TransferCurve

TEACHER = MLP(width=32, depth=2, steps=1500)
"""The network that becomes the regression function."""


@dataclass(frozen=True, eq=False)
class RowLaw:
    """The law that draws row i of `rows (N, p)` with probability `weights[i]`."""

    rows: Array
    weights: Array

    @property
    def dim(self) -> int:
        """Number of features."""
        return int(self.rows.shape[1])

    def sample(self, rng: np.random.Generator, size: int) -> Array:
        """Return independent draws `(size, p)`."""
        return np.asarray(self.rows[rng.choice(len(self.rows), size=size, p=self.weights)])

    def log_density(self, x: Array) -> Array:
        """Raise: a law on rows has no density."""
        raise NotImplementedError("a law on the rows of a table has no density")

    def support(self) -> tuple[Array, Array]:
        """Return the corners of the smallest box around the rows that have weight."""
        kept = self.rows[self.weights > 0]
        return kept.min(axis=0), kept.max(axis=0)

    def box(self, lost: float) -> tuple[Array, Array]:
        """Return the support's box."""
        return self.support()


@dataclass(frozen=True)
class TaughtTask(RegressionTask):
    """Y = mu(X) + noise, mu a trained network; nothing is known of its slopes and its range."""

    network: Predictor | None = None
    features: int = 1

    lipschitz = oscillation = float("inf")

    def mu(self, x: Array) -> Array:
        """Return the network's values `(...)` at `x (..., dim)`."""
        assert self.network is not None
        return np.asarray(self.network(x.reshape(-1, self.features))[0].reshape(x.shape[:-1]))


@dataclass(frozen=True, eq=False)
class Taught:
    """A regression on the rows `rows (N, p)` of a real table whose regression function is known."""

    task: TaughtTask
    rows: Array

    @classmethod
    def of(cls, table: Table, features: int, seed: int) -> "Taught":
        """Train the teacher on all rows of a table with a numeric response or two classes (taken as 0 and 1).

        `features` leading principal components of the encoded columns are used, each scaled to variance 1.
        """
        rows = _components(table, features)
        fitted = TEACHER.fit(rows[None], table.y[None].astype(float), [stream(seed, "teacher")])
        residual = float(np.std(table.y - fitted(rows)[0]))
        return cls(TaughtTask(residual, fitted, features), rows)

    @property
    def world(self) -> World:
        """The world where synthetic features follow the real law."""
        return self.with_weights(np.full(len(self.rows), 1 / len(self.rows)))

    def with_weights(self, weights: Array) -> World:
        """Return the world where Q gives row i the weight `weights[i]` and P equal weights; exact on the rows."""
        even = np.full(len(self.rows), 1 / len(self.rows))
        pair = PairedMeasure(self.rows, even, weights)
        return World(self.task, RowLaw(self.rows, even), RowLaw(self.rows, weights), pair)


def _components(table: Table, features: int) -> Array:
    from sklearn.decomposition import PCA

    filled = Preparation.fit(table, 0).apply(table).x
    numbers = ColumnEncoder().fit(filled).transform(filled)
    return np.asarray(PCA(features, whiten=True, svd_solver="covariance_eigh").fit_transform(numbers))


@component("measurement", "teacher")
@dataclass(frozen=True)
class Teacher(Measurement):
    """Squared loss where real features are drawn from the rows of a table and mu is a network trained on them.

    The real law is uniform on `pool` rows, seen through `components` principal components; responses are mu plus noise.
    Synthetic features come from a law on the same rows (`tilted`) or from a generator fitted on each replicate's real
    sample; their responses, in either case, from a regression fitted on that sample.

    Risks and excess risks under P are always exact. Under a law on the rows the ratio dP/dQ, e_s, e_r and the bounds
    (theory/README.md 3.1 to 3.3) are exact too, to rounding, and `bound_estimated` is NaN. For a fitted generator e_s and
    e_r are means over `pool` fresh synthetic rows (unbiased squares), the exact bounds are NaN, and `bound_estimated` rests
    on a ratio estimated by a classifier: it is not a certificate (section 8).
    """

    pool: Annotated[int, whole(50)] = 3000
    components: Count = 5
    test_size: Annotated[int, whole(2)] = 2000

    axes: ClassVar[tuple[str, ...]] = ("dataset", "generator", "responses", "learner", "n", "ratio")

    def check(self, cell: Cell) -> None:
        """Require a numeric response or two classes, enough rows, and a generator of features."""
        table = cell.parts["dataset"].load(data_folder(), self.pool)
        if table.classes > 2:
            raise ConfigError(f"dataset: expected a number or two classes as response, got {table.classes} classes")
        if self.pool > len(table):
            raise ConfigError(f"measurement.pool: expected at most {len(table)} rows here, got {self.pool}")
        if not isinstance(cell.parts["generator"], Tilted | DataGenerator):
            raise ConfigError("generator: expected tilted, or one that is fitted on a table")
        if cell.parts["learner"].binary or cell.parts["responses"].binary:
            raise ConfigError("learner, responses: expected ones for regression")

    def rows(self, cell: Cell) -> Columns:
        """Return one row per replicate."""
        world, generator = self._world(cell), cell.parts["generator"]
        x, y = real_sample(cell, world, cell.n, "real")
        mu_tilde = cell.parts["responses"].fit(world, x, y, streams(cell.seed, "responses", cell.indices))
        if isinstance(generator, Tilted):
            x_tilde = features(world.law_q, cell.m, streams(cell.seed, "synthetic/features", cell.indices))
        else:
            samplers = _samplers(cell, x, y)
            x_tilde = _generated(cell, samplers, cell.m, "synthetic/features")
        y_tilde = respond(world.task, mu_tilde(x_tilde), streams(cell.seed, "synthetic/noise", cell.indices))
        data = Data(x, y, x_tilde, y_tilde, mu_tilde)
        real, synthetic = fit_both(cell, data)
        columns: Columns = {"replicate": np.array(cell.indices)}
        columns |= errors_and_bounds(world, data, real, synthetic)
        columns |= squared_risks_on_test(cell, world, self.test_size, real, synthetic)
        columns["bound_estimated"] = constant(np.nan, cell.replicates)
        if isinstance(generator, DataGenerator):
            fresh = _generated(cell, samplers, self.pool, "nodes/features")
            columns |= _estimated(cell, world, fresh, (real, synthetic, data.mu_tilde))
        return columns

    def _world(self, cell: Cell) -> World:
        """The world of the cell; for a fitted generator, where Q is not a law on the rows, the weights of Q are not used."""
        taught = _taught(cell.parts["dataset"], data_folder(), self.pool, self.components, cell.seed)
        generator = cell.parts["generator"]
        return taught.with_weights(generator.weights(taught.rows)) if isinstance(generator, Tilted) else taught.world


def _samplers(cell: Cell, x: Array, y: Array) -> list[Sampler]:
    """Fit the generator on each replicate's real sample."""
    return [
        cell.parts["generator"].fit(_table(part, response), stream(cell.seed, "generator", i))
        for i, part, response in zip(cell.indices, x, y)
    ]


def _generated(cell: Cell, samplers: list[Sampler], size: int, role: str) -> Array:
    """Draw features (R, size, p), each replicate's by its own sampler."""
    made = (sampler(size, stream(cell.seed, role, i)) for i, sampler in zip(cell.indices, samplers))
    return np.stack([table.x.to_numpy() for table in made])


def _estimated(cell: Cell, world: World, fresh: Array, functions: tuple[Predictor, ...]) -> Columns:
    """Return e_s, e_r and the estimated bound of each replicate, from fresh rows of its generator.

    The functions are the real fit, the synthetic fit and the synthetic regression function.
    """
    both = np.concatenate([np.broadcast_to(world.pair.nodes, fresh.shape), fresh], axis=1)
    values = [np.asarray(f(both)) for f in functions] + [world.task.mu(both)]
    parts = [_estimates(both[i], [v[i] for v in values], stream(cell.seed, "ratio", i)) for i in range(len(both))]
    unknown = ("bound_sharp", "bound_two_sided", "bound_fidelity", "bound_untransferred", "bound_response")
    return {k: constant(np.nan, len(both)) for k in unknown} | {k: np.array([p[k] for p in parts]) for k in parts[0]}


@cache
def _taught(dataset: Dataset, folder: Path, pool: int, components: int, seed: int) -> Taught:
    """The teacher of a data set: the same for every cell, trained once per process."""
    table, _ = split(dataset.load(folder, pool), pool, 0, stream(seed, "pool"))
    return Taught.of(table, components, seed)


def _table(x: Array, y: Array) -> Table:
    return Table(pd.DataFrame(x, columns=[f"component_{j}" for j in range(x.shape[1])]), y, 0)


def _estimates(points: Array, values: list[Array], rng: np.random.Generator) -> dict[str, float]:
    """Errors and the estimated bound of one replicate; the first half of the points is real, the second synthetic."""
    half = len(points) // 2
    f_hat, f_tilde, tilde, mu = values
    e_s, e_r = (float(np.sqrt(np.mean(g[half:] ** 2))) for g in (f_tilde - tilde, tilde - mu))
    share = real_share(points[:half], points[half:], rng)
    curve = TransferCurve(PairedMeasure(points, share, 1 - share))
    sup, sup_s, sup_r = (float(np.abs(g).max()) for g in (f_tilde - mu, f_tilde - tilde, tilde - mu))
    excess = float(np.mean((f_hat - mu)[:half] ** 2))
    bound = utility_bound(curve, e_s, e_r, sup, excess, two_sided=False, sup_norms=(sup_s, sup_r))
    untransferred = max((e_s + e_r) ** 2, excess)
    return {"e_s": e_s, "e_r": e_r, "bound_estimated": float(bound), "bound_untransferred": untransferred}
