"""The discriminator: placements against the pairwise definition, the interval against simulation, ends 1/2 and 1."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from experiments.estimators.discriminator import cross_fitted_placements, placements, share_below
from experiments.estimators.intervals import auc_interval


def _frame(rng, size, shift=0.0):
    return pd.DataFrame({"a": rng.normal(shift, 1, size), "town": rng.choice(["x", "y"], size)})


def test_placements_are_shares_of_pairs():
    rng = np.random.default_rng(0)
    ours, theirs = rng.integers(5, size=(2, 40)).astype(float)
    brute = [np.mean([(o > t) + (o == t) / 2 for t in theirs]) for o in ours]
    np.testing.assert_allclose(share_below(ours, theirs), brute)
    rank = stats.mannwhitneyu(ours, theirs).statistic / 1600
    assert share_below(ours, theirs).mean() == pytest.approx(rank)
    assert (1 - share_below(theirs, ours)).mean() == pytest.approx(rank)


def test_same_law_gives_one_half_and_far_laws_one():
    rng = np.random.default_rng(1)
    same = auc_interval(*cross_fitted_placements(_frame(rng, 800), _frame(rng, 800), rng), 0.9999)
    assert same.contains(0.5)  # false alarm 1e-4, the seed is fixed
    assert auc_interval(*cross_fitted_placements(_frame(rng, 400), _frame(rng, 400, 20.0), rng), 0.99).value > 0.99


def test_it_sees_dependence_that_no_linear_score_sees():
    rng = np.random.default_rng(2)
    a = rng.normal(size=(2, 1000))
    real = pd.DataFrame({"a": a[0], "b": a[0] * rng.choice([-1, 1], 1000)})
    synthetic = pd.DataFrame({"a": a[1], "b": rng.permutation(a[1])})
    assert auc_interval(*cross_fitted_placements(real, synthetic, rng), 0.999).low > 0.7


def test_interval_covers_at_its_level():
    """Scores N(1, 1) against N(0, 1): the area is Phi(1/sqrt 2). 400 repetitions at 90%: 320 hits or fewer have
    probability below 1e-8 at right coverage; an interval of half the width must fail."""
    rng, truth = np.random.default_rng(3), stats.norm.cdf(2**-0.5)
    hits = halved = 0
    for _ in range(400):
        ours, theirs = rng.normal(1, 1, 60), rng.normal(0, 1, 90)
        found = auc_interval(*placements(ours, theirs), 0.9)
        hits += found.contains(truth)
        halved += abs(found.value - truth) < found.half_width / 2
    assert hits > 320
    assert halved <= 320


def test_the_interval_is_delongs_by_hand_and_from_all_pairs():
    """DeLong, DeLong, Clarke-Pearson (1988): variance S10/m + S01/n, where S10 and S01 are the sample variances (divisor
    m - 1, n - 1) of the structural components, means of psi(X, Y) = 1, 1/2, 0 over the other kind; normal quantile.

    By hand: scores 3, 1 against 2, 0 have components 1, 1/2 and 1/2, 1; area 3/4, S10 = S01 = 1/8, variance 1/8.
    """
    by_hand = auc_interval(*placements(np.array([3.0, 1.0]), np.array([2.0, 0.0])), 0.95)
    assert by_hand.value == 0.75
    assert by_hand.half_width == pytest.approx(1.959964 * np.sqrt(1 / 8))
    rng = np.random.default_rng(5)
    ours, theirs = rng.integers(0, 9, 12) + 2.0, rng.integers(0, 9, 18) + 0.0  # with ties
    psi = (ours[:, None] > theirs) + (ours[:, None] == theirs) / 2
    deviations = [psi.mean(axis=axis) - psi.mean() for axis in (1, 0)]
    variance = sum((d**2).sum() / (len(d) - 1) / len(d) for d in deviations)
    found = auc_interval(*placements(ours, theirs), 0.9)
    assert found.value == pytest.approx(psi.mean())
    assert found.half_width == pytest.approx(stats.norm.ppf(0.95) * np.sqrt(variance))
