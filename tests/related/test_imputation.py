"""Imputation: what is known beforehand against simulation."""

import numpy as np
import pytest

from experiments.learners.knn import KNearestNeighbours
from experiments.measurements.base import Cell
from experiments.related.imputation import MASKS, Imputation, categories, features, filling, numbers
from experiments.rng import stream


@pytest.mark.parametrize("mask", MASKS)
@pytest.mark.parametrize("draw", [numbers, categories])
def test_the_best_prediction_is_the_conditional_mean(draw: object, mask: str) -> None:
    # 20 bins of the seen feature, four standard errors each: false alarm below 20 x 6e-5.
    rows = draw(400_000, mask, stream(1, "best"))  # type: ignore[operator]
    level = np.rint(rows.value / 10).astype(int) % 4
    truth = 2 * rows.value + rows.seen if draw is numbers else np.array([0.0, 1.0, 2.0, -1.0])[level] + rows.seen
    for low in np.linspace(0, 0.95, 20):
        here = rows.missing & (rows.seen >= low) & (rows.seen < low + 0.05)
        off = truth[here] - rows.best[here]
        assert abs(off.mean()) < 4 * off.std() / np.sqrt(here.sum())
    assert (truth[~rows.missing] == rows.best[~rows.missing]).all()


def test_filling_uses_what_is_seen() -> None:
    rows = numbers(1000, "MNAR", stream(2, "fill"))
    rows = type(rows)(*(np.stack([v, v]) for v in (rows.value, rows.seen, rows.missing, rows.best)))
    fill = filling(rows, "mean")
    assert fill[0, 0] == pytest.approx(rows.value[0][~rows.missing[0]].mean())
    assert (features(rows, fill)[..., 0][rows.missing] == fill[0, 0]).all()


def test_a_level_of_its_own_beats_the_mode() -> None:
    columns = Imputation(test_size=300).rows(Cell({"learner": KNearestNeighbours(factor=1.0)}, 2000, 2000, 3, 1))
    mean = {s: columns["excess"][columns["scheme"] == s].mean() for s in ("mean", "mode", "level")}
    assert mean["level"] < 0.4 * mean["mode"]
