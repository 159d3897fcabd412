"""Imputation, linked tables, shortcuts: what is known beforehand against simulation."""

import numpy as np
import pytest

from experiments.learners.knn import KNearestNeighbours
from experiments.measurements.base import Cell
from experiments.related.imputation import MASKS, Imputation, categories, features, filling, numbers
from experiments.related.relational import area, dealt_anew
from experiments.related.remedies import gradient, loss
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


def test_the_area_is_the_share_of_ordered_pairs() -> None:
    first, second = stream(3, "a").integers(0, 5, (2, 8)) * 1.0, stream(3, "b").integers(0, 5, (2, 6)) * 1.0
    pairs = (first[:, :, None] > second[:, None]) + 0.5 * (first[:, :, None] == second[:, None])
    assert area(first, second) == pytest.approx(pairs.mean(axis=(1, 2)))


def test_dealing_anew_keeps_both_tables_and_breaks_the_link() -> None:
    rows = stream(4, "d").standard_normal((2, 500, 7))
    rows[..., 1:5] += 3 * rows[..., :1]
    dealt = dealt_anew(rows, stream(4, "deal"))
    assert (dealt[..., [0, 5, 6]] == rows[..., [0, 5, 6]]).all()
    for old, new in zip(rows, dealt):
        assert np.sort(old[:, 1:5], axis=None) == pytest.approx(np.sort(new[:, 1:5], axis=None))
        assert np.corrcoef(old[:, 0], old[:, 1])[0, 1] > 0.9
        assert abs(np.corrcoef(new[:, 0], new[:, 1])[0, 1]) < 0.2  # more than four standard errors


def test_gradients_are_those_of_the_loss() -> None:
    rng = stream(5, "g")
    theta, x = rng.standard_normal((2, 4)), rng.standard_normal((2, 9, 4))
    y = (rng.random((2, 9)) < 0.5).astype(float)
    for j in range(4):
        step = np.zeros(4)
        step[j] = 1e-6
        slope = (loss(theta + step, x, y) - loss(theta - step, x, y)) / 2e-6
        assert gradient(theta, x, y)[:, j] == pytest.approx(slope, abs=1e-8)
