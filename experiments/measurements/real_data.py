"""Real data: models trained on a real or synthetic table, and their losses on one real test set."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from experiments.config.registry import ConfigError, component, whole
from experiments.datasets.base import Table, split
from experiments.datasets.files import data_folder
from experiments.datasets.preparation import Preparation
from experiments.estimators.discriminator import cross_fitted_placements
from experiments.estimators.half_sampling import compressed, half_splits
from experiments.generators.base import DataGenerator
from experiments.generators.changed_rows import Real
from experiments.measurements.base import Cell, Columns, Measurement, stacked
from experiments.models.base import Model
from experiments.rng import stream

FULL = -1
"""In place of the number of a cut: a fit on the full training table."""

HELD_OUT = -2
"""In place of the number of a cut: the same fit, at synthetic rows that were held out."""

NO_MODEL = -1
"""In place of the number of a model: a row of the discriminator, or of the constant guess."""

CONSTANT = 2
"""In place of the half: a row of the constant guess, the training table's most frequent class or mean."""


@dataclass(frozen=True)
class Source:
    """A training table, the preparation fitted on the same real rows, and the cut and half they are from."""

    cut: int
    half: int
    table: Table
    preparation: Preparation
    held_out: Table | None = None


Made = tuple[Table, Preparation, Table | None]
"""A table drawn from a generator, the preparation of the real rows that it was fitted on, further rows held out."""


@component("measurement", "real_data")
@dataclass(frozen=True)
class RealData(Measurement):
    """Losses of every model at every real test row, after training on the full table and on the halves of random cuts.

    The source of the table is the generator; `real` is the real table itself. The halves go through the whole pipeline:
    the preparation (missing values; `components` principal components for images) and the generator are fitted on half
    of the real rows, and half as many synthetic ones are drawn, so that intervals cover refits too. Generators that train
    for long (`costly`) get `costly_cuts` cuts. Split and test rows are the same for every source, so that sources are
    compared row by row (`paired_gap`). Loss: 0-1 for classes, squared error for numbers. Models that do not serve the
    kind of response are left out.

    With `held_out` > 0 the fits on the full table are evaluated at as many further rows of the source too (cut `HELD_OUT`):
    what can be learned from synthetic data alone. Sources with real features have none: their rows are used up. Rows of no
    model whose half is `CONSTANT` hold the losses of the constant guess at the test rows, for the scale of a gap.

    With `discriminator` > 0 there are rows of the discriminator too: half 0 holds at most that many of the first real test
    rows, half 1 as many rows of the source; the loss is the row's placement, whose mean is the area under the ROC curve
    (estimators/discriminator.py). For the source `real` it is the value of real against real.

    Only `rows`, `_losses`, `_losses_of` and `_discriminated` see test rows: nothing but the discriminator is fitted on them.
    """

    test_size: Annotated[int, whole(2)] = 500
    cuts: Annotated[int, whole(2)] = 10
    costly_cuts: Annotated[int, whole(2)] = 5
    components: Annotated[int, whole(0)] = 0
    discriminator: Annotated[int, whole(0)] = 0
    held_out: Annotated[int, whole(0)] = 0

    axes: ClassVar[tuple[str, ...]] = ("dataset", "generator", "model", "n", "ratio")
    joint: ClassVar[tuple[str, ...]] = ("model",)

    def check(self, cell: Cell) -> None:
        """Require a generator that is fitted on data, data on this machine, and a model for them."""
        if not isinstance(cell.parts["generator"], DataGenerator):
            raise ConfigError("generator: expected one that is fitted on a table, got one for simulated worlds")
        table = self.table(cell)
        if cell.n + self.test_size > len(table):
            raise ConfigError(f"n: expected at most {len(table) - self.test_size} training rows here, got {cell.n}")
        models = cell.parts.get("model", {}).values()
        if models and not any(model.serves(table) for model in models):
            raise ConfigError(f"model: expected one for the response {table.response!r}, none serves it")

    def rows(self, cell: Cell) -> Columns:
        """Return one row per model, fit and test row, then those of the discriminator and of the constant guess."""
        train, test = split(self.table(cell), cell.n, self.test_size, stream(cell.seed, "split"))
        sources = list(self._sources(cell, train))
        models = enumerate(cell.parts["model"].values())
        points = [source.preparation.apply(test) for source in sources]
        parts = [part for code, model in models for part in _losses(code, model, sources, points)]
        parts.append((NO_MODEL, FULL, CONSTANT, _losses_of(test, _constant(sources[0].table))))
        if self.discriminator:
            parts += _discriminated(sources[0], test, self.discriminator, stream(cell.seed, "discriminator"))
        loss = [p[3] for p in parts]
        columns: Columns = {"loss": np.concatenate(loss).astype(np.float32)}
        columns["test_row"] = np.concatenate([np.arange(len(values), dtype=np.int32) for values in loss])
        for i, name in enumerate(("model", "cut", "half")):
            columns[name] = np.repeat(np.array([p[i] for p in parts], dtype=np.int16), [len(values) for values in loss])
        return columns

    def condensed(self, columns: Columns) -> Columns:
        """Return full fits averaged over seeds, the halves of every cut compressed, rows of no model unchanged.

        Of a cut's losses, first half minus second, K + 1 numbers remain for each of K models, with the same means, variances
        and covariances (half_sampling.py): `half` is 0, `test_row` the number's place. With ten cuts this leaves a twentieth
        of the rows.
        """
        alone, cut = columns["model"] == NO_MODEL, columns["cut"]
        loss = columns["loss"].astype(np.float64)
        models, cuts = np.unique(columns["model"][~alone]), np.unique(cut[cut >= 0])
        halves = loss[cut >= 0].reshape(len(models), len(cuts), 2, -1)
        parts = [_laid_out(compressed(halves[:, :, 0] - halves[:, :, 1]), models, cuts)]
        for kind in (FULL, HELD_OUT):
            own = [loss[~alone & (cut == kind) & (columns["model"] == k)] for k in models]
            if own[0].size:
                seeds = [(columns["half"][~alone & (cut == kind) & (columns["model"] == k)]).max() + 1 for k in models]
                averaged = [values.reshape(count, -1).mean(axis=0) for values, count in zip(own, seeds)]
                parts.append(_laid_out(np.stack(averaged)[:, None], models, np.array([kind])))
        apart = {name: column[alone] for name, column in (columns | {"loss": loss}).items()}
        return stacked((*parts, apart))

    def table(self, cell: Cell) -> Table:
        """Return the real table of a cell, or a part with as many rows as are wanted."""
        table: Table = cell.parts["dataset"].load(data_folder(), cell.n + self.test_size)
        return table

    def made(self, cell: Cell, train: Table, size: int, role: str, held_out: int = 0) -> Made:
        """Return what `made` returns; other measurements may change the responses."""
        return made(cell, train, self.components, size, role, held_out)

    def _sources(self, cell: Cell, train: Table) -> Iterator[Source]:
        """Yield the source for the full training table, then for both halves of every cut."""
        generator: DataGenerator = cell.parts["generator"]
        name = type(generator).__name__
        yield Source(FULL, 0, *self.made(cell, train, cell.m, "full", 0 if generator.real_features else self.held_out))
        cuts = self.costly_cuts if generator.costly else self.cuts
        for cut, halves in enumerate(half_splits(len(train), cuts, stream(cell.seed, f"cuts/{name}"))):
            for half, rows in enumerate(halves):
                yield Source(cut, half, *self.made(cell, train.take(rows), cell.m // 2, f"{cut}/{half}"))


def made(cell: Cell, train: Table, components: int, size: int, role: str, held_out: int = 0) -> Made:
    """Prepare real training rows, fit the cell's generator on them, draw a table and, if asked for, further rows."""
    generator: DataGenerator = cell.parts["generator"]
    preparation, role = Preparation.fit(train, components), f"{type(generator).__name__}/{role}"
    sampler = generator.fit(preparation.apply(train), stream(cell.seed, f"fit/{role}"))
    count = len(train) if isinstance(generator, Real) else size
    table = sampler(count, stream(cell.seed, f"sample/{role}"))
    return table, preparation, sampler(held_out, stream(cell.seed, f"held out/{role}")) if held_out else None


def _laid_out(values: NDArray[np.float64], models: NDArray[Any], cuts: NDArray[Any]) -> Columns:
    """Columns of values (models, cuts, places)."""
    model, cut, place = (index.ravel() for index in np.indices(values.shape))
    columns: Columns = {"loss": values.ravel(), "test_row": place.astype(np.int32), "half": np.zeros(place.size, np.int16)}
    return columns | {"model": models[model].astype(np.int16), "cut": cuts[cut].astype(np.int16)}


Part = tuple[int, int, int, NDArray[Any]]
"""Model, cut, half (or seed), losses."""


def _losses(code: int, model: Model, sources: list[Source], points: list[Table]) -> Iterator[Part]:
    """Yield the losses of every fit at the test rows; randomised models are fitted to the full table under two seeds."""
    fits = [(i, seed) for i, source in enumerate(sources) for seed in _seeds(model, source)]
    tables = [_seen(model, sources[i], sources[i].table) for i, _ in fits]
    if not model.serves(tables[0]):
        return
    for (i, seed), fitted in zip(fits, model.fit_all(tables, [seed for _, seed in fits])):
        for cut, table in ((sources[i].cut, points[i]), (HELD_OUT, sources[i].held_out)):
            if table is not None:
                seen = _seen(model, sources[i], table)
                yield code, cut, seed, _losses_of(seen, fitted.predict(seen.x))


def _losses_of(table: Table, predicted: NDArray[Any]) -> NDArray[Any]:
    """Return the losses (N,) of predictions at the rows of a table: 0-1 for classes, squared errors for numbers."""
    return predicted != table.y if table.classes else np.asarray((predicted - table.y) ** 2)


def _constant(table: Table) -> NDArray[Any]:
    """Return the constant guess after training on a table: its most frequent class or its mean."""
    return np.asarray(np.bincount(table.y).argmax() if table.classes else table.y.mean())


def _seeds(model: Model, source: Source) -> list[int]:
    return [0, 1] if source.cut == FULL and model.randomised else [source.half]


def _seen(model: Model, source: Source, table: Table) -> Table:
    return source.preparation.images(table) if model.images else table


def _discriminated(source: Source, test: Table, most: int, rng: np.random.Generator) -> list[Part]:
    """Placements of real test rows among rows of the source, and the reverse."""
    size = min(most, len(test), len(source.table))
    real = source.preparation.apply(test.take(np.arange(size))).x
    placed = cross_fitted_placements(real, source.table.take(rng.permutation(len(source.table))[:size]).x, rng)
    return [(NO_MODEL, FULL, kind, values) for kind, values in enumerate(placed)]
