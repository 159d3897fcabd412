import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar

from tests.theory.laws import beta, normal, same, swapped, uniform
from tests.theory.strategies import noisy_pairs, pairs
from theory import ClassificationCurve, PairedMeasure, TransferCurve, fidelity_constant, low_noise_exponent
from theory.low_noise import (
    composed_bound,
    fidelity_low_noise_bound,
    fidelity_low_noise_example,
    low_noise_bound,
    low_noise_constant,
)

GAMMAS = st.sampled_from([0.0, 0.3, 1.0, 2.5, 20.0, np.inf])


def test_constant_by_hand():
    # |2η - 1| = (0, .2, .4, 1) with P-mass (.4, .1, .3, .2): P(0 < |2η - 1| <= t) = .1, .4, .6 at t = .2, .4, 1.
    pair = PairedMeasure(np.arange(4), [0.4, 0.1, 0.3, 0.2], np.full(4, 0.25))
    eta = [0.5, 0.6, 0.3, 1.0]
    np.testing.assert_allclose(low_noise_constant(pair, eta, 0.0), 0.6)
    np.testing.assert_allclose(low_noise_constant(pair, eta, 1.0), max(0.1 / 0.2, 0.4 / 0.4, 0.6))
    np.testing.assert_allclose(low_noise_constant(pair, eta, 2.0), max(0.1 / 0.04, 0.4 / 0.16, 0.6))
    np.testing.assert_allclose(low_noise_constant(pair, eta, np.inf), 1 / 0.2)
    assert low_noise_constant(pair, np.full(4, 0.5), 1.0) == 0
    assert low_noise_constant(pair, [0.5 + 1e-16, 0.5 + 1e-15, 0.5, 1.0], 30.0) == np.inf


@given(noisy_pairs(pairs()), st.floats(0, 8))
def test_constant_is_the_least(case, gamma):
    pair, eta = case
    margin, a = np.abs(2 * eta - 1), low_noise_constant(pair, eta, gamma)
    levels = np.unique(margin[margin > 0])
    mass = np.array([pair.p[(margin > 0) & (margin <= t)].sum() for t in levels])
    ratio = mass / levels**gamma
    np.testing.assert_allclose(a, ratio.max(initial=0.0), rtol=1e-12)
    between = np.linspace(1e-3, 2, 50)
    assert all(pair.p[(margin > 0) & (margin <= t)].sum() <= a * t**gamma * (1 + 1e-12) for t in between)


@given(noisy_pairs(pairs()), GAMMAS, st.floats(0, 0.3))
def test_closed_and_composed_forms_cover_the_knapsack(case, gamma, a):
    pair, eta = case
    constant = low_noise_constant(pair, eta, gamma)
    assume(constant <= 1e150)
    worst = ClassificationCurve(same(pair), eta[pair.p > 0]).bound(a)
    assert worst <= low_noise_bound(a, constant, gamma) + 1e-12
    transferred = low_noise_bound(TransferCurve(pair).bound(a, 0.5), constant, gamma)
    composed = composed_bound(TransferCurve(pair), a, constant, gamma)
    assert ClassificationCurve(pair, eta).bound(a) <= min(transferred, composed) + 1e-12
    assert composed <= 1 + 1e-12


def extremal(gamma, constant, scale, cells=20_000):
    """The law that attains the sharp form: G(t) = A t^γ on [scale/2, scale], a jump before, nothing after.

    Mass of the cells sits at their right ends, which keeps G(t) <= A t^γ; what is left has η = ½.
    """
    t = np.linspace(scale / 2, scale, cells)
    mass = np.diff(constant * t**gamma, prepend=0.0)
    p = np.append(mass, 1 - mass.sum())
    return PairedMeasure(np.arange(p.size), p, p), np.append(0.5 - t / 2, 0.5)


def kappa(gamma):
    """∫ (2s - 1) s^γ over [½, 1], by quadrature."""
    s, weights = np.polynomial.legendre.leggauss(60)
    return (s / 2 + 0.5) * (0.75 + s / 4) ** gamma @ weights / 4


def assert_sharp_covers(gamma, factor=1.0, other=None):
    pair, eta = extremal(gamma, 2.0, 0.4)
    constant = low_noise_constant(pair, eta, gamma)
    np.testing.assert_allclose(constant, 2.0, rtol=1e-9)
    a = pair.norm_p(eta - 0.5) ** 2
    worst = ClassificationCurve(pair, eta).excess(np.full(eta.size, 0.5))
    bound = factor * low_noise_bound(a, constant, gamma)
    bound *= 1.0 if other is None else (kappa(other) / kappa(gamma)) ** (1 / (2 + gamma))
    assert worst <= bound
    return worst / bound


@pytest.mark.parametrize("gamma", [0.8, 1.0, 2.0, 5.0])
def test_sharp_form_is_attained(gamma):
    # ∫ Z dP at ∫ Z² dP with P the extremal law, scale s = 1/λ (derivation: theory/README.md 5.4).
    assert assert_sharp_covers(gamma) > 0.9999
    for wrong in ({"factor": 0.5}, {"factor": 0.999}, {"other": gamma + 0.1}):
        with pytest.raises(AssertionError):
            assert_sharp_covers(gamma, **wrong)


def test_closed_form_against_its_derivation():
    # inf over λ of κ A λ^(-1-γ) + 4aλ.
    def dual(log_price, gamma, constant, a):
        return kappa(gamma) * constant * np.exp(-log_price * (1 + gamma)) + 4 * a * np.exp(log_price)

    for gamma, constant, a in ((0.0, 1.0, 0.1), (0.7, 2.0, 1e-3), (3.0, 0.5, 0.2)):
        best = minimize_scalar(dual, (-5, 5), args=(gamma, constant, a)).fun
        np.testing.assert_allclose(low_noise_bound(a, constant, gamma), best, rtol=1e-6)


def test_special_exponents():
    a = np.array([0.0, 1e-4, 0.04])
    # γ = 0, A = 1 is no condition: Cauchy and Schwarz, 2√a. γ = ∞ with least margin h: 4a/h.
    np.testing.assert_allclose(low_noise_bound(a, 1.0, 0.0), 2 * np.sqrt(a))
    np.testing.assert_allclose(low_noise_bound(a, 1 / 0.3, np.inf), 4 * a / 0.3)
    np.testing.assert_allclose(low_noise_bound(0.01, [0.0, 1.0], 0.0), [0.0, 0.2])
    # A large γ approaches the margin.
    h, gamma, a = 0.5, 400.0, 0.01
    np.testing.assert_allclose(low_noise_bound(a, h**-gamma, gamma), low_noise_bound(a, 1 / h, np.inf), rtol=0.03)


@given(pairs(), st.floats(0, 0.3), st.floats(0.01, 20), st.floats(0, 6))
def test_composed_form_against_its_definition(pair, a, constant, gamma):
    curve = TransferCurve(pair)
    y = np.geomspace(1e-9, 1e4, 20_001)
    search = np.min(kappa(gamma) * constant * y ** (1 + gamma) + curve.power(4 * a / y))
    composed = composed_bound(curve, a, constant, gamma)
    # The grid's step of 0.15% moves A y^(1+γ) and β(4a/y) by less than (1 + γ) times as much.
    assert composed <= search + 1e-12
    assert search <= composed * (1 + 0.0015 * (1 + gamma)) + 1e-6


def test_composed_form_in_closed_form():
    # Equal laws: the closed form of 5.4.
    curve = TransferCurve(PairedMeasure.quadrature(uniform(), uniform(), 8))
    a = np.geomspace(1e-8, 1, 30)
    for gamma in (0.0, 1.0, 4.0, np.inf):
        closed = low_noise_bound(a, 1.5, gamma)
        np.testing.assert_allclose(composed_bound(curve, a, 1.5, gamma), np.minimum(closed, 1), rtol=1e-9)
    # γ = ∞, least margin h: with y up to h the first term vanishes, and β(4a/h) is left.
    curve = TransferCurve(PairedMeasure.quadrature(normal(), normal(mean=1.0), 8))
    a = np.geomspace(1e-6, 0.05, 20)
    np.testing.assert_allclose(composed_bound(curve, a, 1 / 0.4, np.inf), curve.power(4 * a / 0.4), rtol=1e-9)


def assert_composed_covers(margin, gamma, factor=1.0, change=lambda pair: pair, scale=1.0):
    """P = U[0,1], Q = Beta(3,1): the misclassified sets {x <= t}, which are the worst ones for rising margins."""
    pair = PairedMeasure.quadrature(uniform(), beta(3), 8)
    x = pair.nodes[:, 0]
    eta = 0.5 - margin(x) / 2
    fitted = np.where(x <= np.linspace(0.05, 1, 20)[:, None], 0.5, eta)
    constant = scale * low_noise_constant(pair, eta, gamma)
    bound = composed_bound(TransferCurve(change(pair)), pair.norm_q(fitted - eta) ** 2, constant, gamma)
    assert np.all(ClassificationCurve(pair, eta).excess(fitted) <= factor * bound + 1e-12)


def test_composed_form_controls():
    # With certain labels the form is attained: β(4a), a = Q(S)/4.
    for case in ((np.ones_like, np.inf), (lambda x: x, 1.0)):
        assert_composed_covers(*case)
        for control in ({"change": swapped}, {"change": same}, {"scale": 1e-4}):
            with pytest.raises(AssertionError):
                assert_composed_covers(*case, **control)
    for factor in (0.5, 0.99):
        with pytest.raises(AssertionError):
            assert_composed_covers(np.ones_like, np.inf, factor=factor)


def assert_composed_is_no_lower(gamma, factor):
    """Equal laws and the extremal margins: the composed form is attained, with κ."""
    pair, eta = extremal(gamma, 2.0, 0.4)
    a = pair.norm_q(eta - 0.5) ** 2
    assert ClassificationCurve(pair, eta).bound(a) <= factor * composed_bound(TransferCurve(pair), a, 2.0, gamma)


@pytest.mark.parametrize("gamma", [0.8, 1.0, 3.0])
def test_composed_form_is_attained(gamma):
    assert_composed_is_no_lower(gamma, 1.0001)
    with pytest.raises(AssertionError):
        assert_composed_is_no_lower(gamma, 0.999)


D = st.sampled_from([0.3, 0.9, 0.999, 1.0, 1.001, 1.1, 4.0, np.inf])


@given(noisy_pairs(pairs(covered=True)), GAMMAS, st.floats(0, 0.3), D)
def test_fidelity_form_covers_the_knapsack(case, gamma, a, d):
    pair, eta = case
    constant = low_noise_constant(pair, eta, gamma)
    assume(constant <= 1e150)
    bound = fidelity_low_noise_bound(a, constant, gamma, fidelity_constant(pair, d), d)
    assert ClassificationCurve(pair, eta).bound(a) <= bound * (1 + 1e-9) + 1e-12


def test_fidelity_form_controls():
    """Certain labels under U[0,1] and Beta(3,1), S(a) = (4a)^(1/3): the level of Q against P covers nothing."""
    pair = PairedMeasure.quadrature(uniform(), beta(3), 8)
    a = np.geomspace(1e-6, 0.1, 9)
    worst = ClassificationCurve(pair, np.ones(pair.size)).bound(a)
    right, wrong = (
        fidelity_low_noise_bound(a, 1.0, np.inf, fidelity_constant(change(pair), d), d)
        for change, d in ((lambda pair: pair, 0.5), (swapped, np.inf))
    )
    assert np.all(worst <= right + 1e-12)
    assert np.any(worst > wrong)


def largest_gain(d, t, rho):
    """∫ P(sup_{t <= z <= 1} (z - z²/ρ)₊ > s) ds for P(ρ' > C) = C^(-d), on a grid of ρ: K_d(t)."""
    z = np.geomspace(t, 1, 800)
    gain = np.maximum(z - z**2 / rho[:, None], 0).max(axis=1)
    return np.sum(np.diff(gain) * ((rho[1:] + rho[:-1]) / 2) ** -d)


@pytest.mark.parametrize(
    ("d", "gamma"), [(0.4, 1.0), (0.999, 0.0), (1.0, 2.0), (1.7, 0.6), (3.0, 2.0), (1.2, np.inf), (1.0, np.inf)]
)
def test_fidelity_form_against_its_derivation(d, gamma):
    # inf over λ and t of 4aλ + A t^(1+γ) + V λ^(-d) K_d(t), K by maximisation over z and summation over ρ.
    a, constant, v = 1e-4, 1.4, 2.0
    t = np.array([1 / constant]) if np.isinf(gamma) else np.geomspace(1e-3, 1, 40)
    rho = np.geomspace(1e-3, 1e5, 800)
    share = np.array([largest_gain(d, each, rho) for each in t])
    price = np.geomspace(1e-2, 1e5, 1000)[:, None]
    near = 0.0 if np.isinf(gamma) else constant * t ** (1 + gamma)
    least = np.min(4 * a * price + near + v * price**-d * share)
    np.testing.assert_allclose(fidelity_low_noise_bound(a, constant, gamma, v, d), least, rtol=4e-3)


def test_fidelity_form_special_values():
    # t -> 0 for d < 1: K = 2^(-d)/(1 - d²), what large A leaves; A <= 1 caps it; no gap at d = 1.
    a, d = 1e-4, 0.5
    free = 1.5 * d ** (-1 / 3) * (2**-d / (1 - d**2)) ** (1 / 1.5) * (4 * a) ** (1 / 3)
    np.testing.assert_allclose(fidelity_low_noise_bound(a, 1e60, 1.0, 1.0, d), free, rtol=1e-9)
    np.testing.assert_allclose(fidelity_low_noise_bound([0.0, 1.0], [0.7, 0.7], 1.0, 1.0, [d][0]), [0.0, 0.7])
    np.testing.assert_array_equal(fidelity_low_noise_bound([0.0, 0.1], 0.0, 1.0, 1.0, 2.0), 0.0)
    beside = [fidelity_low_noise_bound(a, 1.0, 1.0, 1.0, d) for d in (1 - 1e-6, 1.0, 1 + 1e-6)]
    np.testing.assert_allclose(beside, beside[1], rtol=1e-4)
    np.testing.assert_allclose(fidelity_low_noise_bound(a, 1.4, 1.0, 3.0, np.inf), low_noise_bound(3 * a, 1.4, 1.0))


def example_pair(x, constant, gamma, v, d, cells=40_000):
    """The laws of 5.8 in cells of u, r = (V/u)^(1/d): each cell keeps its P-mass and its Q-mass."""
    t = (v * x**-d / constant) ** (1 / (gamma + d))
    edges = np.append(0.0, np.geomspace(v * x**-d * 1e-9, v * (x * t) ** -d, cells))
    p, q = np.diff(edges), np.diff(edges ** (1 + 1 / d)) * d / (d + 1) * v ** (-1 / d)
    margin = np.minimum(p / q / x, 1.0)
    nodes = np.arange(cells + 1)
    return PairedMeasure(nodes, np.append(p, 1 - p.sum()), np.append(q, 1 - q.sum())), np.append((1 + margin) / 2, 0.5)


def assert_example_is_covered(d, gamma, factor, x=1e4):
    a, excess = fidelity_low_noise_example(x, 2.0, gamma, 1.0, d)
    pair, eta = example_pair(x, 2.0, gamma, 1.0, d)
    np.testing.assert_allclose(pair.norm_q(eta - 0.5) ** 2, a, rtol=2e-3)
    np.testing.assert_allclose(ClassificationCurve(pair, eta).bound(a), excess, rtol=2e-3)
    assert low_noise_constant(pair, eta, gamma) <= 2.0 * (1 + 2e-3)
    assert excess <= factor * fidelity_low_noise_bound(a, 2.0, gamma, 1.0, d)


@pytest.mark.parametrize(("d", "gamma", "factor"), [(0.5, 1.0, 0.96), (0.999, 1.0, 0.88), (1.0, 0.5, 0.89), (2.0, 1.0, 0.66)])
def test_fidelity_form_is_nearly_attained(d, gamma, factor):
    assert_example_is_covered(d, gamma, 1.0)
    with pytest.raises(AssertionError):
        assert_example_is_covered(d, gamma, factor)


def test_the_logarithm_is_needed():
    # Both tend to √(2Va log(1/a)/(1 + γ)); K_1(1) = ½, without the logarithm, is beaten by a growing factor.
    x = np.array([1e6, 1e20, 1e80])
    for gamma in (0.5, 2.0):
        a, excess = fidelity_low_noise_example(x, 2.0, gamma, 1.0, 1.0)
        limit = np.sqrt(2 * a * np.log(1 / a) / (1 + gamma))
        for found in (excess, fidelity_low_noise_bound(a, 2.0, gamma, 1.0, 1.0)):
            assert np.all(np.diff(np.abs(np.log(found / limit))) < 0)
            np.testing.assert_allclose(found[-1], limit[-1], rtol=0.06)
        assert np.all(np.diff(excess / (2 * np.sqrt(2 * a))) > 0)
        assert excess[-1] > 3 * 2 * np.sqrt(2 * a[-1])
    assert np.isnan(fidelity_low_noise_example([0.1, 1.5], 0.5, 1.0, 1.0, 1.0)[0]).tolist() == [True, True]


def slope(f, low, high):
    return np.log(f(high) / f(low)) / np.log(high / low)


@pytest.mark.parametrize("gamma", [0.0, 0.5, 3.0, np.inf])
@pytest.mark.parametrize("d", [0.4, 1.0, 1.5, 8.0, np.inf])
def test_exponents_are_the_slopes_of_the_form(d, gamma):
    found = slope(lambda a: fidelity_low_noise_bound(a, 2.0, gamma, 3.0, d), 1e-140, 1e-130)
    # At d = 1 the logarithm adds its own slope, here below 1/(2 log 1e65).
    np.testing.assert_allclose(found, low_noise_exponent(d, gamma), atol=5e-3 if d == 1 else 1e-9)


@pytest.mark.parametrize(("d", "gamma"), [(2.0, 1.0), (4.0, 0.5), (1.5, 3.0)])
def test_exponents_are_attained_above_one(d, gamma):
    # P = U[0,1], Q = Beta(1 + 1/d, 1), |2η - 1| = x^(1/γ): closed form in `test_classification.py`, value t^(1 + 1/γ)
    # at cost t^(a + 2/γ), so the exponent is (1 + 1/γ)/(1 + 1/d + 2/γ).
    pair = PairedMeasure.quadrature(uniform(), beta(1 + 1 / d), 16)
    curve = ClassificationCurve(pair, 0.5 + pair.nodes[:, 0] ** (1 / gamma) / 2)
    exponent = (1 + 1 / gamma) / (1 + 1 / d + 2 / gamma)
    np.testing.assert_allclose(low_noise_exponent(d, gamma), exponent)
    np.testing.assert_allclose(slope(curve.bound, 1e-5, 1e-3), exponent, atol=2e-3)
    # Transfer first, low noise after: slower, for every γ < ∞.
    assert exponent > d / (d + 1) * (1 + gamma) / (2 + gamma) + 1e-3


def test_exponents_are_attained_below_one():
    # Certain labels: S(a) = β(4a) = (4a)^(1/a') for Beta(a',1), d = 1/(a' - 1), whatever γ.
    pair = PairedMeasure.quadrature(uniform(), beta(3), 16)
    curve = ClassificationCurve(pair, np.ones(pair.size))
    np.testing.assert_allclose(slope(curve.bound, 1e-6, 1e-3), low_noise_exponent(0.5, 2.0), atol=1e-3)


def test_exponents_are_continuous_and_monotone():
    for gamma in (0.0, 1.0, 10.0):
        found = [low_noise_exponent(d, gamma) for d in (0.1, 1.0, 1 + 1e-9, 3.0, 1e9, np.inf)]
        assert np.all(np.diff(found) >= -1e-12)
        np.testing.assert_allclose(found[1:3], 0.5, atol=1e-8)
        np.testing.assert_allclose(found[-1], (1 + gamma) / (2 + gamma))


@pytest.mark.paper
def test_forms_cover_the_knapsack_on_many_pairs():
    for seed in range(5000):
        rng = np.random.default_rng(seed)
        size = int(rng.integers(1, 9))
        pair = PairedMeasure(np.arange(size), *(rng.dirichlet(np.full(size, 10 ** rng.uniform(-0.7, 1))) for _ in range(2)))
        eta, a = 0.5 + rng.random(size) ** 5 * rng.choice([-0.5, 0.5], size), 10 ** rng.uniform(-8, 0)
        gamma, d = rng.choice([0, 0.5, 1, 3, np.inf]), rng.choice([0.3, 0.9, 1, 1.0001, 1.5, 4, np.inf])
        constant, curve, level = low_noise_constant(pair, eta, gamma), TransferCurve(pair), fidelity_constant(pair, d)
        if max(constant, level) < 1e140:
            forms = (
                low_noise_bound(curve.bound(a, 0.5), constant, gamma),
                composed_bound(curve, a, constant, gamma),
                fidelity_low_noise_bound(a, constant, gamma, level, d),
            )
            assert ClassificationCurve(pair, eta).bound(a) <= min(forms) * (1 + 1e-9) + 1e-12, seed
