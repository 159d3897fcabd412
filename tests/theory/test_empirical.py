import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import ndtr, ndtri

from theory import lowered_roc


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


def test_lowered_curve_keeps_its_promise_and_the_raw_one_does_not():
    """Promised: above β in at most 20% of samples. Of 300, more than 90 would be 5.6 standard deviations: 1e-5."""
    assert share_of_samples_above(lambda *sample: lowered_roc(*sample).power, 0.2) < 0.3
    # Negative control: without the band nearly every sample exceeds β somewhere.
    assert share_of_samples_above(raw, 0.2) > 0.95


def test_by_hand():
    # n = m = 200 and δ = 4 e^(−4): ε = √(4/400) = 0.1. The points (α̂, β̂) = (0, ½), (0, 1), (½, 1), (1, 1) move to
    # (.1, .4), (.1, .9), (.6, .9) and outside; the hull has the corners (0, 0), (.1, .9), (1, 1).
    epsilon = 0.1
    roc = lowered_roc(np.repeat([3.0, 4.0], 100), np.repeat([1.0, 2.0], 100), 4 * np.exp(-4))
    np.testing.assert_allclose(roc.alpha, [0, epsilon, 1])
    np.testing.assert_allclose(roc.beta, [0, 1 - epsilon, 1])
    np.testing.assert_allclose(roc.power([0, epsilon / 2, epsilon, 1, 2]), [0, (1 - epsilon) / 2, 1 - epsilon, 1, 1])
    np.testing.assert_allclose(roc.floor(4 * epsilon, 2.0), 4 * (1 - epsilon))
    assert roc.floor(0.0, 0.0) == 0


@given(st.lists(st.integers(0, 5), min_size=1, max_size=30), st.lists(st.integers(0, 5), min_size=1, max_size=30))
def test_shape(real, synthetic):
    roc = lowered_roc(real, synthetic, 0.5)
    power = roc.power(np.linspace(0, 1, 50))
    assert power[-1] == 1
    assert (np.diff(power) >= -1e-12).all()
    assert (np.diff(power, 2) <= 1e-12).all()


def test_large_samples_close_in_on_the_curve():
    rng = np.random.default_rng(4)
    roc = lowered_roc(rng.normal(1, 1, 200_000), rng.normal(0, 1, 200_000))
    alpha = np.linspace(0.05, 0.95, 20)
    # ε = 0.0033 on each axis; the slope of β is below 3.2 there, and sampling error is within the band again.
    assert (np.abs(roc.power(alpha) - exact(alpha)) < 2 * 0.0034 * 4.2).all()
