"""The discriminator: placements against the pairwise definition, the interval against simulation, ends 1/2 and 1."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from experiments.estimators.intervals import auc_interval
from experiments.measurements.discriminator import _above, placements


def _frame(rng, size, shift=0.0):
    return pd.DataFrame({"a": rng.normal(shift, 1, size), "town": rng.choice(["x", "y"], size)})


def test_placements_are_shares_of_pairs():
    rng = np.random.default_rng(0)
    ours, theirs = rng.integers(5, size=(2, 40)).astype(float)
    brute = [np.mean([(o > t) + (o == t) / 2 for t in theirs]) for o in ours]
    np.testing.assert_allclose(_above(ours, theirs), brute)
    rank = stats.mannwhitneyu(ours, theirs).statistic / 1600
    assert _above(ours, theirs).mean() == pytest.approx(rank)
    assert (1 - _above(theirs, ours)).mean() == pytest.approx(rank)


def test_same_law_gives_one_half_and_far_laws_one():
    rng = np.random.default_rng(1)
    same = auc_interval(*placements(_frame(rng, 800), _frame(rng, 800), rng), 0.9999)
    assert same.contains(0.5)  # false alarm 1e-4, the seed is fixed
    assert auc_interval(*placements(_frame(rng, 400), _frame(rng, 400, 20.0), rng), 0.99).value > 0.99


def test_it_sees_dependence_that_no_linear_score_sees():
    rng = np.random.default_rng(2)
    a = rng.normal(size=(2, 1000))
    real = pd.DataFrame({"a": a[0], "b": a[0] * rng.choice([-1, 1], 1000)})
    synthetic = pd.DataFrame({"a": a[1], "b": rng.permutation(a[1])})
    assert auc_interval(*placements(real, synthetic, rng), 0.999).low > 0.7


def test_interval_covers_at_its_level():
    """Scores N(1, 1) against N(0, 1): the area is Phi(1/sqrt 2). 400 repetitions at 90%: 320 hits or fewer have
    probability below 1e-8 at right coverage; an interval of half the width must fail."""
    rng, truth = np.random.default_rng(3), stats.norm.cdf(2**-0.5)
    hits = halved = 0
    for _ in range(400):
        ours, theirs = rng.normal(1, 1, 60), rng.normal(0, 1, 90)
        area = auc_interval(_above(ours, theirs), 1 - _above(theirs, ours), 0.9)
        hits += area.contains(truth)
        halved += abs(area.value - truth) < area.half_width / 2
    assert hits > 320
    assert halved <= 320


def test_bad_arguments():
    rng = np.random.default_rng(4)
    with pytest.raises(ValueError, match="6 rows"):
        placements(_frame(rng, 5), _frame(rng, 50), rng)
    with pytest.raises(ValueError, match="two placements"):
        auc_interval([0.5], [0.5, 0.6])
