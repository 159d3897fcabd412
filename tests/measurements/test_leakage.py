"""No test row reaches a generator, a projection, an imputer, a scaler or a model: shown by what each of them was given."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import pytest

from experiments.config.registry import build, components
from experiments.datasets.base import Dataset, Table, split
from experiments.datasets.preparation import Preparation
from experiments.generators.base import DataGenerator
from experiments.generators.changed_rows import Real
from experiments.generators.class_densities import ClassGaussian
from experiments.generators.images import ImageGenerator
from experiments.measurements.base import Cell
from experiments.measurements.real_data import RealData, made
from experiments.measurements.samples import Samples
from experiments.models.base import Model
from experiments.models.mlp import MLP
from experiments.models.scikit import Linear
from experiments.rng import stream

ROWS, N, TEST, SEED = 240, 120, 80, 5


@dataclass(frozen=True)
class Marked(Dataset):
    """Rows that carry their own number in a feature, so that it is seen wherever a row goes; `spoilt` changes test rows."""

    spoilt: bool = False

    def load(self, folder, rows=None):
        rng = np.random.default_rng(1)
        x = pd.DataFrame(rng.normal(size=(ROWS, 4)), columns=list("abcd")).assign(row=np.arange(ROWS, dtype=float))
        table = Table(x.copy(), (x["a"] > 0).to_numpy(dtype=int), 2)
        if not self.spoilt:
            return table
        test = ~np.isin(np.arange(ROWS), _train_rows())
        x.loc[test, list("abcd")] = 1e6
        return Table(x, np.where(test, 1 - table.y, table.y), 2)


def _train_rows():
    return stream(SEED, "split").permutation(ROWS)[:N]


def _cell(generator, spoilt=False, models=None):
    parts = {"dataset": Marked(spoilt), "generator": generator, "model": models or {"linear": Linear()}}
    return Cell(parts, N, N, 2, SEED)


@pytest.fixture
def given(monkeypatch):
    """Every table that something was fitted on, by what it was."""
    seen = {"preparation": [], "generator": [], "model": []}
    fit_preparation, fit_all, fit_real = Preparation.fit.__func__, Model.fit_all, Real.fit

    def preparation(cls, train, components):
        seen["preparation"].append(train)
        return fit_preparation(cls, train, components)

    def generator(self, table, rng):
        seen["generator"].append(table)
        return fit_real(self, table, rng)

    def models(self, tables, seeds):
        seen["model"] += tables
        return fit_all(self, tables, seeds)

    monkeypatch.setattr(Preparation, "fit", classmethod(preparation))
    monkeypatch.setattr(Real, "fit", generator)
    monkeypatch.setattr(Model, "fit_all", models)
    return seen


def test_whatever_is_fitted_gets_training_rows_only_and_the_halves_of_a_cut_share_none(given):
    RealData(test_size=TEST, cuts=3).rows(_cell(Real()))
    for what, tables in given.items():
        rows = [set(t.x["row"].astype(int)) for t in tables]
        assert len(tables) == 1 + 2 * 3, what
        assert set().union(*rows) <= set(_train_rows()), what
        assert all(rows[1 + 2 * k].isdisjoint(rows[2 + 2 * k]) for k in range(3)), what
        assert all(len(half) == N // 2 for half in rows[1:])


def _data_generators():
    """Those of tables that are fitted; images go the same way."""
    every = {n: c for n, c in components("generator").items() if issubclass(c, DataGenerator)}
    found = [n for n, c in every.items() if not issubclass(c, ImageGenerator) and n != "table"]
    short = {"cvae": {"epochs": 1}, "flow": {"steps": 2}, "gan": {"steps": 2}}
    return [build("generator", {"kind": n, **short.get(n, {})}) for n in found]


def _trained_on(cls, monkeypatch):
    """The tables that models of a class are trained on, a list for each call."""
    made, fit_all = [], cls.fit_all

    def models(self, tables, seeds):
        made.append([t.frame() for t in tables])
        return fit_all(self, tables, seeds)

    monkeypatch.setattr(cls, "fit_all", models)
    return made


NETWORK = MLP(epochs=2)
MEASURED = [(g, kept, Linear()) for g in _data_generators() for kept in (0, 3)] + [(Real(), 0, NETWORK)]


@pytest.mark.parametrize(("generator", "components_kept", "model"), MEASURED, ids=lambda part: type(part).__name__)
def test_other_test_rows_change_no_synthetic_row_and_no_prediction(generator, components_kept, model, monkeypatch):
    """Sources are equal bit for bit when every test row is spoilt; the models' losses then differ, as they should."""
    made = _trained_on(MLP if model is NETWORK else Model, monkeypatch)
    measure = RealData(test_size=TEST, cuts=2, costly_cuts=2, components=components_kept)
    losses = [measure.rows(_cell(generator, spoilt, {"model": model}))["loss"] for spoilt in (False, True)]
    first, second = made
    assert len(first) == (6 if model is NETWORK else 5)
    assert all(a.equals(b) for a, b in zip(first, second, strict=True))
    assert not np.array_equal(*losses)


def test_the_check_would_see_a_leak(monkeypatch):
    """The control: a preparation that is fitted on the test rows as well makes the same comparison fail."""
    drawn, fit = [], Preparation.fit.__func__
    for spoilt in (False, True):
        whole = Marked(spoilt).load(None)
        monkeypatch.setattr(Preparation, "fit", classmethod(lambda cls, _, k, t=whole: fit(cls, t, k)))
        train = split(whole, N, TEST, stream(SEED, "split"))[0]
        drawn.append(made(_cell(ClassGaussian(), spoilt), train, 3, N, "full")[0].frame())
    assert not drawn[0].equals(drawn[1])


def test_samples_are_those_that_models_were_trained_on(monkeypatch):
    made = _trained_on(Model, monkeypatch)
    cell = _cell(ClassGaussian())
    RealData(test_size=TEST, cuts=2).rows(cell)
    shown = Samples(rows_shown=10, test_size=TEST).rows(replace(cell, parts=cell.parts | {"model": {}}))
    np.testing.assert_allclose(shown["value_a"], made[0][0]["a"][:10], rtol=1e-6)
    np.testing.assert_array_equal(shown["response"], made[0][0].iloc[:10, -1])
