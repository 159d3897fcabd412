from dataclasses import FrozenInstanceError, dataclass

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats

from tests.theory.laws import Product, beta, normal, uniform
from theory import MassWarning, PairedMeasure, TransferCurve, chi_square, fidelity_constant, kl, squared_hellinger


def test_weights_are_normalised_and_empty_nodes_dropped():
    pair = PairedMeasure([1.0, 2.0, 3.0], [1.0, 3.0, 0.0], [1.0, 1.0, 0.0])
    np.testing.assert_array_equal(pair.nodes, [[1.0], [2.0]])
    np.testing.assert_array_equal(pair.p, [0.25, 0.75])
    np.testing.assert_array_equal(pair.ratio, [0.5, 1.5])
    np.testing.assert_allclose(pair.log_ratio, np.log([0.5, 1.5]))
    assert pair.size == 2
    assert pair.lost == (0.0, 0.0)


def test_norms_by_hand():
    pair = PairedMeasure([0.0, 1.0], [1, 3], [1, 1])
    g = np.array([[[1.0, 1.0], [2.0, 0.0]]])
    np.testing.assert_allclose(pair.norm_p(g), [[1.0, 1.0]])
    np.testing.assert_allclose(pair.norm_q(g), [[1.0, np.sqrt(2)]])
    assert np.ndim(pair.norm_p([3.0, 3.0])) == 0


def test_pairs_are_frozen_and_keep_their_own_arrays():
    nodes, p = np.array([0.0, 1.0]), np.array([0.5, 0.5])
    pair = PairedMeasure(nodes, p, p)
    nodes[0], p[0] = 9, 9
    assert pair.nodes[0, 0] == 0
    assert pair.p[0] == 0.5
    with pytest.raises(FrozenInstanceError):
        pair.p = p
    with pytest.raises(ValueError, match="read-only"):
        pair.p[0] = 1


@given(st.integers(-300, 300), st.integers(-300, 300))
def test_ratios_of_any_size(first, second):
    # Two atoms: the ratio of the ratios is known exactly, however far apart the weights are.
    p, q = np.array([1.0, 10.0 ** min(first, 0)]), np.array([10.0 ** min(-first, 0), 10.0 ** min(second, 0)])
    pair = PairedMeasure(np.arange(2.0), p, q)
    log_p, log_q = (np.log(w) - np.log(w.sum()) for w in (p, q))
    np.testing.assert_allclose(pair.log_ratio, log_p - log_q, atol=1e-9)
    assert np.isfinite(pair.ratio).all()
    assert (pair.ratio > 0).all()
    inside = np.abs(pair.log_ratio) < 700
    np.testing.assert_allclose(np.log(pair.ratio[inside]), pair.log_ratio[inside], atol=1e-9)
    for value in (kl(pair), squared_hellinger(pair), TransferCurve(pair).power(0.3)):
        assert np.isfinite(value)


def test_densities_beyond_the_range_of_floats():
    # log r = ±1000 at two nodes: covered, KL = ½ · 1000 and V(d) from logarithms, though q there is 0 as a float.
    logs = np.log([0.5, 0.5]), np.array([np.log(0.5) - 1000, 0.0])
    with pytest.warns(MassWarning, match="underflows"):
        pair = PairedMeasure(np.arange(2.0), np.exp(logs[0]), np.exp(logs[1]), logs)
    np.testing.assert_allclose(pair.log_ratio, [1000, np.log(0.5)])
    assert np.isfinite(pair.ratio[0])
    assert pair.ratio[0] > 1e300
    assert kl(pair) == pytest.approx((1000 + np.log(0.5)) / 2)
    assert chi_square(pair) > 1e300
    assert fidelity_constant(pair, 0.5) == pytest.approx(0.5 * np.exp(500))
    # The first corner of β is (q₁, ½) with q₁ = ½ e^(−1000): V′ = ½ q₁^(−1/3) at d′ = ⅓.
    assert fidelity_constant(pair, 0.5, "exponent") == pytest.approx(0.5 * 2 ** (1 / 3) * np.exp(1000 / 3))
    # A tiny p does not make the ratio zero.
    logs = np.array([np.log(1.0), -720.0]), np.log([0.5, 0.5])
    pair = PairedMeasure(np.arange(2.0), np.exp(logs[0]), np.exp(logs[1]), logs)
    np.testing.assert_allclose(pair.log_ratio[1], -720 - np.log(0.5))
    assert pair.ratio[1] > 0


@pytest.mark.filterwarnings("error")
def test_missing_coverage_is_no_underflow():
    pair = PairedMeasure.quadrature(uniform(), uniform(0.0, 0.25), 8)
    assert TransferCurve(pair).uncovered == pytest.approx(0.75)
    assert np.isinf(kl(pair))
    assert np.isinf(chi_square(pair))


@dataclass(frozen=True)
class Cut(Product):
    """A law whose box loses mass, against its contract."""

    def box(self, lost):
        return np.array([-1.0]), np.array([1.0])


def test_lost_mass_is_stated_and_warned_of():
    with pytest.warns(MassWarning, match=r"miss 0\.0455 of P and 0\.317 of Q"):
        pair = PairedMeasure.quadrature(normal(), normal(scale=2.0), 16, box=([-2.0], [2.0]))
    # P(|X| > 2) and P(|X| > 1) of the standard normal.
    np.testing.assert_allclose(pair.lost, 2 * stats.norm.sf([2.0, 1.0]), rtol=1e-9)
    assert pair.nodes.min() > -2
    assert pair.nodes.max() < 2
    with pytest.warns(MassWarning, match="miss"):
        PairedMeasure.quadrature(Cut(normal().parts), Cut(normal().parts), 16)


@pytest.mark.filterwarnings("error")
def test_default_box_loses_nothing_that_shows():
    heavy, narrow = Product((stats.cauchy(),)), Product((stats.cauchy(3.0, 0.01),))
    pair = PairedMeasure.quadrature(heavy, narrow, 16)
    np.testing.assert_allclose(pair.lost, 0, atol=1e-8)


def test_integrals_of_a_rule_fit_both_laws():
    # Moments that the panels were not fitted to: E x and E x² of each law, the narrow one far from the wide one.
    with pytest.warns(MassWarning, match="underflows"):
        pair = PairedMeasure.quadrature(normal(0.0, 3.0), normal(5.0, 0.001), 16)
    x = pair.nodes[:, 0]
    np.testing.assert_allclose([pair.p @ x, pair.p @ x**2], [0, 9], atol=1e-8)
    np.testing.assert_allclose([pair.q @ x, pair.q @ (x - 5) ** 2], [5, 1e-6], rtol=1e-8)


@pytest.mark.parametrize("a", [0.05, 0.3])
def test_panels_shrink_towards_singular_ends(a):
    # Beta(a,1) has mass ε^a below ε: at a = 0.05 the nodes must reach below 1e-120 to see 1 - 1e-6 of it.
    pair = PairedMeasure.quadrature(uniform(), beta(a), 16)
    assert pair.nodes.min() < 1e-6 ** (1 / a)
    x = pair.nodes[:, 0]
    np.testing.assert_allclose(pair.q @ x, a / (a + 1), rtol=1e-6)
    inner = PairedMeasure.quadrature(uniform(-1.0, 1.0), beta(a), 16)
    np.testing.assert_allclose(inner.q @ inner.nodes[:, 0], a / (a + 1), rtol=1e-6)


def test_mass_below_the_least_float_is_missed_and_warned_of():
    # Beta(0.001,1) has half of its mass below 1e-301, where halving ends: no float64 rule can hold it.
    with pytest.warns(MassWarning, match="miss"):
        pair = PairedMeasure.quadrature(uniform(), beta(0.001), 4, panels=8)
    assert 0.01 < pair.lost[1] < 0.5


def test_plane_rule_integrates_a_product_and_honours_its_box():
    box = (np.array([0.0, -1.0]), np.array([1.0, 1.0]))
    pair = PairedMeasure.quadrature(uniform(dim=2), uniform(0.0, 0.5, dim=2), 6, box=box)
    x, y = pair.nodes.T
    assert pair.p @ (x * y**3) == pytest.approx(1 / 8)
    assert pair.q @ (x * y**3) == pytest.approx(0.25 * 0.5**3 / 4)
    assert TransferCurve(pair).uncovered == pytest.approx(0.75)


def test_noisy_density_does_not_run_away():
    @dataclass(frozen=True)
    class Noisy(Product):
        def log_density(self, x):
            return super().log_density(x) + 0.1 * np.sin(1e12 * x[..., 0])

    with pytest.warns(MassWarning, match="do not converge|miss"):
        pair = PairedMeasure.quadrature(Noisy((stats.norm(),)), normal(1.0), 4, panels=16)
    assert pair.size < 100_000


def test_sampled_pair_is_reproducible_and_bounded():
    first, again = (
        PairedMeasure.sampled(normal(dim=3), normal(0.5, dim=3), 1001, np.random.default_rng(5)) for _ in "ab"
    )
    np.testing.assert_array_equal(first.nodes, again.nodes)
    assert first.nodes.shape == (1001, 3)
    # No weight exceeds 1/n of its law's own draws before normalisation, and the sums are near 1: 2.5/1001 is safe.
    assert max(first.p.max(), first.q.max()) < 2.5 / 1001
    # log r is the log ratio of the densities, up to the normalisation common to all nodes.
    shift = first.log_ratio - (normal(dim=3).log_density(first.nodes) - normal(0.5, dim=3).log_density(first.nodes))
    np.testing.assert_allclose(shift, shift[0], atol=1e-12)
    assert abs(shift[0]) < 0.2


def test_sampled_pair_sees_missing_coverage():
    pair = PairedMeasure.sampled(uniform(), uniform(0.0, 0.5), 4000, np.random.default_rng(1))
    # Half of P is uncovered; the estimate has standard deviation at most (2 · ½/4000)^½ = 0.016: 6 of them.
    assert abs(TransferCurve(pair).uncovered - 0.5) < 0.1


@given(arrays(np.float64, (4, 3), elements=st.floats(-1e3, 1e3)))
def test_norms_of_rows_do_not_depend_on_their_neighbours(g):
    pair = PairedMeasure(np.arange(3.0), [1, 2, 3], [3, 1, 1])
    np.testing.assert_array_equal(pair.norm_p(g), [pair.norm_p(row) for row in g])
    np.testing.assert_allclose(pair.norm_q(g) ** 2, (g**2) @ [0.6, 0.2, 0.2], rtol=1e-12, atol=1e-300)
