"""Intervals: closed forms and equivalent procedures; every estimator names the argument that it refuses."""

import json

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from experiments.estimators.discriminator import cross_fitted_placements
from experiments.estimators.gaps import Spread, paired_gap, risk_difference
from experiments.estimators.half_sampling import HalfLosses, half_splits
from experiments.estimators.intervals import Interval, auc_interval, mean_interval, simultaneous_level, wilson
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
        ("successes", lambda: wilson(3, 2)),
        ("trials", lambda: wilson(0, 0)),
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


def test_mean_interval_is_the_inverted_t_test():
    values = np.random.default_rng(1).normal(2, 3, 12)
    interval = mean_interval(values, 0.9)
    for end in (interval.low, interval.high):
        assert stats.ttest_1samp(values, end).pvalue == pytest.approx(0.1)
    assert interval.value == pytest.approx(values.sum() / 12)


@pytest.mark.parametrize(("successes", "trials"), [(0, 10), (3, 10), (10, 10), (1, 1), (400, 1000)])
def test_wilson_inverts_the_score_test(successes, trials):
    interval = wilson(successes, trials, 0.95)
    oracle = stats.binomtest(successes, trials).proportion_ci(0.95, method="wilson")
    assert (interval.low, interval.high) == pytest.approx((oracle.low, oracle.high), abs=1e-12)
    for end in (interval.low, interval.high):  # the score statistic at an inner end is the normal quantile
        if 1e-9 < end < 1 - 1e-9:
            score = abs(interval.value - end) / np.sqrt(end * (1 - end) / trials)
            assert score == pytest.approx(stats.norm.ppf(0.975))
