"""Intervals: closed forms, equivalent procedures, and arguments out of range."""

import json

import numpy as np
import pytest
from scipy import stats

from experiments.estimators.intervals import Interval, mean_interval, wilson


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
