import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import lsq_linear

from tests.theory.laws import beta, line, normal, same, swapped, uniform
from tests.theory.strategies import pairs_and_functions
from theory import PairedMeasure, TransferCurve, chi_square, total_variation
from theory.misspecification import feature_fault_bound, misspecification_bound, misspecification_limit, projection


def test_line_through_a_parabola():
    # Under U[0,1] E x^k = 1/(k+1), under Beta(2,1) E x^k = 2/(k+2). By the normal equations the best lines for x² are
    # x - 1/6 and (6/5) x - 3/10, hence Δ∞ = E_P (x/5 - 2/15)² = 1/75 - 2/75 + 4/225 = 1/225.
    pair = PairedMeasure.quadrature(uniform(), beta(2), 16)
    x, basis = line(pair)
    np.testing.assert_allclose(projection(pair.p, basis, x**2), [-1 / 6, 1], atol=1e-9)
    np.testing.assert_allclose(projection(pair.q, basis, x**2), [-3 / 10, 6 / 5], atol=1e-9)
    np.testing.assert_allclose(misspecification_limit(pair, basis, x**2, x**2), 1 / 225, rtol=1e-7)


def test_shifted_normal_in_closed_form():
    # Constants, μ = x: E_P x = 0 and E_Q x = δ, hence Δ∞ = δ². With μ̃ = x + b it is (δ + b)².
    pair = PairedMeasure.quadrature(normal(), normal(mean=0.7), 16)
    x, _ = line(pair)
    shifts = np.array([0.0, -0.7, 1.0])
    limit = misspecification_limit(pair, np.ones((1, x.size)), x, x + shifts[:, None])
    np.testing.assert_allclose(limit, (0.7 + shifts) ** 2, atol=1e-9)


def test_zero_by_accident():
    # ½ sin 4πx + x with a line: ∫ sin 4πx = 0, ∫ x sin 4πx = -1/(4π), ∫ x² sin 4πx = -1/(4π). Under P the residual's
    # slope is 12(-1/8π) and its intercept 6/8π; under Q (density 2x): Gram (1, 2/3, 1/2), right side 2(-1/8π)(1, 1),
    # slope 18·2(-1/8π)(1 - 2/3) = 12(-1/8π) and intercept 18·2(-1/8π)(1/2 - 2/3) = 6/8π: the same line.
    pair = PairedMeasure.quadrature(uniform(), beta(2), 16)
    x, basis = line(pair)
    mu = np.sin(4 * np.pi * x) / 2 + x
    line_p = np.array([6, -12]) / (8 * np.pi) + [0, 1]
    for weights in (pair.p, pair.q):
        np.testing.assert_allclose(projection(weights, basis, mu), line_p, atol=1e-9)
    assert misspecification_limit(pair, basis, mu, mu) < 1e-18


def test_right_features_or_right_class_cost_nothing():
    pair = PairedMeasure.quadrature(uniform(), beta(3), 8)
    x, basis = line(pair)
    assert misspecification_limit(pair, basis, 2 * x - 1, 2 * x - 1) < 1e-24
    assert misspecification_limit(same(pair), basis, np.exp(x), np.exp(x)) == 0
    assert misspecification_limit(pair, basis, np.exp(x), np.exp(x)) > 1e-3


def test_least_squares_fits_approach_the_limit():
    # 40 replicates of n = 4,000: the mean gap differs from Δ∞ = 1/225 by a bias of order 1/n < 1e-4 (both excess
    # variances are below 2 σ² s/n = 1e-5) and by noise; five standard errors give a false alarm below 1e-5.
    pair, rng, gaps = PairedMeasure.quadrature(uniform(), beta(2), 8), np.random.default_rng(4), []
    x, basis = line(pair)
    for _ in range(40):
        fits = []
        for draw in (rng.random(4000), rng.beta(2, 1, 4000)):
            response = draw**2 + 0.1 * rng.standard_normal(4000)
            fits.append(np.polynomial.polynomial.polyfit(draw, response, 1) @ basis)
        gaps.append(pair.norm_p(fits[1] - x**2) ** 2 - pair.norm_p(fits[0] - x**2) ** 2)
    error = np.std(gaps, ddof=1) / np.sqrt(len(gaps))
    assert abs(np.mean(gaps) - 1 / 225) < 5 * error + 1e-4
    assert error < 1e-4


@given(st.integers(0, 10**6), st.integers(1, 4), st.integers(5, 30))
def test_projection_solves_the_normal_equations(seed, size, count):
    rng = np.random.default_rng(seed)
    weights, basis, target = rng.random(count), rng.standard_normal((size, count)), rng.standard_normal((3, count))
    theta = projection(weights, basis, target)
    expected = np.linalg.solve(basis * weights @ basis.T, basis * weights @ target.T).T
    np.testing.assert_allclose(theta, expected, rtol=1e-6, atol=1e-8)
    # Orthogonality and invariance: the residual is orthogonal to the span, scales of weights and basis drop out.
    np.testing.assert_allclose((target - theta @ basis) * weights @ basis.T, 0, atol=1e-9)
    units = 10.0 ** rng.uniform(-6, 6, size)
    np.testing.assert_allclose(projection(7e-5 * weights, basis * units[:, None], target) * units, theta, rtol=1e-6)


def test_projection_on_dependent_functions():
    pair = PairedMeasure.quadrature(uniform(), beta(2), 8)
    x, basis = line(pair)
    twice = np.concatenate([basis, basis, np.zeros_like(basis)])
    fitted = projection(pair.q, twice, x**2) @ twice
    np.testing.assert_allclose(fitted, projection(pair.q, basis, x**2) @ basis, atol=1e-9)
    np.testing.assert_allclose(misspecification_limit(pair, twice, x**2, x**2), 1 / 225, rtol=1e-6)


def test_limit_is_refused_where_q_does_not_determine_the_fit():
    pair = PairedMeasure.quadrature(uniform(), uniform(0, 0.5), 8)
    x, basis = line(pair)
    halves = np.stack([x < 0.5, x >= 0.5]).astype(float)
    with pytest.raises(ValueError, match=r"basis.*rank 1 of 2"):
        misspecification_limit(pair, halves, x, x)
    assert misspecification_limit(pair, basis, x**2, x**2) > 0


class Limits:
    """Δ∞ of one class on one pair, and what the controls ask for."""

    def __init__(self, pair, best_p, best_q, mu, mu_tilde):
        self.pair, self.curve = pair, TransferCurve(pair)
        self.gap = pair.norm_p(best_q - mu) ** 2 - pair.norm_p(best_p - mu) ** 2
        self.distance = pair.norm_p(best_q - best_p)
        self.error, self.e_r = pair.norm_q(best_q - mu_tilde), pair.norm_q(mu_tilde - mu)
        self.m = max(np.abs(best_q - mu).max(), np.abs(best_p - mu).max())
        self.size = max(np.abs(mu).max(), np.abs(mu_tilde).max())
        self.m_tilde = np.abs(best_q - mu_tilde).max()

    def assert_controlled(self, curve=None, m=None, factor=1.0):
        m = self.m if m is None else m
        bound = misspecification_bound(curve or self.curve, self.error, m, self.e_r)
        assert self.gap <= factor * bound + 1e-11 * self.size**2

    def assert_feature_fault(self, pair=None, factor=1.0):
        assert self.e_r == 0
        assert self.gap <= factor * feature_fault_bound(pair or self.pair, self.m) + 1e-11 * self.size**2


def span_limits(pair, basis, mu, mu_tilde):
    fits = [projection(w, basis, f) @ basis for w, f in ((pair.p, mu), (pair.q, mu_tilde))]
    return Limits(pair, *fits, mu, mu_tilde)


@given(pairs_and_functions(count=4, covered=True))
def test_controls_cover_linear_classes(case):
    pair, _, first, second, mu, mu_tilde = case
    basis = np.stack([first, second])
    span_limits(pair, basis, mu, mu_tilde).assert_controlled()
    exact = span_limits(pair, basis, mu, mu)
    exact.assert_controlled()
    exact.assert_feature_fault()
    assert exact.gap <= TransferCurve(pair).bound(exact.error**2, exact.m) + 1e-11 * exact.size**2
    assert exact.gap <= 2 * exact.m**2 * total_variation(pair) + 1e-11 * exact.size**2


@given(st.integers(0, 10**6), st.booleans())
def test_controls_cover_convex_classes(seed, exact):
    # A box of coefficients: closed and convex, no linear space. The limit is then at least the squared distance.
    rng = np.random.default_rng(seed)
    p, q = rng.dirichlet(np.ones(10)), rng.dirichlet(np.ones(10))
    basis, mu = rng.standard_normal((3, 10)), rng.standard_normal(10)
    mu_tilde = mu if exact else mu + rng.standard_normal(10) / 2
    fits = [
        lsq_linear((basis * np.sqrt(w)).T, f * np.sqrt(w), (-0.3, 0.3), tol=1e-14).x @ basis
        for w, f in ((p, mu), (q, mu_tilde))
    ]
    limits = Limits(PairedMeasure(np.arange(10), p, q), *fits, mu, mu_tilde)
    assert limits.gap >= limits.distance**2 - 1e-6
    limits.assert_controlled()
    if exact:
        limits.assert_feature_fault()


def atom_limits(p, q):
    """Constants on two atoms, μ = (0, 1), P and Q putting p and q on the second: Δ∞ = (p - q)²."""
    pair = PairedMeasure([0.0, 1.0], [1 - p, p], [1 - q, q])
    return span_limits(pair, np.ones((1, 2)), np.array([0.0, 1.0]), np.array([0.0, 1.0]))


def test_control_is_attained_in_a_limit():
    # p = 0: ε² = q (1 - q), M = 1, β(α) = α/(1 - q) until 1, L = 0: the bound is q, and Δ∞/q = q → 1.
    for q in (0.3, 0.98):
        limits = atom_limits(0.0, q)
        np.testing.assert_allclose(limits.gap, q**2)
        np.testing.assert_allclose(misspecification_bound(limits.curve, limits.error, 1.0), q)


def test_control_by_hand_and_its_controls():
    # ε² = .05·.95, M = .95: in units of M² the budget is 1/19. Atom 2 first, of masses (.9, .05): 1/19 - .05 = 1/380
    # is left for atom 1, so β = .9 + .1/(.95·380); from the other end 1/19 of atom 1 weighs .1/(.95·19).
    limits = atom_limits(0.9, 0.05)
    np.testing.assert_allclose(limits.gap, 0.85**2)
    by_hand = 0.95**2 * (0.9 + 0.1 / (0.95 * 380) - 0.1 / (0.95 * 19))
    np.testing.assert_allclose(misspecification_bound(limits.curve, limits.error, 0.95), by_hand)
    limits.assert_controlled()
    for control in ({"factor": 0.5}, {"curve": TransferCurve(swapped(limits.pair))}, {"m": limits.error}):
        with pytest.raises(AssertionError):
            limits.assert_controlled(**control)


def test_sup_norm_of_the_wrong_function_fails():
    # μ̃ = f*_Q: the class is right in the synthetic world, M taken there is 0, and all the loss is in μ.
    pair, mu = PairedMeasure([0.0, 1.0], [0.5, 0.5], [0.5, 0.5]), np.array([0.0, 1.0])
    limits = span_limits(pair, np.ones((1, 2)), mu, np.array([1.0, 1.0]))
    limits.assert_controlled()
    with pytest.raises(AssertionError):
        limits.assert_controlled(m=limits.m_tilde)


@pytest.mark.parametrize("t", [1e-3, 0.05])
def test_feature_fault_is_sharp_for_small_faults(t):
    # μ = ±1 on two atoms, constants: Δ∞ = (E_P μ - E_Q μ)² = 4t², M = 1 + 2t, χ² = 4t²/(1 - 4t²), 2 TV = 4t.
    pair = PairedMeasure([0.0, 1.0], [0.5, 0.5], [0.5 + t, 0.5 - t])
    limits = span_limits(pair, np.ones((1, 2)), np.array([1.0, -1.0]), np.array([1.0, -1.0]))
    np.testing.assert_allclose(limits.gap, 4 * t**2, rtol=1e-9)
    np.testing.assert_allclose(limits.m, 1 + 2 * t)
    limits.assert_feature_fault()
    np.testing.assert_allclose(feature_fault_bound(pair, 1.0), 4 * t**2, rtol=5 * t**2)
    with pytest.raises(AssertionError):
        limits.assert_feature_fault(factor=0.5)


def test_feature_fault_terms():
    pair = PairedMeasure.quadrature(uniform(), beta(1.5), 16)
    np.testing.assert_allclose(feature_fault_bound(pair, 2.0), 4 * np.sum((pair.p - pair.q) ** 2 / pair.p))  # λ = 1
    pair = PairedMeasure.quadrature(uniform(), beta(3), 16)
    p, q = pair.p, pair.q
    ends = [chi_square(pair), np.sum((p - q) ** 2 / p), 2 * np.sum((p - q) ** 2 / (p + q))]
    shares = np.linspace(0, 1, 401)[:, None]
    least = np.sum((p - q) ** 2 / (shares * p + (1 - shares) * q), axis=1).min()
    found = feature_fault_bound(pair, [1.0, 3.0])
    # Within 1/800 of the grid's best share; a convex function is flat at its least value.
    np.testing.assert_allclose(found, least * np.array([1, 9]), rtol=1e-5)
    assert found[0] < 0.99 * min(*ends, 2 * total_variation(pair))
    # P = (a, 1 - a), Q turned round: least at 1/2, where it is 4 (2a - 1)²; at a = 0.6 below 2 TV = 0.4.
    turned = PairedMeasure([0.0, 1.0], [0.6, 0.4], [0.4, 0.6])
    np.testing.assert_allclose(feature_fault_bound(turned, 1.0), 0.16)
    apart = PairedMeasure([0.0, 1.0], [1.0, 0.0], [0.0, 1.0])
    np.testing.assert_allclose(feature_fault_bound(apart, 1.0), 2.0)
    assert feature_fault_bound(same(pair), 1.0) == 0
