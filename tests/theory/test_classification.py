import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.theory.laws import beta, normal, swapped, uniform
from tests.theory.programs import lattice_pairs, most_value
from tests.theory.strategies import noisy_pairs, pairs
from theory import ClassificationCurve, PairedMeasure, TransferCurve, classification_utility_bound


@given(noisy_pairs(lattice_pairs()), st.floats(0, 0.3))
def test_against_a_linear_program(case, a):
    pair, eta = case
    eta = np.round(eta, 2)
    worst = most_value(pair.p * np.abs(2 * eta - 1), pair.q * (eta - 0.5) ** 2, a)
    np.testing.assert_allclose(ClassificationCurve(pair, eta).bound(a), worst, rtol=1e-6, atol=1e-6)


@given(noisy_pairs(pairs(), count=3))
def test_bound_covers_every_replicate(case):
    pair, eta, eta_tilde, synthetic, real = case
    curve = ClassificationCurve(pair, eta)
    e_s, e_r = pair.norm_q(synthetic - eta_tilde), pair.norm_q(eta_tilde - eta)
    excess, excess_real = curve.excess(synthetic), curve.excess(real)
    assert excess <= curve.bound(pair.norm_q(synthetic - eta) ** 2) + 1e-12
    assert excess <= curve.bound((e_s + e_r) ** 2) + 1e-12
    assert abs(excess - excess_real) <= classification_utility_bound(curve, e_s, e_r, excess_real) + 1e-12


def assert_covers_many(factor=1.0, change=lambda pair: pair, seed=0):
    """Estimates that put ½ wrongly, at the least cost, on arbitrary sets: the worst ones and thousands of others."""
    rng = np.random.default_rng(seed)
    pair = PairedMeasure(np.arange(12), rng.dirichlet(np.full(12, 0.5)), rng.dirichlet(np.full(12, 0.5)))
    eta = rng.uniform(0, 0.5, 12)
    fitted = np.where(rng.random((5000, 12)) < rng.random((5000, 1)), 0.5, eta)
    excess = ClassificationCurve(pair, eta).excess(fitted)
    bound = ClassificationCurve(change(pair), eta).bound(pair.norm_q(fitted - eta) ** 2)
    assert np.all(excess <= factor * bound + 1e-12)


@pytest.mark.parametrize("seed", range(5))
def test_bound_covers_thousands_and_controls_fail(seed):
    assert_covers_many(seed=seed)
    for control in ({"factor": 0.5}, {"factor": 0.99}, {"change": swapped}):
        with pytest.raises(AssertionError):
            assert_covers_many(seed=seed, **control)


@given(noisy_pairs(pairs()), st.floats(0, 0.4), st.floats(0, 0.4), st.floats(0, 1))
def test_shape_of_the_curve(case, first, second, share):
    pair, eta = case
    curve = ClassificationCurve(pair, eta)
    low, middle, high = curve.bound([min(first, second), share * first + (1 - share) * second, max(first, second)])
    assert 0 <= low <= high <= 1 + 1e-12
    assert share * curve.bound(first) + (1 - share) * curve.bound(second) <= middle + 1e-12
    order = np.random.default_rng(0).permutation(pair.size)
    shuffled = ClassificationCurve(PairedMeasure(pair.nodes[order], pair.p[order], pair.q[order]), eta[order])
    np.testing.assert_allclose(shuffled.bound([first, second]), curve.bound([first, second]), atol=1e-12)


@given(noisy_pairs(pairs()), st.floats(0, 0.4))
def test_never_above_the_transfer_curve(case, a):
    # g = η - ½ on S has |g| <= ½ and ‖g‖_Q² <= a; by Cauchy and Schwarz ∫ 2|g| dP <= 2 ‖g‖_P <= 2 √T_½(a).
    pair, eta = case
    assert ClassificationCurve(pair, eta).bound(a) <= 2 * np.sqrt(TransferCurve(pair).bound(a, 0.5)) + 1e-12


@pytest.mark.parametrize(("a", "gamma"), [(1.5, 1.0), (3.0, 0.5), (1.0, 2.0), (2.0, 3.0)])
def test_powers_in_closed_form(a, gamma):
    # P = U[0,1], Q = Beta(a,1), |2η - 1| = x^(1/γ). r/|2η - 1| = x^(1 - a - 1/γ)/a falls: S is {x <= t}, with value
    # ∫ x^(1/γ) = t^(1 + 1/γ)/(1 + 1/γ) and cost ¼ ∫ x^(2/γ) a x^(a-1) = ¼ a t^(a + 2/γ)/(a + 2/γ).
    pair = PairedMeasure.quadrature(uniform(), beta(a), 16)
    curve = ClassificationCurve(pair, 0.5 + pair.nodes[:, 0] ** (1 / gamma) / 2)
    t = np.linspace(0.02, 1, 50)
    value, cost = t ** (1 + 1 / gamma) / (1 + 1 / gamma), a / 4 * t ** (a + 2 / gamma) / (a + 2 / gamma)
    np.testing.assert_allclose(curve.bound(cost), value, atol=1e-6)
    np.testing.assert_allclose(curve.bound([cost[-1], 1.0, np.inf]), value[-1], atol=1e-9)


def test_certain_labels_give_the_power_curve():
    # η ∈ {0, 1}: S(a) = sup P(S) over Q(S) <= 4a, the Neyman-Pearson curve at 4a.
    pair = PairedMeasure.quadrature(normal(), normal(mean=1.0), 16)
    a = np.linspace(0, 0.3, 31)
    eta = (pair.nodes[:, 0] > 0.3).astype(float)
    np.testing.assert_allclose(ClassificationCurve(pair, eta).bound(a), TransferCurve(pair).power(4 * a), atol=1e-12)


def test_what_q_does_not_see_is_free():
    pair = PairedMeasure([0.0, 1.0, 2.0], [0.5, 0.3, 0.2], [0.6, 0.4, 0.0])
    # Atom 3 is not seen: its |2η - 1| = .6 counts .12 at a = 0. Atom 2 has η = ½ and never counts.
    curve = ClassificationCurve(pair, [0.9, 0.5, 0.2])
    # Atom 1: value .5·.8 = .4 at cost .6·.16 = .096.
    np.testing.assert_allclose(curve.bound([0.0, 0.048, 0.096, 1.0]), [0.12, 0.32, 0.52, 0.52])
    even = ClassificationCurve(pair, [0.5, 0.5, 0.5])
    np.testing.assert_array_equal(even.bound([0.0, 1.0]), 0.0)


def test_excess_is_the_difference_of_risks():
    # R₀₁(f) = E_P [η 1{f < ½} + (1 - η) 1{f >= ½}], least for f = η.
    rng = np.random.default_rng(3)
    pair = PairedMeasure(np.arange(9), rng.random(9), rng.random(9))
    eta, fitted = rng.random(9), rng.random((4, 9))

    def risk(f):
        return np.where(f >= 0.5, 1 - eta, eta) @ pair.p

    curve = ClassificationCurve(pair, eta)
    np.testing.assert_allclose(curve.excess(fitted), risk(fitted) - risk(eta), atol=1e-12)
    assert curve.excess(eta) == 0
    assert curve.excess(fitted[0]).shape == ()


@pytest.mark.parametrize("rate", [0.05, 0.2, 0.4])
def test_symmetric_flips(rate):
    # η̃ = η + ρ(1 - 2η): η̃ - ½ = (1 - 2ρ)(η - ½), e_r = 2ρ ‖η - ½‖_Q, no Bayes decision changes, and since
    # |f - η̃| >= (1 - 2ρ)|η - ½| wherever f decides wrongly, E₀₁(f) <= S(e_s²/(1 - 2ρ)²) -> 0 although e_r > 0.
    rng = np.random.default_rng(7)
    pair = PairedMeasure(np.arange(30), rng.dirichlet(np.ones(30)), rng.dirichlet(np.ones(30)))
    eta = rng.random(30)
    flipped, curve = eta + rate * (1 - 2 * eta), ClassificationCurve(pair, eta)
    np.testing.assert_allclose(pair.norm_q(flipped - eta), 2 * rate * pair.norm_q(eta - 0.5))
    assert curve.excess(flipped) == 0
    noise = rng.standard_normal((3000, 30)) * 10 ** rng.uniform(-4, 0, (3000, 1))
    sharp = np.where(rng.random((3000, 30)) < 0.3, 0.5, flipped)
    fitted = np.where(rng.random((3000, 30)) < 0.5, flipped + noise, sharp)
    e_s = pair.norm_q(fitted - flipped)
    assert np.all(curve.excess(fitted) <= curve.bound((e_s / (1 - 2 * rate)) ** 2) + 1e-12)
    assert np.any(curve.excess(fitted) > 0)


def test_one_sided_flips_change_the_bayes_rule():
    # Class 1 flipped at rate ρ only: η̃ = (1 - ρ)η < ½ where ½ <= η < 1/(2(1 - ρ)). The exact fit errs there.
    pair = PairedMeasure(np.arange(4), np.full(4, 0.25), np.full(4, 0.25))
    eta = np.array([0.1, 0.6, 0.7, 0.9])
    curve = ClassificationCurve(pair, eta)
    np.testing.assert_allclose(curve.excess(0.7 * eta), 0.25 * (0.2 + 0.4))
    assert curve.excess(0.7 * eta) <= curve.bound(pair.norm_q(0.3 * eta) ** 2)


def test_utility_bound_by_hand():
    pair = PairedMeasure([0.0, 1.0], [0.5, 0.5], [0.5, 0.5])
    curve = ClassificationCurve(pair, [1.0, 0.0])
    # S(a) = 4a: (.1 + .1)² gives .16, of which the real excess is taken off.
    bound = classification_utility_bound(curve, 0.1, [0.1, 0.0], [[0.05], [0.2]])
    np.testing.assert_allclose(bound, [[0.11, 0.05], [0.2, 0.2]])
