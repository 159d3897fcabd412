import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.theory.laws import swapped
from tests.theory.programs import lattice_pairs, least_value, most_value
from tests.theory.strategies import pairs, pairs_and_functions
from theory import PairedMeasure, TransferCurve

SHARES = np.linspace(0, 1, 21)
ROUNDING = 1e-12


def test_three_atoms_by_hand():
    # r = (4, 1, 0.4). Filling in this order gives the knots (α, β) = (.1, .4), (.5, .8), (1, 1), linear between;
    # from the other end (.5, .2), (.9, .6), (1, 1).
    curve = TransferCurve(PairedMeasure(np.arange(3.0), [0.4, 0.4, 0.2], [0.1, 0.4, 0.5]))
    np.testing.assert_allclose(curve.power([0, 0.05, 0.1, 0.3, 0.5, 1, 7]), [0, 0.2, 0.4, 0.6, 0.8, 1, 1], atol=1e-15)
    np.testing.assert_allclose(curve.bound([0.4, 9.0], [2.0, 3.0]), [1.6, 9.0])
    np.testing.assert_allclose(curve.lower([0.25, 0.7, 1.0], 1.0), [0.1, 0.4, 1.0])
    np.testing.assert_allclose(curve.inverse([0.2, 1.0, 1.1], 1.0), [0.05, 1.0, np.inf])
    np.testing.assert_allclose(curve.hockey_stick([0, 1, 4, np.inf]), [1, 0.3, 0, 0], atol=1e-15)
    np.testing.assert_allclose(curve.tail([0, 0.5, 1, 4]), [1, 0.8, 0.4, 0])
    assert curve.uncovered == 0


def test_uncovered_and_empty_nodes_by_hand():
    # p = (.5, .5, 0), q = (0, .5, .5): half of P is free at α = 0, the rest costs .5; the last node costs and gives 0.
    curve = TransferCurve(PairedMeasure(np.arange(3.0), [1, 1, 0], [0, 1, 1]))
    assert curve.uncovered == 0.5
    np.testing.assert_allclose(curve.power([0, 0.25, 0.5, 0.9]), [0.5, 0.75, 1, 1])
    np.testing.assert_allclose(curve.lower([0.5, 0.75, 1.0, 5.0], 1.0), [0, 0.25, 0.5, 0.5])
    # 0 up to M²ρ₀, Q(p > 0) M² at M², infinite above.
    np.testing.assert_allclose(curve.inverse([0, 1.9, 2, 3, 4, 4.1], 2.0), [0, 0, 0, 1, 2, np.inf])
    np.testing.assert_allclose(curve.hockey_stick([0.5, np.inf]), [0.75, 0.5])
    assert curve.tail(np.inf) == 0.5


def test_zero_sup_norm_and_shapes():
    curve = TransferCurve(PairedMeasure(np.arange(2.0), [0.8, 0.2], [0.5, 0.5]))
    assert curve.bound(0.3, 0.0) == curve.lower(0.3, 0.0) == curve.inverse(0.0, 0.0) == 0
    assert curve.inverse(0.1, 0.0) == np.inf
    assert curve.bound(np.ones((3, 1)), np.ones(4)).shape == (3, 4)
    assert np.ndim(curve.bound(0.1, 1.0)) == np.ndim(curve.tail(1.0)) == 0
    assert curve.bound(np.zeros((0,)), 1.0).shape == (0,)


def test_values_are_squared_sup_norm_where_the_level_allows_anything():
    curve = TransferCurve(PairedMeasure(np.arange(3.0), [0.1, 0.2, 0.7], [0.3, 0.3, 0.4]))
    m = np.array([1e-160, 1e-5, 0.3, 7.0, 1e150])
    np.testing.assert_array_equal(curve.bound(m**2, m), m**2)
    np.testing.assert_array_equal(curve.bound(np.inf, m), m**2)


@given(lattice_pairs())
def test_curves_against_linear_programs(pair):
    # φ = g²/M² turns both definitions into linear programs over 0 ≤ φ ≤ 1.
    curve = TransferCurve(pair)
    for share in (0.0, 0.07, 0.5, 0.93, 1.0):
        assert curve.bound(4 * share, 2.0) == pytest.approx(4 * most_value(pair.p, pair.q, share), abs=1e-6)
        assert curve.lower(4 * share, 2.0) == pytest.approx(4 * least_value(pair.p, pair.q, share), abs=1e-6)


@given(pairs_and_functions())
def test_no_function_passes_the_curves(case):
    pair, m, g = case
    curve, a, real = TransferCurve(pair), pair.norm_q(g) ** 2, pair.norm_p(g) ** 2
    assert real <= curve.bound(a, m) + ROUNDING * m**2
    # Rounding of a near M² is magnified by the largest ratio, so it is taken on the axis it happens on.
    assert real >= curve.lower(max(a - ROUNDING * m**2, 0), m) - ROUNDING * m**2


def test_explicit_worst_functions_attain_the_curve_and_expose_wrong_ones():
    rng = np.random.default_rng(3)
    pair, m = PairedMeasure(np.arange(40.0), rng.random(40), rng.random(40)), 1.7
    # Rows g = M on the k nodes of highest ratio, k = 1, 2, …: they attain T_M at its knots.
    rank = np.argsort(np.argsort(-pair.ratio))
    g = m * (rank <= np.arange(pair.size)[:, None])
    curve, a, real = TransferCurve(pair), pair.norm_q(g) ** 2, pair.norm_p(g) ** 2
    np.testing.assert_allclose(real, curve.bound(a, m), rtol=1e-12)
    assert (real <= curve.bound(a, m) + ROUNDING * m**2).all()
    # Negative controls: half the bound, the sup-norm of another function, and swapped laws are all caught.
    for wrong in (curve.bound(a, m) / 2, curve.bound(a, m / 2)):
        assert np.mean(real > wrong + ROUNDING * m**2) > 0.5
    assert np.mean(real > TransferCurve(swapped(pair)).bound(a, m) + 1e-9) > 0.25
    # The lower curve is attained by the complements, and a doubled one is caught.
    rest = np.sqrt(m**2 - g**2)
    low = curve.lower(pair.norm_q(rest) ** 2, m)
    np.testing.assert_allclose(pair.norm_p(rest) ** 2, low, atol=1e-13)
    assert np.mean(pair.norm_p(rest) ** 2 < 2 * low - 1e-9) > 0.5


@given(pairs())
def test_shape_of_the_curves(pair):
    curve = TransferCurve(pair)
    upper, lower = curve.power(SHARES), curve.lower(SHARES, 1.0)
    assert upper[0] == pytest.approx(curve.uncovered, abs=1e-15)
    assert upper[-1] == 1
    assert (np.diff(upper) >= -ROUNDING).all()
    assert (np.diff(upper, 2) <= ROUNDING).all()
    assert (np.diff(lower) >= -ROUNDING).all()
    assert (np.diff(lower[:-1], 2) >= -ROUNDING).all()
    # L_M(a) = M²(1 − β(1 − a/M²)), by filling from the other end; 1 itself is left to rounding.
    np.testing.assert_allclose(lower[:-1], 1 - curve.power(1 - SHARES)[:-1], atol=1e-9)
    assert (lower <= SHARES + ROUNDING).all()
    assert (upper >= SHARES - ROUNDING).all()


@given(pairs(), st.floats(1e-3, 1e3))
def test_scaling_in_the_sup_norm(pair, m):
    curve = TransferCurve(pair)
    a = SHARES * m**2
    np.testing.assert_allclose(curve.bound(a, m), m**2 * curve.power(SHARES), rtol=1e-9, atol=1e-12 * m**2)
    # A larger sup-norm allows more, and M² T₁ is that of M.
    assert (curve.bound(a, 1.5 * m) >= curve.bound(a, m) * (1 - ROUNDING)).all()
    assert (curve.lower(a, 1.5 * m) <= curve.lower(a, m) + 1e-9 * m**2).all()


@given(pairs(), st.data())
def test_data_processing(pair, data):
    # A function of the features sees merged nodes: its curve cannot be higher, nor its lower curve lower.
    group = data.draw(st.lists(st.integers(0, 3), min_size=pair.size, max_size=pair.size))
    p, q = (np.bincount(group, weights, minlength=4) for weights in (pair.p, pair.q))
    merged, curve = TransferCurve(PairedMeasure(np.arange(4.0), p, q)), TransferCurve(pair)
    assert (merged.power(SHARES) <= curve.power(SHARES) + ROUNDING).all()
    assert (merged.lower(SHARES[:-1], 1.0) >= curve.lower(SHARES[:-1], 1.0) - 1e-9).all()


@given(pairs(), st.floats(0, 20))
def test_hockey_stick_and_tail_are_their_sums_and_the_dual_holds(pair, c):
    # C ↦ C α + E_C is convex, piecewise linear with corners at the ratios: its minimum is at one of them or at 0.
    curve = TransferCurve(pair)
    corners = np.concatenate([[0.0], pair.ratio[np.isfinite(pair.ratio)]])
    tangents = corners[:, None] * SHARES + curve.hockey_stick(corners)[:, None]
    np.testing.assert_allclose(tangents.min(axis=0), curve.power(SHARES), atol=1e-9)
    assert curve.hockey_stick(c) == pytest.approx(np.maximum(pair.p - c * pair.q, 0).sum(), abs=1e-12)
    assert curve.tail(c) == pytest.approx(pair.p[pair.ratio > c].sum(), abs=1e-12)


@given(pairs(), st.lists(st.floats(0, 1.2), min_size=1, max_size=5))
def test_inverse_brackets_the_level(pair, levels):
    curve, level = TransferCurve(pair), np.array(levels)
    a = curve.inverse(level, 1.0)
    assert ((a == np.inf) == (level > 1)).all()
    assert (a[level <= curve.uncovered] == 0).all()
    inside = (a > 0) & np.isfinite(a) & (level > 1e-300)  # below, a level has lost its digits
    np.testing.assert_allclose(curve.bound(a[inside], 1.0), level[inside], atol=1e-9)
    assert (curve.bound(a[inside] * (1 - 1e-6), 1.0) < level[inside]).all()


@given(pairs_and_functions(count=3))
def test_replicates_do_not_see_each_other(case):
    pair, m, *rows = case
    g, curve = np.array(rows), TransferCurve(pair)
    together = curve.bound(pair.norm_q(g) ** 2, m)
    np.testing.assert_array_equal(together, [curve.bound(pair.norm_q(row) ** 2, m) for row in g])
    np.testing.assert_array_equal(together[::-1], curve.bound(pair.norm_q(g[::-1]) ** 2, m))


def test_underflow_of_q_keeps_every_inequality():
    # q below the least float64 at the first node: its P-mass is free at a = 0 for the weights, yet covered.
    logs = np.log([0.3, 0.3, 0.4]), np.array([-900.0, np.log(0.5), np.log(0.5)])
    with pytest.warns(UserWarning, match=r"q underflows at nodes that carry 0\.3 of P"):
        pair = PairedMeasure(np.arange(3.0), np.exp(logs[0]), np.exp(logs[1]), logs)
    curve = TransferCurve(pair)
    assert curve.uncovered == 0
    g = np.array([1.0, 0.0, 0.0])
    assert pair.norm_p(g) ** 2 <= curve.bound(pair.norm_q(g) ** 2, 1.0) == pytest.approx(0.3)
    assert curve.tail(1e300) == pytest.approx(0.3)
    assert curve.tail(np.inf) == 0
    assert curve.hockey_stick(1e300) == pytest.approx(0.3)


@given(pairs(), st.randoms(use_true_random=False))
def test_order_of_the_nodes_does_not_matter(pair, random):
    order = list(range(pair.size))
    random.shuffle(order)
    other = PairedMeasure(pair.nodes[order], pair.p[order], pair.q[order])
    np.testing.assert_allclose(TransferCurve(other).power(SHARES), TransferCurve(pair).power(SHARES), atol=1e-14)


@given(pairs())
def test_hockey_stick_is_the_integral_of_the_tail(pair):
    # E_C = ∫_C^∞ (C/t²) τ(t) dt for C > 0: on atoms τ is a step function, so the integral is a sum over its steps.
    curve = TransferCurve(pair)
    steps = np.unique(pair.ratio[np.isfinite(pair.ratio) & (pair.ratio > 0)])
    for c in (0.3, 1.0, 2.0):
        edges = np.concatenate([[c], steps[steps > c], [np.inf]])
        integral = (curve.tail(edges[:-1]) * (c / edges[:-1] - c / edges[1:])).sum()
        assert curve.hockey_stick(c) == pytest.approx(integral, abs=1e-9)
