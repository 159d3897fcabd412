"""Slopes and limits of means, power laws with a floor: exact powers, equivalent procedures, coverage by simulation."""

import numpy as np
import pytest
from scipy import stats

from experiments.estimators.intervals import mean_interval
from experiments.estimators.power_laws import fit_power_law
from experiments.estimators.slopes import _bend, _line_weights, log_slope, plateau, slope_excess
from experiments.rng import stream

SIZES = np.array([50.0, 100, 200, 400, 800, 1600])


def test_log_slope_of_a_power_is_exact_and_agrees_with_a_jackknife():
    sizes = np.array([50, 100, 200, 400])
    factors = np.random.default_rng(2).lognormal(0, 0.3, 40)  # common to all n: they shift, never tilt
    exact = log_slope(sizes, sizes[:, None] ** -0.4 * factors)
    assert exact.value == pytest.approx(-0.4)
    assert exact.half_width < 1e-12
    samples = sizes[:, None] ** -0.4 * np.random.default_rng(3).lognormal(0, 0.3, (4, 400))
    interval = log_slope(sizes, samples)
    slope = lambda table: np.polyfit(np.log(sizes), np.log(table.mean(1)), 1)[0]  # noqa: E731
    left_out = np.array([slope(np.delete(samples, r, axis=1)) for r in range(400)])
    jackknife = np.sqrt(399 * left_out.var())
    assert interval.value == pytest.approx(slope(samples))
    assert interval.half_width == pytest.approx(stats.t.ppf(0.975, 399) * jackknife, rel=0.01)


def test_plateau_is_each_replicates_own_least_squares_constant():
    sizes, rng = np.array([100, 200, 400, 800]), np.random.default_rng(4)
    samples = 0.3 + 5 / sizes[:, None] + rng.normal(0, 0.1, (4, 30)) + rng.normal(0, 0.2, 30)
    own = [np.polyfit(1 / sizes, samples[:, r], 1)[1] for r in range(30)]
    interval, oracle = plateau(sizes, samples), mean_interval(own)
    assert (interval.value, interval.low, interval.high) == pytest.approx((oracle.value, oracle.low, oracle.high))
    noiseless = plateau(sizes, np.repeat(0.3 + 5 / sizes[:, None], 3, axis=1))
    assert noiseless.value == pytest.approx(0.3)


@pytest.mark.parametrize("estimator", [log_slope, plateau])
def test_coverage_of_slope_and_plateau(estimator):
    """400 sets of 25 replicates with a common part; below 364 has probability under 1e-3 at true coverage 0.95."""
    assert stats.binom.cdf(363, 400, 0.95) < 1e-3
    sizes, rng = np.array([50.0, 100, 200, 400]), np.random.default_rng(31)
    mean = 2 * sizes**-0.5 if estimator is log_slope else 0.4 + 3 / sizes
    covered = 0
    for _ in range(400):
        noise = 0.2 * rng.normal(size=25) + 0.2 * rng.normal(size=(4, 25))
        samples = mean[:, None] * (1 + noise)
        covered += estimator(sizes, samples).contains(-0.5 if estimator is log_slope else 0.4)
    assert covered >= 364


def test_bend_is_the_curvature_along_the_direction_of_the_influence() -> None:
    """Three root R times theta'' / 2 theta', as x̄ moves by cov(x, influence)/sd, by finite differences."""
    sizes, rng = np.array([50.0, 100, 200, 400]), np.random.default_rng(5)
    samples = sizes[:, None] ** -0.5 * (0.5 * rng.gamma(1, size=(1, 80)) + rng.gamma(1, size=(4, 80)))
    means, weights = samples.mean(axis=1), _line_weights(np.log(sizes))[1]
    influence = weights @ (samples / means[:, None])
    step = np.cov(np.vstack([influence, samples]), ddof=0)[0, 1:] / influence.std() / 80**0.5
    theta = [weights @ np.log(means + t * step) for t in (-1e-3, 0, 1e-3)]
    first, second = (theta[2] - theta[0]) / 2e-3, (theta[0] - 2 * theta[1] + theta[2]) / 1e-6
    bend = _bend(weights, samples / means[:, None], influence)
    assert bend == pytest.approx(3 * 80**0.5 * second / 2 / first, rel=1e-3)


def test_slope_excess_covers_and_is_zero_of_a_column_against_itself() -> None:
    """Its 95% interval covers the truth in 95% of 400 repetitions: within 5 standard errors, false alarms below 1e-6."""
    rng, covered = np.random.default_rng(0), 0
    sizes = np.array([100.0, 400.0, 1600.0])
    for _ in range(400):
        base = rng.standard_normal((1, 40))
        first = sizes[:, None] ** -0.7 * np.exp(0.2 * base + 0.1 * rng.standard_normal((3, 40)))
        second = sizes[:, None] ** -0.5 * np.exp(0.2 * base + 0.1 * rng.standard_normal((3, 40)))
        covered += slope_excess(sizes, first, second, 0.8, 0.95).contains(-0.7 + 0.4)
    assert abs(covered / 400 - 0.95) < 5 * np.sqrt(0.95 * 0.05 / 400)
    itself = slope_excess(sizes, first, first, 1.0)
    assert (itself.value, itself.half_width) == pytest.approx((0, 0), abs=1e-12)


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
