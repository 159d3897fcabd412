"""Power laws with a floor: exact on exact data, right coverage on noisy ones."""

import numpy as np
import pytest

from experiments.estimators.power_laws import fit_power_law
from experiments.rng import stream

SIZES = np.array([50.0, 100, 200, 400, 800, 1600])


def noisy(seed: int, replicates: int = 60, floor: float = 0.2, factor: float = 3.0, exponent: float = 0.8) -> np.ndarray:
    mean = floor + factor * SIZES**-exponent
    return mean[:, None] * (1 + 0.2 * stream(seed, "scaling").standard_normal((len(SIZES), replicates)))


def test_an_exact_law_is_found() -> None:
    exact = (0.2 + 3 * SIZES**-0.8)[:, None] + 1e-9 * np.array([[-1.0, 1.0]])
    law = fit_power_law(SIZES, exact)
    assert (law.floor, law.factor, law.exponent) == pytest.approx((0.2, 3.0, 0.8), rel=1e-3)
    pure = fit_power_law(SIZES, (3 * SIZES**-0.8)[:, None] + 1e-9 * np.array([[-1.0, 1.0]]), floor=False)
    assert (pure.floor, pure.factor, pure.exponent) == pytest.approx((0, 3.0, 0.8), rel=1e-3)


def test_intervals_of_the_floor_cover() -> None:
    # 200 samples at level 0.95: fewer than 176 or more than 200 hits have probability below 1e-3.
    laws = [fit_power_law(SIZES, noisy(seed, 200)) for seed in range(200)]
    hits = sum(law.interval("floor", 0.95).contains(0.2) for law in laws)
    assert hits >= 176
    assert sum(law.interval("floor", 0.95).contains(0.1) for law in laws) < 40, "half of the floor must be missed"


def test_influence_is_the_derivative_of_a_forecast() -> None:
    samples = noisy(1)
    law, step = fit_power_law(SIZES, samples), 1e-4
    moved = samples + step * (samples[:, :1] - samples.mean(axis=1, keepdims=True))  # spreads, hence weights, stay
    change = (fit_power_law(SIZES, moved).at(6400) - law.at(6400)) / step
    assert change == pytest.approx(law.influence_at(6400)[0], rel=0.15)
