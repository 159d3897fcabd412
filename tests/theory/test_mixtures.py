"""Real rows among synthetic ones, contiguous sequences of laws, and what synthetic rows alone cannot tell."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar
from scipy.stats import norm

from tests.theory.laws import normal, swapped
from tests.theory.programs import lattice_pairs, most_value
from tests.theory.strategies import functions, pairs
from theory import PairedMeasure, PooledLeastSquares, TransferCurve, mixing_bound

SHARES = st.sampled_from([1e-3, 0.1, 0.3, 0.5, 0.9, 1.0])
C = np.array([0.0, 0.2, 0.7, 1.0, 1.5, 3.0, 9.0])


def mixed_pair(pair, share):
    return PairedMeasure(pair.nodes, pair.p, share * pair.p + (1 - share) * pair.q)


def oracle_hockey_stick(pair, share):
    """(1 − Cζ)₊ E_{C(1−ζ)/(1−Cζ)}(P‖Q), the last by its definition."""
    inside = np.maximum(1 - C * share, 0)
    factor = np.divide(C * (1 - share), inside, out=np.zeros(C.shape), where=inside > 0)
    return inside * np.maximum(pair.p - factor[:, None] * pair.q, 0).sum(axis=1)


@given(pairs(), SHARES)
def test_the_curve_of_a_mixture_is_that_of_its_parts(pair, share):
    curve, mixed = TransferCurve(pair), TransferCurve(mixed_pair(pair, share))
    np.testing.assert_allclose(mixed.hockey_stick(C), oracle_hockey_stick(pair, share), atol=1e-12)
    alpha = np.linspace(0, 1, 21)
    beta = curve.power(alpha)
    np.testing.assert_allclose(mixed.power(share * beta + (1 - share) * alpha), beta, atol=1e-9)
    a = np.geomspace(1e-6, 4, 30)
    assert (mixed.bound(a, 2.0) <= mixing_bound(a, 2.0, share) + 1e-12).all()
    free = share * curve.uncovered * 4 * np.linspace(0, 1, 5)
    np.testing.assert_allclose(mixed.bound(free, 2.0), mixing_bound(free, 2.0, share), atol=1e-9)


@settings(max_examples=30)
@given(lattice_pairs(), SHARES)
def test_the_guarantee_against_a_linear_program(pair, share):
    mixed = mixed_pair(pair, share)
    for a in (0.01, 0.3):
        worst = most_value(pair.p, share * pair.p + (1 - share) * pair.q, a)
        assert TransferCurve(mixed).bound(a, 1.0) == pytest.approx(worst, abs=1e-7)
        assert worst <= mixing_bound(a, 1.0, share) + 1e-7


@given(pairs(), SHARES, st.data())
def test_pooled_responses(pair, share, data):
    error, mixed = data.draw(functions(pair)), share * pair.p + (1 - share) * pair.q
    pooled = np.divide((1 - share) * pair.q, mixed, out=np.zeros(pair.size), where=mixed > 0) * error
    e_r = np.sum(pair.q * error**2)
    assert np.sum(mixed * pooled**2) <= (1 - share) * e_r + 1e-12
    assert np.sum(pair.p * pooled**2) <= (1 - share) / (4 * share) * e_r + 1e-12


def test_controls_of_the_mixture():
    # P on one atom that Q lacks: the error a there costs exactly a/ζ, so no smaller factor will do, and P and Q differ.
    pair = PairedMeasure(np.arange(2.0), [1, 0], [0, 1])
    assert TransferCurve(mixed_pair(pair, 0.25)).bound(0.1, 1.0) == pytest.approx(0.4) == mixing_bound(0.1, 1.0, 0.25)
    assert TransferCurve(mixed_pair(pair, 0.25)).bound(0.1, 1.0) > 0.1  # without the factor 1/ζ
    assert TransferCurve(mixed_pair(swapped(pair), 0.75)).bound(0.1, 1.0) < 0.4
    # Responses: without the 4 the second bound is never met, with it, it is, at ζp = (1 − ζ)q.
    even = PairedMeasure(np.arange(2.0), [0.5, 0.5], [0.5, 0.5])
    assert np.sum(even.p * (0.5 * np.ones(2)) ** 2) == pytest.approx(0.5 / (4 * 0.5))


@given(pairs(), st.sampled_from([1.5, 4.0, 30.0]))
def test_chain_of_contiguity(pair, c):
    """Each arrow of the proof as an inequality: Q(r > C) ≤ 1/C, E_C ≤ τ(C) ≤ β(1/C), β(α) ≤ Cα + E_C."""
    curve, alpha = TransferCurve(pair), np.linspace(0, 1, 11)
    above = pair.ratio > c
    assert pair.q[above].sum() <= pair.p[above].sum() / c + 1e-12
    assert curve.hockey_stick(c) <= curve.tail(c) + 1e-12
    assert curve.tail(c) <= curve.power(1 / c) + 1e-12
    assert (curve.power(alpha) <= c * alpha + curve.hockey_stick(c) + 1e-12).all()
    wrong = pair.p[above].sum()  # Φ of μ + M 1_A with M = 1, against its error under Q
    assert wrong <= curve.bound(pair.q[above].sum(), 1.0) + 1e-12


def shifted_stick(delta, c):
    """E_C(N(0,1)‖N(δ,1)) in closed form: r > C exactly where x < δ/2 − log(C)/δ."""
    at = delta / 2 - np.log(c) / delta
    return norm.cdf(at) - c * norm.cdf(at - delta)


def test_shifted_normals_are_contiguous_exactly_where_the_shift_stays_bounded():
    n = 10.0 ** np.arange(2, 300, 20)
    bounded, growing = 2 - 1 / np.log(n), np.sqrt(np.log(n)) / 2
    assert shifted_stick(bounded, 1e4).max() < 0.01
    assert shifted_stick(growing, 1e4)[-1] > 0.99  # C = 10^4 does not hold it down, though δ_n < 13
    for delta in (0.5, 1.7, 3.0):
        curve = TransferCurve(PairedMeasure.quadrature(normal(), normal(delta), 16))
        for c in (0.5, 2.0, 50.0):
            assert curve.hockey_stick(c) == pytest.approx(shifted_stick(delta, c), abs=1e-5)  # the kink lies within a panel
            assert TransferCurve(swapped(curve.pair)).hockey_stick(c) == pytest.approx(shifted_stick(delta, c), abs=1e-5)


def test_contiguity_is_not_symmetric():
    # Q_n = P conditioned to [1/n, 1]: P(A) ≤ Q_n(A) + 1/n, so P is contiguous; with the half left out it is not, while
    # both times Q_n ≤ 2P: the control that exchanges P and Q calls both contiguous.
    def pair(share):
        return PairedMeasure(np.arange(2.0), [share, 1 - share], [0, 1])

    for c in (2.0, 1e6):
        assert TransferCurve(pair(1e-3)).hockey_stick(c) == pytest.approx(1e-3)
        assert TransferCurve(pair(0.5)).hockey_stick(c) == 0.5
        assert TransferCurve(swapped(pair(0.5))).hockey_stick(c) == 0


def test_a_mean_law_bounds_nothing():
    """3.4 with a random Q: on one of two atoms, each half of the time, where f̃ is right; it errs by M on the other."""
    p, mean_law = np.array([0.5, 0.5]), TransferCurve(PairedMeasure(np.arange(2.0), [1, 1], [1, 1]))
    given_q = [TransferCurve(PairedMeasure(np.arange(2.0), p, q)).bound(0.0, 1.0) for q in ([1, 0], [0, 1])]
    excess = 0.5
    assert np.mean(given_q) == excess > mean_law.bound(0.0, 1.0) == 0


def test_no_certificate_from_draws_of_q():
    """m draws of N atoms that were drawn from Q = P hide that β = 1: no repeats with probability above 1 − m²/(2N).

    A statistic of the draws (here the shares of eight cells) has the same law for both up to that; 300 runs each, the
    means differ by less than 5 standard errors (false alarm below 1e-5 with 8 cells).
    """
    rng, m, size = np.random.default_rng(3), 100, 200_000
    plain, hidden = (np.empty((300, 8)) for _ in range(2))
    repeats = 0
    for run in range(300):
        atoms = rng.random(size)
        draws = atoms[rng.integers(size, size=m)]
        repeats += len(np.unique(draws)) < m
        hidden[run] = np.histogram(draws, 8, (0, 1))[0] / m
        plain[run] = np.histogram(rng.random(m), 8, (0, 1))[0] / m
    assert repeats / 300 < m**2 / (2 * size) + 5 * np.sqrt(0.025 / 300)
    error = np.sqrt((plain.var(axis=0) + hidden.var(axis=0)) / 300)
    assert (np.abs(plain.mean(axis=0) - hidden.mean(axis=0)) < 5 * error).all()


def problem(seed, tables=3, s=3, n=12, m=9, wrong=0.5):
    rng = np.random.default_rng(seed)
    real, other = rng.normal(size=(tables, s, n)), rng.normal(size=(tables, s, m)) * rng.uniform(0.1, 3, (1, s, 1))
    root = rng.normal(size=(s, s))
    variances = rng.uniform(0.2, 2, 2)
    return real, other, root @ root.T, *variances, wrong * rng.normal(size=(tables, m))


def direct(weight, real, other, gram, variance, synthetic, error):
    """Ψ(w) row by row of its definition: the error is linear in the noise, one column for each noise variable."""
    found = []
    for x, z, g in zip(real, other, np.broadcast_to(error, (len(real), other.shape[2]))):
        inverse = np.linalg.inv(x @ x.T + weight * z @ z.T)
        columns = np.concatenate([variance**0.5 * inverse @ x, weight * synthetic**0.5 * inverse @ z], axis=1)
        offset = weight * inverse @ z @ g
        found.append(np.sum(columns * (gram @ columns)) + offset @ gram @ offset)
    return np.array(found)


@pytest.mark.parametrize("seed", range(30))
def test_weighted_least_squares(seed):
    """Ψ against its definition, Ψ' against differences, Ψ'(0) against the formula, the best weight against a search."""
    shape = {"m": 2} if seed % 3 == 0 else {"s": 1 + seed % 4}
    args = problem(seed, wrong=(0.0, 0.3, 3.0)[seed % 3], **shape)
    real, other, gram, variance, synthetic, _ = args
    pooled = PooledLeastSquares(*args)
    for weight in (0.0, 0.01, 0.7, 20.0):
        np.testing.assert_allclose(pooled.excess(weight), direct(weight, *args), rtol=1e-9)
        step = 1e-5 * max(weight, 0.01)
        if weight:
            both = direct(weight + step, *args) - direct(weight - step, *args)
            np.testing.assert_allclose(pooled.slope(weight), both / (2 * step), rtol=1e-4, atol=1e-7)
    np.testing.assert_allclose(pooled.excess(np.inf), pooled.excess(1e9), rtol=1e-5)
    inverse = np.linalg.inv(real @ real.swapaxes(1, 2))
    traces = np.trace(gram @ inverse @ other @ other.swapaxes(1, 2) @ inverse, axis1=1, axis2=2)
    np.testing.assert_allclose(pooled.slope(0.0), -2 * variance * traces, rtol=1e-9)
    best = pooled.best_weight()
    least = pooled.excess(best)
    for row in range(len(best)):
        own = [part[row : row + 1] for part in (real, other)] + [gram, variance, synthetic, args[5][row : row + 1]]
        search = minimize_scalar(lambda t, own=own: direct(np.exp(t), *own)[0], bounds=(-12, 12), method="bounded")
        assert least[row] <= search.fun * (1 + 1e-9)
    assert (least < pooled.excess(0.0)).all()


@pytest.mark.parametrize("seed", range(6))
def test_right_responses_have_the_weight_of_gauss_and_markov(seed):
    *args, _ = problem(seed)
    variance, synthetic = args[3:5]
    pooled = PooledLeastSquares(*args)
    np.testing.assert_allclose(pooled.best_weight(), variance / synthetic, rtol=1e-6)
    assert (PooledLeastSquares(*args[:4], 0.0).best_weight() == np.inf).all()


def test_simulated_risk_and_its_controls():
    """20,000 fits: mean excess within 5 standard errors of Ψ (false alarm 6e-7); Ψ without bbᵀ or at σ̃ = σ is not."""
    real, other, *_ = problem(5, tables=1)
    other, gram, error, variance, synthetic = np.abs(other), np.eye(3), np.ones((1, 9)), 0.5, 4.0
    rng, weight, theta = np.random.default_rng(0), 0.8, np.array([1.0, -2.0, 0.5])
    y = theta @ real[0] + variance**0.5 * rng.normal(size=(20_000, 12))
    z = theta @ other[0] + error[0] + synthetic**0.5 * rng.normal(size=(20_000, 9))
    design = np.concatenate([real[0], weight**0.5 * other[0]], axis=1)
    fits = np.linalg.lstsq(design.T, np.concatenate([y, weight**0.5 * z], axis=1).T)[0].T - theta
    excess = np.vecdot(fits @ gram, fits)
    reach = 5 * excess.std() / np.sqrt(20_000)
    pooled = PooledLeastSquares(real, other, gram, variance, synthetic, error)
    assert abs(excess.mean() - pooled.excess(weight)[0]) < reach
    controls = ((variance, synthetic, 0.0), (variance, variance, error), (synthetic, variance, error))
    for wrong in controls:
        assert abs(excess.mean() - PooledLeastSquares(real, other, gram, *wrong).excess(weight)[0]) > reach


def test_bad_input():
    real, other, gram, *rest = problem(0)
    for share in (0.0, 1.1, np.nan):
        with pytest.raises(ValueError, match="real_share"):
            mixing_bound(0.1, 1.0, share)
    for args, name in (
        ((real, other[:1], gram, *rest), "design_basis, synthetic_basis"), ((real, other, gram[:2], *rest), "gram"),
        ((real[:, :, :2], other, gram, *rest), "determine the fit"), ((real, other, gram, 0.0, 1.0), "noise_variance"),
        ((np.ones((1, 2, 5)), np.ones((1, 2, 5)), np.eye(2), 1.0, 1.0), "determine the fit"),
        ((real, other, gram, 1.0, -1.0), "synthetic_variance"), ((real, other, gram, 1.0, 1.0, np.ones(2)), "response_error"),
    ):  # fmt: skip
        with pytest.raises(ValueError, match=name):
            PooledLeastSquares(*args).excess(1.0)
    with pytest.raises(ValueError, match="weight"):
        PooledLeastSquares(real, other, gram, *rest).excess(-1.0)
    with pytest.raises(ValueError, match="not all 0"):
        PooledLeastSquares(real, 0 * other, gram, *rest).best_weight()
