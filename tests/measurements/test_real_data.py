"""The measurement of real data: layout of its rows, models left out, costly generators, what is refused."""

from dataclasses import replace

import numpy as np
import pytest

from experiments.config.registry import ConfigError, build
from experiments.datasets.base import split
from experiments.generators.changed_rows import Real
from experiments.generators.cvae import Cvae
from experiments.generators.independent import Independent
from experiments.generators.two_stage import TwoStage
from experiments.measurements.real_data import CONSTANT, HELD_OUT, NO_MODEL, RealData
from experiments.models.scikit import Forest, Linear, NaiveBayes
from experiments.rng import stream
from tests.measurements.test_leakage import SEED, TEST, Marked, N, _cell


def test_one_row_for_each_model_fit_and_test_row():
    """Full table once (twice for a model with randomness), then two halves of each cut."""
    columns = RealData(test_size=TEST, cuts=3).rows(_cell(Real(), models={"a": Linear(), "b": Forest(trees=3)}))
    assert {len(c) for c in columns.values()} == {TEST * (1 + 6 + 2 + 6 + 1)}
    full = columns["cut"] == -1
    for code, fits in ((0, 1), (1, 2)):
        own = columns["model"] == code
        assert (own & full).sum() == fits * TEST
        assert (own & ~full).sum() == 6 * TEST
    assert set(columns["test_row"]) == set(range(TEST))
    assert set(np.unique(columns["loss"])) <= {0.0, 1.0}


def test_rows_held_out_and_the_constant_guess_change_nothing_else():
    """Fits on the full table only, both seeds of one with randomness; none where features are real."""
    models = {"a": Linear(), "b": Forest(trees=3)}
    plain, more = (RealData(TEST, 2, held_out=h).rows(_cell(Independent(), models=models)) for h in (0, 30))
    own = more["cut"] == HELD_OUT
    assert [(own & (more["model"] == code)).sum() for code in (0, 1)] == [30, 60]
    assert all(np.array_equal(values[~own], plain[name]) for name, values in more.items())
    assert HELD_OUT not in RealData(TEST, 2, held_out=30).rows(_cell(Real()))["cut"]
    few = RealData(TEST, 2).condensed(more)
    assert (few["cut"] == HELD_OUT).sum() == 2 * 30
    guess = more["loss"][(more["model"] == NO_MODEL) & (more["half"] == CONSTANT)]
    _, test = split(Marked().load(None), N, TEST, stream(SEED, "split"))
    assert guess.mean() == pytest.approx(min(test.y.mean(), 1 - test.y.mean()))


def test_costly_generators_get_fewer_cuts():
    columns = RealData(test_size=TEST, cuts=7, costly_cuts=2).rows(_cell(Cvae(epochs=1)))
    assert columns["cut"].max() == 1
    assert RealData(test_size=TEST, cuts=7, costly_cuts=2).rows(_cell(Real()))["cut"].max() == 6


def test_discriminator_rows_are_placements_of_both_kinds():
    columns = RealData(test_size=TEST, cuts=2, discriminator=50).rows(_cell(Independent()))
    own = (columns["model"] == NO_MODEL) & (columns["half"] != CONSTANT)
    assert own.sum() == 100
    assert sorted(columns["half"][own]) == [0] * 50 + [1] * 50
    assert columns["loss"][own].min() >= 0
    real, synthetic = (columns["loss"][own & (columns["half"] == k)].mean() for k in (0, 1))
    assert real == pytest.approx(synthetic, abs=0.02)


def test_models_that_do_not_serve_the_response_are_left_out():
    dataset = build("dataset", {"kind": "diabetes"})
    cell = _cell(Real(), models={"a": Linear(), "b": NaiveBayes()})
    cell = replace(cell, parts=cell.parts | {"dataset": dataset})
    columns = RealData(test_size=TEST, cuts=2).rows(cell)
    assert set(columns["model"]) == {0, NO_MODEL}
    alone = replace(cell, parts=cell.parts | {"model": {"b": NaiveBayes()}})
    with pytest.raises(ConfigError, match="none serves it"):
        RealData(test_size=TEST).check(alone)


@pytest.mark.parametrize(
    ("cell", "message"),
    [(_cell(TwoStage()), "fitted on a table"), (replace(_cell(Real()), n=200), "at most 160")],
)
def test_what_does_not_fit_is_refused(cell, message):
    with pytest.raises(ConfigError, match=message):
        RealData(test_size=TEST).check(cell)
