"""Shortcuts: the gradients of the remedies' loss."""

import numpy as np
import pytest

from experiments.related.remedies import gradient, loss
from experiments.rng import stream


def test_gradients_are_those_of_the_loss() -> None:
    rng = stream(5, "g")
    theta, x = rng.standard_normal((2, 4)), rng.standard_normal((2, 9, 4))
    y = (rng.random((2, 9)) < 0.5).astype(float)
    for j in range(4):
        step = np.zeros(4)
        step[j] = 1e-6
        slope = (loss(theta + step, x, y) - loss(theta - step, x, y)) / 2e-6
        assert gradient(theta, x, y)[:, j] == pytest.approx(slope, abs=1e-8)
