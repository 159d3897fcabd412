"""Intervals: closed forms and equivalent procedures; every estimator names the argument that it refuses."""

import json
from itertools import product
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from experiments.estimators.bounded import bounded_interval
from experiments.estimators.discriminator import cross_fitted_placements
from experiments.estimators.gaps import Spread, paired_gap, risk_difference
from experiments.estimators.half_sampling import HalfLosses, half_splits
from experiments.estimators.intervals import (
    Interval,
    auc_interval,
    clopper_pearson,
    mean_interval,
    ratio_interval,
    simultaneous_level,
)
from experiments.estimators.power_laws import fit_power_law
from experiments.estimators.rankings import choice_regret, kendall_tau, pairwise
from experiments.estimators.slopes import log_slope, plateau

RNG = np.random.default_rng(0)
PAIR = {(0, 1): Interval(1, 0.5, 2, 0.95)}
OTHER = {(0, 2): PAIR[0, 1]}
SPREAD = Spread.of(np.zeros((2, 2, 2)))
ONES = np.ones((2, 2))


@pytest.mark.parametrize(
    ("name", "call"),
    [
        ("6 rows", lambda: cross_fitted_placements(pd.DataFrame({"a": range(5)}), pd.DataFrame({"a": range(50)}), RNG)),
        ("two placements", lambda: auc_interval([0.5], [0.5, 0.6])),
        ("values", lambda: mean_interval([1.0])),
        ("values", lambda: mean_interval([1.0, np.nan])),
        ("level", lambda: mean_interval([1.0, 2.0], 1.0)),
        ("successes", lambda: clopper_pearson(3, 2)),
        ("trials", lambda: clopper_pearson(0, 0)),
        ("statements", lambda: simultaneous_level(0)),
        ("low, value, high", lambda: Interval(3.0, 0.0, 2.0, 0.9)),
        ("level", lambda: Interval(1.0, 0.0, 2.0, 95)),
        ("halves", lambda: Spread.of(np.zeros((2, 3, 2)))),
        ("loss_synthetic", lambda: paired_gap([0.0, 1.0], [0.0], SPREAD, SPREAD)),
        ("halves_real", lambda: paired_gap([0.0, 1.0], [0.0, 1.0], Spread.of(np.zeros((2, 2, 3))), SPREAD)),
        ("loss_second", lambda: risk_difference([0.0, 1.0], [0.0], SPREAD)),
        ("halves", lambda: risk_difference([0.0, 1.0, 0.0], [0.0, 1.0, 0.0], SPREAD)),
        ("losses", lambda: HalfLosses.of(np.zeros((1, 2, 3, 4)))),
        ("rows", lambda: half_splits(1, 3, RNG)),
        ("sizes", lambda: fit_power_law(np.array([50.0, 100, 200]), np.ones((3, 60)))),
        ("real", lambda: kendall_tau({}, {})),
        ("synthetic", lambda: kendall_tau(PAIR, OTHER)),
        ("chosen", lambda: choice_regret(7, PAIR)),
        ("losses", lambda: pairwise(np.zeros((1, 3)), HalfLosses.of(np.zeros((1, 2, 2, 3))))),
        ("samples", lambda: log_slope([1, 2], [[1.0, 1.0], [0.0, 0.0]])),
        ("n_values", lambda: log_slope([1, -2], ONES)),
        ("n_values", lambda: plateau([1, 1], ONES)),
        ("samples", lambda: plateau([1, 2], ONES[:, :1])),
    ],
)
def test_bad_arguments_are_named(name, call):
    with pytest.raises(ValueError, match=name):
        call()


def test_interval_knows_its_numbers_and_survives_json():
    interval = Interval(1.0, 0.5, 2.0, 0.9)
    assert Interval(**json.loads(json.dumps(interval.to_dict()))) == interval
    assert interval.half_width == 0.75
    assert interval.contains(2.0)
    assert not interval.contains(2.1)
    assert [Interval(1, low, high, 0.9).sign for low, high in ((0.1, 2), (-1, 2), (0, 2))] == [1, 0, 0]
    assert interval.scaled(-1.0) == Interval(-1.0, -2.0, -0.5, 0.9)


def test_mean_interval_of_symmetric_values_is_the_inverted_t_test():
    values = np.random.default_rng(1).normal(0, 3, 6)
    interval = mean_interval(np.concatenate([2 + values, 2 - values]), 0.9)
    for end in (interval.low, interval.high):
        assert stats.ttest_1samp(np.concatenate([2 + values, 2 - values]), end).pvalue == pytest.approx(0.1)
    assert interval.value == pytest.approx(2)


@pytest.mark.parametrize("level", [0.95, 0.999, 0.99999])
def test_the_end_on_the_side_of_the_skewness_solves_halls_equation(level):
    values = np.random.default_rng(2).gamma(3, size=300)
    interval, t = mean_interval(values, level), stats.t.ppf((1 + level) / 2, 299)
    a = stats.skew(values, bias=False) * (1 + 8.5 / 300) / 3 / np.sqrt(300)
    error = (interval.value - interval.high) / stats.sem(values)
    assert ((1 + a * error) ** 3 - 1) / (3 * a) + a / 2 == pytest.approx(-t)
    assert interval.value - interval.low == pytest.approx(t * stats.sem(values))
    mirrored = mean_interval(-values, level)
    assert (mirrored.low, mirrored.high) == pytest.approx((-interval.high, -interval.low))


def test_ends_are_never_nearer_than_students_nor_four_times_as_far():
    rng, factors = np.random.default_rng(3), []
    for size, level in product((2, 3, 5, 40), (0.95, 0.999, 1 - 1e-6)):
        values = rng.lognormal(0, 3, size)
        interval, half = mean_interval(values, level), stats.sem(values) * stats.t.ppf((1 + level) / 2, size - 1)
        factors += [(interval.value - interval.low) / half, (interval.high - interval.value) / half]
    assert 1 - 1e-9 < min(factors) < max(factors) < 4 + 1e-9
    assert mean_interval(np.full(7, 0.1)).half_width < 1e-15


def scaled_gammas(rng, shape, size, scale):
    """3000 gamma samples at a scale, and the log likelihood ratios of scale 1 to it."""
    values = scale * rng.gamma(shape, size=(3000, size))
    return values, size * shape * np.log(scale) + values.sum(axis=1) * (1 / scale - 1)


def mean_of_gamma(rng, level, shift, shape, size):
    values, weights = scaled_gammas(rng, shape, size, 1 - shift / np.sqrt(shape * size))
    return mean_interval(values, level).high < shape, weights


def ratio_of_gammas(rng, level, shift, shape, size):
    tilt = shift / np.sqrt(2 * shape * size)
    (one, first), (two, second) = (scaled_gammas(rng, shape, size, scale) for scale in (1 - tilt, 1 + tilt))
    return ratio_interval(one, two, level).high < 1, first + second


@pytest.mark.parametrize("level", [0.999, 0.99999])
@pytest.mark.parametrize(
    ("miss", "shape", "size"),
    [(mean_of_gamma, 3, 100), (mean_of_gamma, 1, 100), (mean_of_gamma, 0.5, 400), (ratio_of_gammas, 1, 100)],
)
def test_means_and_ratios_of_skewed_laws_are_missed_with_probability_1_minus_level_at_most(miss, shape, size, level):
    """Importance sampling at scales where misses are common. Student's interval misses 1.7 to 30 (1 - level) and fails.

    Four standard errors: false alarms below 1e-4. Seeds 0 to 9: 0.3 to 1.05 (1 - level) in the mean, at most 1.27.
    """
    rng, shift = np.random.default_rng(4), 0.8 * stats.norm.isf((1 - level) / 2)
    missed, weights = miss(rng, level, shift, shape, size)
    values = np.where(missed, np.exp(weights), 0.0)
    error = values.std() / np.sqrt(3000)
    assert values.mean() - 4 * error < 1 - level
    assert error < 0.3 * (1 - level), "too coarse to tell"


@pytest.mark.parametrize(("successes", "trials"), [(0, 10), (3, 10), (10, 10), (1, 1), (400, 1000)])
def test_clopper_pearson_inverts_the_exact_test(successes, trials):
    interval = clopper_pearson(successes, trials, 0.95)
    oracle = stats.binomtest(successes, trials).proportion_ci(0.95, method="exact")
    assert (interval.low, interval.high) == pytest.approx((oracle.low, oracle.high), abs=1e-9)


@pytest.mark.parametrize("level", [0.95, 0.999, 0.99999])
def test_clopper_pearson_covers_at_least_its_level_on_each_side(level):
    counts = np.arange(61)
    ends = [clopper_pearson(int(k), 60, level) for k in counts]
    for p in (0.003, 0.1, 0.5, 0.8, 0.97):
        chance = stats.binom.pmf(counts, 60, p)
        for beyond in ([i.high < p for i in ends], [i.low > p for i in ends]):
            assert chance[beyond].sum() <= (1 - level) / 2 * (1 + 1e-9)


@pytest.mark.parametrize("law", [stats.bernoulli(0.02), stats.bernoulli(0.3), stats.beta(0.1, 0.9), stats.beta(30, 70)])
@pytest.mark.parametrize("size", [20, 100])
def test_bounded_mean_is_covered_whatever_the_law(size: int, law: Any):
    """2,000 samples: of misses of either side, 0.5% at most by theory, 4 standard errors more than that are allowed for.

    Tried with 10 other seeds.
    """
    draws = law.rvs((2000, size), random_state=1).astype(float)
    found, mean = bounded_interval(draws, 0, 1, 0.99), law.mean()
    assert max(np.mean(found.low > mean), np.mean(found.high < mean)) <= 0.005 + 4 * (0.005 / 2000) ** 0.5
    turned = bounded_interval(-2 * draws[:3], -2, 0, 0.99)
    np.testing.assert_allclose([turned.low, turned.high], [-2 * found.high[:3], -2 * found.low[:3]], atol=1e-9)


def test_bounded_mean_of_many_equal_values_is_near_them():
    """Values at the end 1: no less than the bet of 3/4 on each, all won, leaves open: (1 + 3(1 - m)/4m)^R = 2/(1 - level)."""
    interval = bounded_interval(np.ones(3000), 0, 1, 0.999)
    steps = 2000 ** (1 / 3000) - 1
    assert 0.75 / (0.75 + steps) - 5e-4 < interval.low < 0.75 / (0.75 + steps) + 1e-9
    assert interval.high == interval.value == 1
