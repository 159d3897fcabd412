"""Linked tables: the area under the curve, the control whose link is broken; shortcuts: the gradients of the remedies' loss."""

import numpy as np
import pytest

from experiments.related.relational import area, dealt_anew
from experiments.related.remedies import gradient, loss
from experiments.rng import stream


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
