import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import ndtr, ndtri
from scipy.stats import binomtest

from theory import lowered_roc

THRESHOLDS = np.linspace(-2, 4, 13)


def exact(alpha):
    # N(1,1) real against N(0,1) synthetic, score x: β(α) = P(X > t) at P(Z > t) = α.
    return ndtr(1 + ndtri(alpha))


def share_of_samples_above(power, delta, repeats=300, size=400):
    """Share of samples whose estimated curve exceeds the exact one somewhere."""
    above = []
    for rng in np.random.default_rng(8).spawn(repeats):
        real, synthetic = rng.normal(1, 1, size), rng.normal(0, 1, size)
        alpha = np.linspace(0.001, 0.999, 500)
        above.append((power(real, synthetic, delta)(alpha) > exact(alpha) + 1e-12).any())
    return np.mean(above)


def raw(real, synthetic, delta):
    # The empirical curve: right-continuous steps, the share of real scores above the synthetic quantile.
    return lambda alpha: np.mean(real > np.quantile(synthetic, 1 - alpha)[:, None], axis=1)


def best_of_many(real, synthetic, delta):
    return lambda alpha: np.max([lowered_roc(real, synthetic, [t], delta).power(alpha) for t in real[:100]], axis=0)


def test_lowered_curve_keeps_its_promise_and_the_raw_one_does_not():
    """Promised: above β in at most 20% of samples. Of 300, more than 90 would be 4.3 standard deviations: 1e-5."""
    assert share_of_samples_above(lambda *sample: lowered_roc(*sample[:2], THRESHOLDS, sample[2]).power, 0.2) < 0.3
    # Negative controls: without bounds nearly every sample exceeds β; so do more than the half allowed with one
    # threshold chosen afterwards (0.79 over six seeds; 0.6 of 100 is 4.7 standard deviations away).
    assert share_of_samples_above(raw, 0.2, 300) > 0.95
    assert share_of_samples_above(best_of_many, 0.5, 100) > 0.6


def test_by_hand():
    # n = m = 200, one threshold, δ/2 = e^(-20): none of 200 gives the bound 1 - e^(-20/200), all of 200 the bound e^(-0.1).
    top = np.exp(-0.1)
    roc = lowered_roc(np.full(200, 3.0), np.full(200, 1.0), [2.0], 2 * np.exp(-20))
    np.testing.assert_allclose(roc.alpha, [0, 1 - top, 1])
    np.testing.assert_allclose(roc.beta, [0, top, 1])
    np.testing.assert_allclose(roc.power([0, (1 - top) / 2, 1 - top, 1, 2]), [0, top / 2, top, 1, 1])
    np.testing.assert_allclose(roc.floor(4 * (1 - top), 2.0), 4 * top)
    assert roc.floor(0.0, 0.0) == 0
    # m = 2,000 and K = 15: a point at α = .0032, where a band for all thresholds at once begins at √(log(40)/4000) = .030.
    roc = lowered_roc(np.full(2000, 3.0), np.full(2000, 1.0), np.full(15, 2.0))
    np.testing.assert_allclose(roc.alpha[1], -np.expm1(np.log(0.05 / 30) / 2000), rtol=1e-9)


def test_bounds_against_another_program():
    rng = np.random.default_rng(6)
    for n, m in ((7, 50), (300, 120), (1, 1)):
        real, synthetic = rng.normal(1, 1, n), rng.normal(0, 1, m)
        for t in (-3.0, 0.0, 0.5, 1.0, 4.0):
            roc, level = lowered_roc(real, synthetic, [t], 0.1), 1 - 0.1
            low = binomtest(int((real >= t).sum()), n).proportion_ci(level).low
            high = binomtest(int((synthetic >= t).sum()), m).proportion_ci(level).high
            np.testing.assert_allclose(roc.power(high), max(low, high), rtol=1e-9)  # the diagonal, at least


@given(st.lists(st.integers(0, 5), min_size=1, max_size=30), st.lists(st.integers(0, 5), min_size=1, max_size=30))
def test_shape(real, synthetic):
    roc = lowered_roc(real, synthetic, [1, 2.5, 3, 4, 9], 0.5)
    power = roc.power(np.linspace(0, 1, 50))
    assert power[-1] == 1
    assert (np.diff(power) >= -1e-12).all()
    assert (np.diff(power, 2) <= 1e-12).all()


def test_large_samples_close_in_on_the_curve():
    rng = np.random.default_rng(4)
    roc = lowered_roc(rng.normal(1, 1, 200_000), rng.normal(0, 1, 200_000), np.linspace(-3, 4, 71))
    alpha = np.linspace(0.05, 0.95, 20)
    # Bounds at most .0038 away on each axis (3.4 standard deviations), sampling error within as much; the slope of β is
    # below 3.2 there. Chords between thresholds lose less than 31 (.0103)²/8 = .0005.
    assert (np.abs(roc.power(alpha) - exact(alpha)) < 2 * 0.0038 * 4.2 + 0.0005).all()
