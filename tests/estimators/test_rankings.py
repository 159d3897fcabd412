"""Rankings: verdicts by hand, tau and regret against brute force over all orders that the intervals allow."""

from itertools import combinations, product

import numpy as np
import pytest
from scipy import stats

from experiments.estimators.gaps import Spread, risk_difference
from experiments.estimators.half_sampling import HalfLosses, half_splits
from experiments.estimators.intervals import Interval, simultaneous_level
from experiments.estimators.rankings import choice_regret, kendall_tau, pair_verdict, pairwise

UP, DOWN, OPEN = Interval(1, 0.5, 2, 0.95), Interval(-1, -2, -0.5, 0.95), Interval(0.1, -1, 1, 0.95)


def _pairs(risks, reach):
    return {
        (i, j): Interval(risks[i] - risks[j], risks[i] - risks[j] - reach, risks[i] - risks[j] + reach, 0.95)
        for i, j in combinations(range(len(risks)), 2)
    }


def test_verdicts_and_their_level():
    assert [simultaneous_level(count) for count in (1, 10)] == pytest.approx([0.95, 0.995])
    assert pair_verdict(UP, UP) == pair_verdict(DOWN, DOWN) == "same order"
    assert pair_verdict(UP, DOWN) == "flipped"
    assert {pair_verdict(a, b) for a, b in ((OPEN, UP), (DOWN, OPEN), (OPEN, OPEN))} == {"undecided"}


def test_tau_without_uncertainty_is_scipys():
    rng = np.random.default_rng(1)
    for _ in range(20):
        real, synthetic = rng.normal(size=(2, 6))
        tau = kendall_tau(_pairs(real, 0), _pairs(synthetic, 0))
        assert tau.value == tau.low == tau.high == pytest.approx(stats.kendalltau(real, synthetic).statistic)


def test_tau_interval_holds_every_tau_that_the_intervals_allow():
    rng = np.random.default_rng(2)
    for _ in range(20):
        real, synthetic = rng.normal(size=(2, 4))
        tau = kendall_tau(_pairs(real, 0.5), _pairs(synthetic, 0.5))
        for a, b in rng.uniform(-0.25, 0.25, (100, 2, 4)):  # risks moved by 1/4 move differences by at most 1/2
            assert tau.low - 1e-12 <= stats.kendalltau(real + a, synthetic + b).statistic <= tau.high + 1e-12


def test_regret_by_brute_force():
    risks = np.array([0.3, 0.1, 0.2])
    for chosen, expected in enumerate(risks - risks.min()):
        regret = choice_regret(chosen, _pairs(risks, 0.05))
        moved = [
            np.max(risks[chosen] + m[chosen] - risks - np.array(m)) for m in product((-0.025, 0.0, 0.025), repeat=3)
        ]
        assert regret.value == pytest.approx(expected)
        assert (regret.low, regret.high) == pytest.approx((min(moved), max(moved)))


def test_pairwise_is_the_risk_difference_of_each_pair():
    rng = np.random.default_rng(3)
    losses, halves = rng.normal(size=(3, 20)), rng.normal(size=(3, 5, 2, 20))
    pairs = pairwise(losses, HalfLosses.of(halves), 0.9)
    assert set(pairs) == {(0, 1), (0, 2), (1, 2)}
    alone = risk_difference(losses[0], losses[2], Spread.of(halves[0] - halves[2]), 0.9)
    assert pairs[0, 2].to_dict() == pytest.approx(alone.to_dict())


def test_a_tied_pair_is_seldom_called_flipped():
    """Two equal models (means of the same data from different columns); flips have probability at most 5%.

    More than 12 of 100 has probability below 2e-3.
    """
    assert stats.binom.sf(12, 100, 0.05) < 2e-3
    flips = 0
    for i in range(100):
        rng = np.random.default_rng([4, i])
        verdicts, tests = [], rng.normal(size=(2, 60))
        for _ in range(2):
            table = rng.normal(size=(2, 60))
            cut = half_splits(60, 5, rng)
            losses = (table.mean(1)[:, None] - tests) ** 2
            halves = [[[(t[h].mean() - test) ** 2 for h in pair] for pair in cut] for t, test in zip(table, tests)]
            verdicts.append(pairwise(losses, HalfLosses.of(halves))[0, 1])
        flips += pair_verdict(*verdicts) == "flipped"
    assert flips <= 12
