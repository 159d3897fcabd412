"""Half real worlds: real features, a known regression function, and synthetic features by a known or a fitted law."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import ClassVar

import numpy as np
import pandas as pd

from experiments.datasets.base import Dataset, Table, split
from experiments.discriminator import real_share
from experiments.generators.base import DataGenerator, Sampler
from experiments.generators.tilted import Tilted
from experiments.learners.base import Array, Predictor
from experiments.measurements.base import Cell, Columns, Measurement, constant
from experiments.measurements.simulated import errors_and_bounds, risks_on_test, squared_losses
from experiments.registry import ConfigError, component, require
from experiments.semireal import Taught
from experiments.settings import data_folder
from experiments.streams import stream, streams
from experiments.world import Data, World, features, fit_both, respond
from theory.measures import PairedMeasure
from theory.regression import utility_bound
from theory.transfer import TransferCurve


@component("measurement", "teacher")
@dataclass(frozen=True)
class Teacher(Measurement):
    """Squared loss where real features are drawn from the rows of a table and mu is a network trained on them.

    The real law is uniform on `pool` rows, through `components` principal components; responses are mu plus noise. The
    synthetic features come from a law on the same rows (`tilted`), or from a generator fitted on each replicate's real
    sample; their responses, in either case, from a regression fitted on that sample.

    What is exact: risks and excess risks under P, always. Under a law on the rows also the ratio dP/dQ, e_s, e_r and the
    bounds, to rounding. For a fitted generator e_s and e_r are means over `pool` fresh synthetic rows (unbiased squares),
    and `bound_estimated` rests on a ratio estimated by a classifier: it is no certificate (theory/README.md 8). Exact
    bounds are NaN there, and the estimated one is NaN for laws on the rows.
    """

    pool: int = 3000
    components: int = 5
    test_size: int = 2000

    axes: ClassVar[tuple[str, ...]] = ("dataset", "generator", "responses", "learner", "n", "ratio")

    def __post_init__(self) -> None:
        require(self.pool >= 50, "pool", "a whole number >= 50", self.pool)
        require(self.components >= 1, "components", "a whole number >= 1", self.components)
        require(self.test_size >= 2, "test_size", "a whole number >= 2", self.test_size)

    def check(self, cell: Cell) -> None:
        """Require a numeric response or two classes, enough rows, and a generator of features."""
        table = cell.parts["dataset"].load(data_folder())
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
        x, y, mu_tilde = self._real(cell, world)
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
        columns |= risks_on_test(*squared_losses(cell, world, self.test_size, real, synthetic))
        columns["bound_estimated"] = constant(np.nan, cell.replicates)
        if isinstance(generator, DataGenerator):
            fresh = _generated(cell, samplers, self.pool, "nodes/features")
            columns |= _estimated(cell, world, fresh, (real, synthetic, data.mu_tilde))
        return columns

    def _world(self, cell: Cell) -> World:
        """The world of the cell; where Q is no law on the rows its weights there are those of P, and not used."""
        taught = _taught(cell.parts["dataset"], data_folder(), self.pool, self.components, cell.seed)
        generator = cell.parts["generator"]
        return taught.with_weights(generator.weights(taught.rows)) if isinstance(generator, Tilted) else taught.world

    def _real(self, cell: Cell, world: World) -> tuple[Array, Array, Predictor]:
        """Draw the real samples and fit the responses on them."""
        seed, r = cell.seed, cell.indices
        x = features(world.law_p, cell.n, streams(seed, "real/features", r))
        y = respond(world.task, world.task.mu(x), streams(seed, "real/noise", r))
        return x, y, cell.parts["responses"].fit(world, x, y, streams(seed, "responses", r))


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
    """Return e_s, e_r and an estimated bound of each replicate, from fresh synthetic rows of its own generator.

    The functions are the real fit, the synthetic fit and the synthetic regression.
    """
    both = np.concatenate([np.broadcast_to(world.pair.nodes, fresh.shape), fresh], axis=1)
    values = [np.asarray(f(both)) for f in functions] + [world.task.mu(both)]
    parts = [_estimates(both[i], [v[i] for v in values], stream(cell.seed, "ratio", i)) for i in range(len(both))]
    unknown = ("bound_sharp", "bound_two_sided", "bound_fidelity", "bound_untransferred", "bound_response")
    return {k: constant(np.nan, len(both)) for k in unknown} | {k: np.array([p[k] for p in parts]) for k in parts[0]}


@cache
def _taught(dataset: Dataset, folder: Path, pool: int, components: int, seed: int) -> Taught:
    """The teacher of a data set: the same for every cell, trained once in a process."""
    table, _ = split(dataset.load(folder), pool, 0, stream(seed, "pool"))
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
