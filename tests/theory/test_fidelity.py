import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import special, stats

from tests.theory.laws import beta, normal, uniform
from tests.theory.strategies import pairs, pairs_and_functions
from theory import PairedMeasure, TransferCurve, chi_square
from theory.fidelity import best_fidelity_bound, fidelity_bound, fidelity_constant

EXPONENTS = np.array([0.05, 0.3, 1.0, 2.5, 8.0, np.inf])
LEVELS = st.tuples(st.floats(0.05, 20), st.floats(1.0, 30))  # d, V ≥ 1 ≥ (d/(d+1))^d: admissible


def test_constants_of_two_atoms_by_hand():
    # p = (.8, .2), q = (.2, .8), r = (4, ¼): V(d) = max{0.8 · 4^d, 4^(−d)}, E r^d = 0.8 · 4^d + 0.2 · 4^(−d),
    # V′ = max{0.8 · 0.2^(−d′), 1} over the two knots, d′ = d/(d + 1).
    pair = PairedMeasure(np.arange(2.0), [0.8, 0.2], [0.2, 0.8])
    d = np.array([0.01, 0.5, 3.0, np.inf])
    np.testing.assert_allclose(fidelity_constant(pair, d), [0.25**0.01, 1.6, 0.8 * 64, 4.0])
    np.testing.assert_allclose(fidelity_constant(pair, [2.0, np.inf], "moment"), [0.8 * 16 + 0.2 / 16, 4.0])
    np.testing.assert_allclose(fidelity_constant(pair, [0.01, 1.0, np.inf], "exponent"), [1, 0.8 / np.sqrt(0.2), 4])


def test_not_covered_has_no_level():
    pair = PairedMeasure(np.arange(2.0), [0.5, 0.5], [0.0, 1.0])
    for reading in ("tail", "exponent", "moment"):
        assert np.isinf(fidelity_constant(pair, [0.5, np.inf], reading)).all()
    best = best_fidelity_bound(pair, [0.0, 0.1], 3.0)
    np.testing.assert_array_equal([best.value, best.d, best.V], [[9, 9], [0, 0], [1, 1]])


@given(pairs(covered=True))
def test_tail_constant_is_the_supremum(pair):
    # V(d) = max_i r_i^d P(r ≥ r_i), term by term; and no C does better, to the left of every ratio least of all.
    r, curve = pair.ratio[pair.p > 0], TransferCurve(pair)
    for d in EXPONENTS[:-1]:
        terms = [each**d * pair.p[pair.ratio >= each * (1 - 1e-13)].sum() for each in r]
        found = fidelity_constant(pair, d)
        assert found == pytest.approx(max(terms), rel=1e-9)
        c = np.concatenate([r * (1 - 1e-9), r, np.geomspace(r.min(), r.max(), 30)])
        assert (c**d * curve.tail(c) <= found * (1 + 1e-9)).all()
    assert fidelity_constant(pair, np.inf) == pytest.approx(r.max())


@given(pairs(covered=True))
def test_constants_have_their_lower_and_upper_bounds(pair):
    d = EXPONENTS[:-1]
    tail = fidelity_constant(pair, d)
    assert (tail >= (d / (d + 1)) ** d * (1 - 1e-12)).all()
    assert (tail <= fidelity_constant(pair, d, "moment") * (1 + 1e-12)).all()
    assert fidelity_constant(pair, 1.0) <= (1 + chi_square(pair)) * (1 + 1e-12)


@given(pairs(covered=True))
def test_exponent_reading_bounds_the_curve_and_every_set(pair):
    curve, alpha = TransferCurve(pair), np.geomspace(1e-9, 1, 60)
    for d in EXPONENTS:
        rate = d / (d + 1) if np.isfinite(d) else 1.0
        constant = fidelity_constant(pair, d, "exponent")
        assert (curve.power(alpha) <= constant * alpha**rate * (1 + 1e-9)).all()
        # It is attained by one of the 2^N sets, so no smaller constant would do.
        sets = np.array(list(np.ndindex(*(2,) * min(pair.size, 6))), dtype=float)[1:]
        if pair.size <= 6:
            p, q = sets @ pair.p, sets @ pair.q
            assert np.max(p / q**rate) == pytest.approx(constant, rel=1e-9)


@given(pairs(covered=True))
def test_readings_convert_within_their_factors(pair):
    for d in EXPONENTS[:-1]:
        tail, exponent = fidelity_constant(pair, d), fidelity_constant(pair, d, "exponent")
        assert exponent <= ((d + 1) / d) ** (d / (d + 1)) * tail ** (1 / (d + 1)) * (1 + 1e-9)
        assert tail <= exponent ** (d + 1) * (1 + 1e-9)
        assert fidelity_constant(pair, d / 2, "moment") <= 2 * tail**0.5 * (1 + 1e-9)  # V^(k/d) d/(d - k) at k = d/2


def sharp_pair(V, d, size=4000):
    """Atoms with P(r ≥ r_i) r_i^d = V on the nose and Q(p > 0) = Σ p/r < 1, the rest of Q where P has nothing.

    The limit of the finer grids has τ(C) = min(1, V C^(−d)) and meets the sharp bound for a ≤ M² Q(p > 0).
    """
    shares = np.geomspace(1e-9, 1, size)  # P(r ≥ r_i)
    p, r = np.diff(shares, prepend=0), (V / shares) ** (1 / d)
    q = p / r
    return PairedMeasure(np.arange(size + 1.0), np.append(p, 0), np.append(q, max(1 - q.sum(), 0)))


@pytest.mark.parametrize(("V", "d"), [(0.6, 0.5), (1.0, 1.0), (0.45, 2.0), (4.0, 3.0)])
def test_sharp_constant_cannot_be_lowered(V, d):
    pair = sharp_pair(V, d)
    assert fidelity_constant(pair, d) == pytest.approx(V, rel=1e-9)
    a = np.geomspace(1e-4, 1, 30) * d / (d + 1) * V ** (-1 / d)
    exact, bound = TransferCurve(pair).bound(a, 1.0), fidelity_bound(a, 1.0, V, d)
    assert (exact <= bound * (1 + 1e-12)).all()
    # Negative control: a constant 1% smaller is broken at every a.
    assert (exact > 0.99 * bound).all()


@pytest.mark.parametrize("a", [1.2, 2.0, 5.0])
def test_beta_attains_the_sharp_bound(a):
    # U[0,1] against Beta(a,1): d = 1/(a−1), V = a^(−d) give ((d+1)/d)^(1/a) V^((a−1)/a) x^(1/a) = x^(1/a) = β(x).
    d = 1 / (a - 1)
    x = np.geomspace(1e-9, 1, 20)
    np.testing.assert_allclose(fidelity_bound(4 * x, 2.0, a**-d, d), 4 * x ** (1 / a))
    # V here is sup C^d P(X < (aC)^(−d)) = a^(−d), the same for every C ≥ 1/a: checked on the tail of fine nodes.
    curve = TransferCurve(PairedMeasure.quadrature(uniform(), beta(a), 16))
    c = np.geomspace(0.05, 0.99, 15) ** (-1 / d) / a
    np.testing.assert_allclose(c**d * curve.tail(c), a**-d, rtol=2e-2)


@pytest.mark.parametrize(("order", "panels"), [(16, 16), (16, 128), (48, 64)])
def test_end_node_spoils_the_critical_constant_of_a_named_law(order, panels):
    # r₁^d P(r ≥ r₁) = V w₁/x₁ at the end node, whose panel starts at 0: w₁/x₁ tends to 4/(j J₁(j))², j the first zero
    # of J₀, and not to 1. The nodes' V is 2.57 times the law's ½ however fine the rule.
    j = special.jn_zeros(0, 1)[0]
    pair = PairedMeasure.quadrature(uniform(), beta(2.0), order, panels=panels)
    assert fidelity_constant(pair, 1.0) == pytest.approx(0.5 * 4 / (j * special.j1(j)) ** 2, rel=3e-3)


@pytest.mark.parametrize("d", [0.5, 1.0, 4.0])
@pytest.mark.parametrize("s", [0.6, 0.9, 1.5])
def test_scaled_normal_constants(s, d):
    # r = s exp(x²(1/s²−1)/2). s < 1 and d ≤ s²/(1−s²): C^d τ(C) = s^d e^(κu/2) 2Φ̄(√u), κ = d(1/s²−1) ≤ 1, falls
    # in u = x² from s^d, since 2Φ̄(√u) ≤ e^(−u/2). s > 1: r ≤ s, so V(d) ≤ s^d and C̄ = s.
    pair = PairedMeasure.quadrature(normal(), normal(scale=s), 16)
    found = fidelity_constant(pair, d)
    if s > 1:
        assert found <= s**d
        assert fidelity_constant(pair, np.inf) == pytest.approx(s, rel=1e-5)
    elif d <= s**2 / (1 - s**2):
        assert found == pytest.approx(s**d, rel=1e-6)
    else:
        # No finite V: on the nodes it grows with the box, far beyond s^d.
        assert found > 3 * s**d


@pytest.mark.parametrize("d", [0.5, 2.0])
def test_shifted_normal_constant_is_below_its_moment(d):
    # E r^d = exp(d(d+1)δ²/2) by completing the square; V(d) by maximising C^d Φ(δ/2 − log C/δ) over C.
    delta = 1.0
    pair = PairedMeasure.quadrature(normal(), normal(delta), 16)
    moment = np.exp(d * (d + 1) * delta**2 / 2)
    assert fidelity_constant(pair, d, "moment") == pytest.approx(moment, rel=1e-9)
    log_c = np.linspace(-20, 20, 400_001)
    exact = np.exp(np.max(d * log_c + special.log_ndtr(delta / 2 - log_c / delta)))
    assert fidelity_constant(pair, d) == pytest.approx(exact, rel=2e-2)
    assert exact < moment


def test_best_level_of_the_shifted_normal_is_within_4_3_percent():
    # The law's own V(d), not the nodes': τ(C) = Φ(½ − log C), the exact curve Φ(Φ⁻¹(α) + 1).
    d = np.geomspace(0.02, 9, 3000)
    log_c = np.linspace(-6, 60, 60_001)
    log_tail = special.log_ndtr(0.5 - log_c)
    constant = np.exp([np.max(each * log_c + log_tail) for each in d])
    alpha = np.geomspace(1e-6, 0.3, 40)
    best = fidelity_bound(alpha[:, None], 1.0, constant, d).min(axis=1)
    excess = best / stats.norm.cdf(stats.norm.ppf(alpha) + 1) - 1
    assert (excess >= 0).all()
    assert 0.042 < excess.max() < 0.0435
    # The same by the exact search over the nodes' own corners, up to the error of the nodes' V.
    pair = PairedMeasure.quadrature(normal(), normal(1.0), 16)
    np.testing.assert_allclose(best_fidelity_bound(pair, alpha, 1.0).value, best, rtol=1e-2)


@given(LEVELS, st.floats(0, 50), st.floats(0, 9))
def test_forms_of_the_bound(level, a, m):
    d, V = level
    sharp, plain = (fidelity_bound(a, m, V, d, form) for form in ("sharp", "plain"))
    assert plain == pytest.approx(sharp * (d + 1) ** (1 / (d + 1)))
    assert sharp <= plain <= sharp * np.exp(1 / np.e) * (1 + 1e-12)
    expected = ((d + 1) / d) ** (d / (d + 1)) * (m**2 * V) ** (1 / (d + 1)) * a ** (d / (d + 1))
    assert sharp == pytest.approx(expected, rel=1e-9, abs=1e-300)
    # Each is the minimum over C of C a + M² V C^(−d)/(d+1), or without the d + 1.
    if a > 0.01 and m > 0.01:
        c = np.geomspace(1e-6, 1e8, 100_001) ** (1 / max(d, 1))
        price = c * a + m**2 * V * c**-d / (d + 1)
        assert price.min() >= sharp * (1 - 1e-12)


@given(pairs(covered=True))
def test_exact_below_best_below_every_level(pair):
    m, a = 2.0, 4 * np.concatenate([[0.0], np.geomspace(1e-10, 1.0, 12)])
    exact, best = TransferCurve(pair).bound(a, m), best_fidelity_bound(pair, a, m)
    assert (exact <= best.value * (1 + 1e-9) + 1e-12).all()
    assert (best.value <= m**2 * (1 + 1e-12)).all()
    d = np.concatenate([np.geomspace(1e-3, 1e4, 400), [np.inf]])
    every = fidelity_bound(a[:, None], m, fidelity_constant(pair, d), d)
    assert (best.value <= every.min(axis=1) * (1 + 1e-9)).all()
    # The level returned gives the value returned.
    named = best.d > 0
    again = fidelity_bound(a[named], m, best.V[named], best.d[named])
    np.testing.assert_allclose(again, best.value[named], rtol=1e-6, atol=1e-12)
    # And it is a level of the pair: V is V(d).
    np.testing.assert_allclose(fidelity_constant(pair, best.d[named]), best.V[named], rtol=1e-6)


def test_limits_of_the_bound():
    assert fidelity_bound(0.0, 2.0, 3.0, 1.5) == 0
    assert fidelity_bound(0.5, 0.0, 3.0, 1.5) == 0
    assert fidelity_bound(0.5, 0.0, np.inf, 1.5) == 0
    assert fidelity_bound(0.5, 2.0, 3.0, np.inf) == pytest.approx(1.5)
    assert fidelity_bound(0.5, 2.0, 3.0, np.inf, "plain") == pytest.approx(1.5)
    assert np.isinf(fidelity_bound(0.0, 2.0, np.inf, 1.5))
    assert fidelity_bound(0.5, 2.0, 3.0, 1e12) == pytest.approx(0.5, rel=1e-9)  # V^(1/(d+1)) tends to 1
    assert fidelity_bound(1e-300, 1e100, 1e-200, 0.5) == pytest.approx(3 ** (1 / 3) * 1e-100, rel=1e-9)


def test_huge_ratios_stay_in_range():
    # Ratios 1e±300: V(d) = 1e300^d · ½ leaves float64 for d > 1.02, the bound at a tiny a does not.
    pair = PairedMeasure(np.arange(2.0), [0.5, 0.5], [1e-300, 1.0])
    np.testing.assert_allclose(fidelity_constant(pair, [0.5, 1.0]), [0.5e150 * np.sqrt(0.5), 0.25e300], rtol=1e-9)
    assert np.isinf(fidelity_constant(pair, 2.0))
    best = best_fidelity_bound(pair, [0.0, 1e-301, 1e-300], 1.0)
    np.testing.assert_allclose(best.value, [0, 0.05, 0.5], rtol=1e-9)


ANY = st.floats(0, allow_infinity=True, exclude_min=True)


@given(st.floats(0, 1e308), st.floats(0, 1e150), ANY, ANY, pairs())
def test_extremes_give_no_nan(a, m, V, d, pair):
    for form in ("sharp", "plain"):
        assert fidelity_bound(a, m, V, d, form) >= 0
    for reading in ("tail", "exponent", "moment"):
        assert fidelity_constant(pair, d, reading) > 0
    best = best_fidelity_bound(pair, a, m)
    assert 0 <= best.value <= m**2 * (1 + 1e-12)
    assert best.V > 0
    assert best.d >= 0


def test_equal_laws_keep_the_error():
    pair = PairedMeasure(np.arange(7.0), np.arange(1, 8), np.arange(1, 8))
    best = best_fidelity_bound(pair, [0.2, 1.0], 2.0)
    np.testing.assert_allclose(best.value, [0.2, 1.0])
    np.testing.assert_allclose(fidelity_constant(pair, [1e-3, 1.0, 1e17, np.inf]), [1, 1, 1, 1], rtol=2e-2)


@given(pairs_and_functions(covered=True))
def test_no_function_passes_a_level(case):
    pair, m, g = case
    a, real = pair.norm_q(g) ** 2, pair.norm_p(g) ** 2
    for d in EXPONENTS:
        assert real <= fidelity_bound(a, m, fidelity_constant(pair, d), d) * (1 + 1e-9) + 1e-12 * m**2


def test_half_a_constant_is_caught():
    # Negative control of the test above: on the worst function of the sharp pair, half of V, and half the bound, fail.
    pair = sharp_pair(2.0, 1.0)
    g = (np.cumsum(pair.p) <= 0.01).astype(float)
    a, real = pair.norm_q(g) ** 2, pair.norm_p(g) ** 2
    assert real <= fidelity_bound(a, 1.0, 2.0, 1.0) * (1 + 1e-9)
    assert real > fidelity_bound(a, 1.0, 1.0, 1.0)
    assert real > 0.5 * fidelity_bound(a, 1.0, 2.0, 1.0)
