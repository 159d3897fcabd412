from itertools import pairwise

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.optimize import brentq, minimize

from tests.theory.closed_forms import Phi, normal_shift, quantile
from tests.theory.laws import beta, line, swapped, uniform
from tests.theory.programs import lattice_pairs, most_value
from tests.theory.strategies import pairs, pairs_and_functions
from theory import PairedMeasure, TransferCurve, projection, ranking_tolerance
from theory.misspecification import class_error
from theory.ranking import certified_by_gap, direction_flip, flip_intervals, label_flip_interval, worst_response
from theory.regression import risk_bound


def risks(seed, count=5000):
    """Real and synthetic risks of two models, from well separated to nearly equal; replicates in front."""
    rng = np.random.default_rng(seed)
    real = 1 + 10.0 ** rng.uniform(-3, 0, (count, 1)) * rng.standard_normal((count, 2))
    return real, real + 10.0 ** rng.uniform(-3, 0, (count, 1)) * rng.standard_normal((count, 2))


def assert_certified_are_consistent(factor=1.0):
    for seed in range(4):
        real, synthetic = risks(seed)
        gap, utility = real[:, 0] - real[:, 1], factor * np.abs(synthetic - real).T
        consistent = gap * (synthetic[:, 0] - synthetic[:, 1]) > 0
        certified = certified_by_gap(gap, *utility)
        assert certified.any()
        assert not certified.all()
        assert consistent[certified].all()
        # 6.2: on an inconsistent replicate the utilities reach the gap.
        assert np.all(utility.sum(axis=0)[~consistent] >= np.abs(gap)[~consistent])


def test_certified_rankings_are_consistent_and_halved_bounds_fail():
    assert_certified_are_consistent()
    with pytest.raises(AssertionError):
        assert_certified_are_consistent(factor=0.5)


def test_gap_by_hand():
    gap, first, second = [0.5, -0.5, 0.3, 0.0, 0.2], [0.2, 0.2, 0.2, 0.0, np.inf], 0.1
    np.testing.assert_array_equal(certified_by_gap(gap, first, second), [True, True, False, False, False])
    assert certified_by_gap(1.0, 0.1, 0.1)


@given(pairs_and_functions(count=5))
def test_class_certificate(case):
    pair, _, first, mu, mu_tilde, model_1, model_2 = case
    basis = np.stack([first, np.ones(pair.size)])
    best = projection(pair.p, basis, mu) @ basis
    least = pair.norm_p(best - mu) ** 2 * (1 - 1e-9)
    fitted_1 = projection(pair.p, basis, model_1) @ basis
    e_s, e_r = pair.norm_q(model_2 - mu_tilde), pair.norm_q(mu_tilde - mu)
    if risk_bound(TransferCurve(pair), e_s, e_r, np.abs(model_2 - mu).max()) < least:
        assert pair.norm_p(model_2 - mu) < pair.norm_p(fitted_1 - mu)


def test_tolerance_in_closed_form():
    # Beta(a,1): β(α) = α^(1/a), δ* = M (A₁/M²)^(a/2). Shift: δ* = M √Φ(Φ⁻¹(A₁/M²) - δ).
    level, m = np.array([0.01, 0.1, 0.5]), np.array([1.0, 2.0, 0.8])
    for a in (1.5, 3.0):
        curve = TransferCurve(PairedMeasure.quadrature(uniform(), beta(a), 16))
        np.testing.assert_allclose(ranking_tolerance(curve, level, m), m * (level / m**2) ** (a / 2), rtol=1e-3)
    family = normal_shift(1.0)
    curve = TransferCurve(PairedMeasure.quadrature(family.law_p, family.law_q, 16))
    np.testing.assert_allclose(
        ranking_tolerance(curve, level, m), m * np.sqrt(Phi(quantile(level / m**2) - 1)), rtol=1e-5
    )


def test_tolerance_at_the_ends():
    pair = PairedMeasure([0.0, 1.0, 2.0], [0.5, 0.2, 0.3], [0.4, 0.0, 0.6])
    curve = TransferCurve(pair)
    # ρ₀ = .2: no tolerance up to M²ρ₀ = .8. A₁ = M² = 4: M√Q(p > 0) = 2. Above M²: any responses.
    np.testing.assert_allclose(ranking_tolerance(curve, [1e-9, 0.8, 4.0, 4.01], 2.0), [0, 0, 2, np.inf])
    partly = TransferCurve(PairedMeasure([0.0, 1.0], [1.0, 0.0], [0.3, 0.7]))
    np.testing.assert_allclose(ranking_tolerance(partly, [4.0, 4.0001], 2.0), [2 * np.sqrt(0.3), np.inf])


@given(pairs(), st.floats(1e-9, 1.2), st.floats(0, 1))
def test_tolerance_is_the_supremum(pair, level, share):
    curve = TransferCurve(pair)
    tolerance = ranking_tolerance(curve, level, 1.0)
    below = min(tolerance, 2.0) * share
    if share < 1 - 1e-6 and below > 0:
        assert curve.bound(below**2, 1.0) < level + 1e-12
    if tolerance < 1:
        assert curve.bound((tolerance + 1e-7) ** 2, 1.0) >= level - 1e-12


def assert_tolerant(tolerance_of, count=400):
    """No responses with an error below the tolerance make the limit of model 2 worse than A₁."""
    rng = np.random.default_rng(5)
    pair = PairedMeasure.quadrature(uniform(), beta(2), 8)
    x, basis = line(pair)
    mu = np.sin(2 * np.pi * x)
    least = pair.norm_p(projection(pair.p, basis, mu) @ basis - mu) ** 2
    tolerance = tolerance_of(pair, least)
    errors = tolerance * rng.uniform(0, 0.999, count)
    wiggles = np.sign(np.sin(rng.uniform(1, 60, (count, 1)) * x + rng.uniform(0, 7, (count, 1))))
    wiggles *= np.minimum(errors / pair.norm_q(wiggles), 1)[:, None]
    for responses in (worst_response(pair, mu, errors, 1.0) - mu, wiggles):
        assert np.all(pair.norm_q(responses) < tolerance)
        assert np.all(pair.norm_p(responses) ** 2 < least)


def test_tolerance_protects_the_ranking_and_its_controls_fail():
    assert_tolerant(lambda pair, least: ranking_tolerance(TransferCurve(pair), least, 1.0))
    for control in (
        lambda pair, least: 2 * ranking_tolerance(TransferCurve(pair), least, 1.0),
        lambda pair, least: ranking_tolerance(TransferCurve(swapped(pair)), least, 1.0),
        lambda pair, least: ranking_tolerance(TransferCurve(pair), least, 0.5),
    ):
        with pytest.raises(AssertionError):
            assert_tolerant(control)


@given(pairs(), st.floats(0, 1), st.sampled_from([1e-3, 1.0, 9.0]))
def test_worst_response_has_the_error_and_attains_the_curve(pair, share, m):
    mu = np.linspace(-1, 1, pair.size)
    change = worst_response(pair, mu, share * m, m) - mu
    # Rounding at the last node, on the squares; mu of size 1 costs 1e-16 absolutely.
    np.testing.assert_allclose(pair.norm_q(change) ** 2, (share * m) ** 2, rtol=1e-9, atol=1e-13)
    worst = TransferCurve(pair).bound((share * m) ** 2, m)
    np.testing.assert_allclose(pair.norm_p(change) ** 2, worst, rtol=1e-9, atol=2e-12 * m**2 + 1e-15)
    assert change.min() >= 0
    assert change.max() <= m + 1e-15


def test_worst_response_by_hand():
    # r = (4, 1, 1/4), Q-masses (.1, .4, .5): δ² = .3 fills atom 1 and half of atom 2, whose addend is √½.
    pair = PairedMeasure(np.arange(3.0), [0.4, 0.4, 0.2], [0.1, 0.4, 0.5])
    expected = np.array([[1, 2, 3], [2, 2, 3], [2, 2 + np.sqrt(0.5), 3], [2, 3, 4.0]])
    delta = np.sqrt([0, 0.1, 0.3, 1.0])
    np.testing.assert_allclose(worst_response(pair, [1, 2, 3], delta, 1.0), expected)
    assert worst_response(pair, [1, 2, 3], np.full((2, 5), 0.1), 1.0).shape == (2, 5, 3)


def lead_of_a_line(mu):
    """U[0,1] against Beta(2,1), M = 1: T_1(δ²) = δ, the worst responses add 1 on x <= δ (Q-mass δ²).

    The line fitted under the density 2x solves the normal equations with moments 1, 2/3, 1/2 and right side
    ∫ 2x μ + δ², ∫ 2x² μ + 2δ³/3; all by quadrature, none of the code under test.
    """
    gram = np.array([[1, 2 / 3], [2 / 3, 1 / 2]])
    moments = [quad(lambda x, k=k: 2 * x ** (k + 1) * mu(x), 0, 1)[0] for k in (0, 1)]

    def lead(delta):
        a, b = np.linalg.solve(gram, np.add(moments, [delta**2, 2 * delta**3 / 3]))
        return delta - quad(lambda x: (a + b * x - mu(x)) ** 2, 0, 1)[0]

    return lead


@pytest.mark.parametrize(
    # A₁ = ½ - 3/π²: variance ½, and 12 cov² = 12/(2π)² taken off. A₁ = 1/180: Legendre coefficient of x².
    ("mu", "least", "signs"),
    [
        (lambda x: np.sin(2 * np.pi * x), 0.5 - 3 / np.pi**2, [0.0, 0.3, 1.0]),
        (lambda x: x**2, 1 / 180, [0.0, 0.3, 0.7, 1.0]),
    ],
)
def test_flips_of_a_line(mu, least, signs):
    pair = PairedMeasure.quadrature(uniform(), beta(2), 16)
    (x, basis), curve, lead = line(pair), TransferCurve(pair), lead_of_a_line(mu)
    found = flip_intervals(curve, basis, mu(x), 1.0)
    ends = [brentq(lead, low, high) for low, high in pairwise(signs)]
    np.testing.assert_allclose(found.ravel()[: len(ends)], ends, rtol=2e-3)
    tolerance = ranking_tolerance(curve, least, 1.0)
    np.testing.assert_allclose(tolerance, least, rtol=1e-3)
    assert tolerance < 0.9 * found[0, 0]


@given(pairs(covered=True), st.integers(0, 10**6))
def test_flip_point_is_never_below_the_tolerance(pair, seed):
    mu, curve = np.random.default_rng(seed).uniform(-1, 1, pair.size), TransferCurve(pair)
    one = np.ones((1, pair.size))
    least = class_error(pair, one, mu)
    np.testing.assert_allclose(least, pair.p @ (mu - pair.p @ mu) ** 2, atol=1e-15)  # constants: the variance of μ
    assume(least > 0)
    found = flip_intervals(curve, one, mu, 1.0, points=30)
    assert (found >= ranking_tolerance(curve, least * (1 - 1e-9), 1.0) - 1e-9).all()


@given(pairs(covered=True), st.integers(0, 10**6))
def test_a_direction_flips_where_the_limits_of_both_models_cross(pair, seed):
    mu, g = np.random.default_rng(seed).uniform(-1, 1, (2, pair.size))
    one = np.ones((1, pair.size))
    assume(class_error(pair, one, mu) > 1e-3)

    def lead(e):
        return e**2 * (pair.p @ g**2) - pair.p @ (pair.q @ (mu + e * g) - mu) ** 2

    found = direction_flip(pair, one, mu, g) / pair.norm_q(g)
    before = np.linspace(0, min(found, 1e3), 20)[:-1]
    assert (np.array([lead(e) for e in before]) < 1e-9 * (1 + before**2)).all()
    if np.isfinite(found):
        np.testing.assert_allclose(lead(found), 0, atol=1e-8 * (1 + found**2))


def test_a_cosine_flips_a_line():
    """P = Q: a line sees nothing of cos 2πx; μ = x² misses the line by 1/180, so that e² = 1/180.

    Constants under Beta(2, 1), μ = g = x: Φ₂ - Φ₁ = e²/3 - E(2(1 + e)/3 - x)² = -(e + 1)²/9, never.
    """
    pair = PairedMeasure.quadrature(uniform(), uniform(), 16)
    x, basis = line(pair)
    assert direction_flip(pair, basis, x**2, 3 * np.cos(2 * np.pi * x)) == pytest.approx(180**-0.5, rel=1e-9)
    pair = PairedMeasure.quadrature(uniform(), beta(2), 16)
    x, _ = line(pair)
    assert direction_flip(pair, np.ones((1, x.size)), x, x) == np.inf


def test_flip_point_at_the_ends():
    pair = PairedMeasure.quadrature(uniform(), beta(2), 8)
    (x, basis), curve = line(pair), TransferCurve(pair)
    # A class far off: no response up to M flips the order. A right class (A₁ = 0): there is no order to flip.
    assert len(flip_intervals(curve, basis, 50 * np.sin(9 * x), 1.0)) == 0
    for mu in (0 * x, x, 3e6 * x - 1e7):
        with pytest.raises(ValueError, match=r"mu: .*outside the span"):
            flip_intervals(curve, basis, mu, 1.0)
    # Uncovered mass beyond the class's error: flipped at once.
    half = PairedMeasure.quadrature(uniform(), uniform(0, 0.5), 8)
    (x, basis), curve = line(half), TransferCurve(half)
    assert flip_intervals(curve, basis, x + 0.01 * np.sin(9 * x), 1.0)[0, 0] == 0


@given(lattice_pairs(), st.floats(0, 1))
def test_worst_response_against_a_linear_program(pair, delta):
    change = worst_response(pair, np.zeros(pair.size), delta, 1.0)
    np.testing.assert_allclose(pair.norm_p(change) ** 2, most_value(pair.p, pair.q, delta**2), atol=1e-6)


def threshold(rate: float) -> float:
    """Where a line of logits crosses 0: η = .1 + .8x under Beta(2, 1), labels 0 flipped; quasi-Newton on a uniform grid."""
    x = (np.arange(4000) + 0.5) / 4000
    eta = 0.1 + 0.8 * x + rate * (0.9 - 0.8 * x)

    def loss(theta):
        logit = theta[0] + theta[1] * x
        return np.mean(2 * x * (np.logaddexp(0, logit) - eta * logit))

    first, second = minimize(loss, [0.0, 1.0], tol=1e-10).x
    return min(max(-first / second, 0.0), 1.0)


def test_wrong_labels_undo_the_order():
    pair = PairedMeasure.quadrature(uniform(), beta(2.0), 16)
    basis, eta = np.vstack([np.ones(pair.size), pair.nodes[:, 0]]), 0.1 + 0.8 * pair.nodes[:, 0]
    # |2η - 1| = .8 |2x - 1|: the logistic rule loses .8 (1/2 - t)², one neighbour (.28/3)(1 - ρ) + .2 ρ: ahead before,
    # behind after, until every label is 1.
    crossing = brentq(lambda r: 0.8 * (0.5 - threshold(r)) ** 2 - 0.28 / 3 * (1 - r) - 0.2 * r, 0.4, 0.5, xtol=1e-3)
    start, end = label_flip_interval(pair, basis, eta, "nearest", 16)
    assert start == pytest.approx(crossing, abs=3e-3)
    assert end == 1.0
    # Jumps of η, from .1 to .9 and back at 1/4 and 3/4, under P = Q: the best line is flat and loses half of .8 x 1/2 or
    # more. What learns η̃ loses nothing until .1 + .9ρ = 1/2; from there on both say 1.
    same = PairedMeasure.quadrature(uniform(), uniform(), 16)
    jumps = np.where(np.abs(same.nodes[:, 0] - 0.5) < 0.25, 0.9, 0.1)
    flat = np.ones((1, same.size))
    assert label_flip_interval(same, flat, jumps, "consistent", 16) == pytest.approx((0.4 / 0.9, 1.0), abs=1e-6)
    # Three quarters of the labels are 1: one that says so is never worse than one neighbour.
    mostly = np.full(same.size, 0.75)
    assert label_flip_interval(same, flat, mostly, "nearest", 16) == (np.inf, np.inf)
    assert np.isnan(label_flip_interval(same, flat, mostly, "consistent")).all()

    # Two atoms, η = (.1, .7), constant logits: the rule turns from 0 to 1 where the mean of η̃ under Q passes 1/2.
    def atoms(p, q):
        return label_flip_interval(PairedMeasure([0.0, 1.0], p, q), np.ones((1, 2)), [0.1, 0.7], "nearest")

    # It loses .2, then .4; one neighbour .1 + .3ρ.
    assert atoms([0.5, 0.5], [0.9, 0.1]) == pytest.approx((1 / 3, 0.34 / 0.84), abs=1e-6)
    assert atoms([0.5, 0.5], [0.5, 0.5]) == (np.inf, np.inf)
    assert atoms([0.9, 0.1], [0.1, 0.9]) == (0.0, 1.0)  # the order is another one without any wrong label
