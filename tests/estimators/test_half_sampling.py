"""Losses on halves of a table, compressed: the same spreads as the losses themselves."""

import numpy as np
import pytest

from experiments.estimators.gaps import Spread
from experiments.estimators.half_sampling import HalfLosses, half_splits
from experiments.measurements.real_data import RealData

WEIGHTS = ([1, 0, 0, 0], [0, 1, 0, -1], [0.25, 0.25, 0.25, 0.25])


def agree(found: Spread, wanted: Spread) -> None:
    assert found.rows == wanted.rows
    assert found.mean == pytest.approx(wanted.mean, abs=1e-12)
    assert found.variance == pytest.approx(wanted.variance, rel=1e-9, abs=1e-12)


def weighted(losses: np.ndarray, weights: list[float]) -> Spread:
    return Spread.of(np.tensordot(weights, losses, axes=1))


@pytest.mark.parametrize("weights", WEIGHTS)
@pytest.mark.parametrize("rows", [2, 3, 7, 8, 9, 501])
def test_compressed_losses_have_the_same_spread(rows: int, weights: list[float]) -> None:
    """Also where there are fewer rows than models, and where two models never differ."""
    losses = np.random.default_rng(rows).normal(3.0, 2.0, size=(4, 5, 2, rows))
    losses[2] = losses[1]
    agree(HalfLosses.of(losses).spread(weights), weighted(losses, weights))


def test_a_measurement_condenses_its_halves_only() -> None:
    rng = np.random.default_rng(2)
    models, cuts, rows = 2, 3, 10
    full, halves = rng.normal(size=(models, rows)), rng.normal(size=(models, cuts, 2, rows))
    parts = [
        (model, cut, half, full[model] if cut < 0 else halves[model, cut, half])
        for model in range(models)
        for cut, half in [(-1, 0), *((c, h) for c in range(cuts) for h in (0, 1))]
    ]
    names = ("model", "cut", "half")
    raw = {name: np.repeat([part[i] for part in parts], rows).astype(np.int16) for i, name in enumerate(names)}
    raw |= {"test_row": np.tile(np.arange(rows, dtype=np.int32), len(parts)), "loss": np.concatenate([p[3] for p in parts])}
    few = RealData().condensed(raw)
    whole = few["cut"] < 0
    assert np.array_equal(few["loss"][whole], full.ravel())
    assert (~whole).sum() == models * cuts * (models + 1)
    values = few["loss"][~whole].reshape(models, cuts, models + 1)
    agree(HalfLosses(rows, values).spread([1, -1]), weighted(halves, [1, -1]))
    assert {name: few[name].dtype for name in names} == {name: raw[name].dtype for name in names}


def test_halves_are_disjoint_balanced_and_random():
    cuts = half_splits(11, 200, np.random.default_rng(5))
    assert cuts.shape == (200, 2, 5)
    assert all(np.unique(cut).size == 10 for cut in cuts)
    # Each row is in a given half with probability 5/11; 4.5 sigma for each of 11 rows: false alarm below 1e-4.
    share = np.array([(cuts[:, 0] == row).any(1).mean() for row in range(11)])
    assert np.abs(share - 5 / 11).max() < 4.5 * np.sqrt(5 / 11 * 6 / 11 / 200)
