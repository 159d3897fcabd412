import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import linprog, minimize
from scipy.special import expit, logit

from tests.theory.laws import beta, line, same, uniform
from theory import PairedMeasure, logistic_limit, logistic_minimiser


def expected_loss(theta, weights, basis, eta):
    f = theta @ basis
    return weights @ (np.logaddexp(0, f) - eta * f)


def problem(seed):
    """Random, lattice, polynomial or dependent functions; weights far apart or 0; η inside (0, 1), at its ends or both."""
    rng = np.random.default_rng(seed)
    size, count = rng.integers(1, 5), rng.integers(1, 25)
    basis = (
        lambda: rng.standard_normal((size, count)),
        lambda: rng.integers(-2, 3, (size, count)),
        lambda: np.linspace(-1, 1, count) ** np.arange(size)[:, None],
        lambda: np.repeat(rng.integers(-1, 2, (size, count)), 2, axis=0),
    )[rng.integers(4)]() * 1.0
    logits = rng.standard_normal(len(basis)) @ basis * 10 ** rng.uniform(-1, 1.5)
    basis *= 10 ** rng.uniform(-3, 3, (len(basis), 1))
    weights = (
        lambda: rng.dirichlet(np.ones(count)),
        lambda: 10 ** rng.uniform(-12, 0, count),
        lambda: np.where(np.arange(count) == 0, 1.0, rng.integers(0, 3, count)),
    )[rng.integers(3)]()
    eta = (
        lambda: rng.random(count),
        lambda: rng.beta(0.1, 0.1, count),
        lambda: rng.integers(0, 2, count),
        lambda: logits > rng.uniform(-0.1, 0.1),
        lambda: np.where(rng.random(count) < 0.3, expit(logits), rng.integers(0, 2, count)),
    )[rng.integers(5)]() * 1.0
    return weights, basis, eta


def separated(weights, basis, eta):
    """One linear program on the functions as given: most total sign over elements of the span that never go wrong."""
    seen = weights > 0
    size = np.abs(basis[:, seen]).max(axis=1, keepdims=True)
    values, sign = (basis[:, seen] / np.where(size > 0, size, 1)).T, (eta[seen] == 1) * 1.0 - (eta[seen] == 0)
    signed, fixed = (sign[:, None] * values)[sign != 0], values[sign == 0]
    if not len(signed):
        return False
    equal = (fixed, np.zeros(len(fixed))) if len(fixed) else (None, None)
    return linprog(-signed.sum(axis=0), -signed, np.zeros(len(signed)), *equal, bounds=(-1, 1)).fun < -1e-6


def assert_refused_exactly_where_separated(seeds):
    refused = 0
    for seed in seeds:
        weights, basis, eta = problem(seed)
        if separated(weights, basis, eta):
            with pytest.raises(ValueError, match="no finite minimiser"):
                logistic_minimiser(weights, basis, eta)
            refused += 1
            continue
        theta = logistic_minimiser(weights, basis, eta)
        weights, size = weights / weights.sum(), np.abs(basis[:, weights > 0]).max(axis=1)
        # First-order condition of a convex problem: necessary and sufficient.
        gradient = (basis * weights) @ (expit(theta @ basis) - eta)
        assert np.abs(gradient / np.where(size > 0, size, 1)).max() <= 1e-10, seed
    assert 0.2 < refused / len(seeds) < 0.35


def test_refused_exactly_where_separated():
    assert_refused_exactly_where_separated(range(1000))


@pytest.mark.paper
def test_refused_exactly_where_separated_on_many():
    assert_refused_exactly_where_separated(range(1000, 21_000))


@pytest.mark.parametrize("seed", range(20))
def test_minimiser_against_a_general_solver(seed):
    rng = np.random.default_rng(seed)
    size = 1 + seed % 4
    weights, basis = rng.dirichlet(np.ones(20)), rng.standard_normal((size, 20))
    eta = rng.beta(0.5, 0.5, 20) * 0.98 + 0.01
    theta = logistic_minimiser(weights, basis, eta)
    general = minimize(expected_loss, np.zeros(size), args=(weights, basis, eta), method="BFGS", tol=1e-8)
    np.testing.assert_allclose(theta, general.x, atol=2e-3)
    assert expected_loss(theta, weights, basis, eta) <= general.fun + 1e-14


def test_by_hand_where_a_loss_without_digits_misled():
    # A constant is the logit of the mean: .73600 by hand. η = 1 has none; at 1 - 2^-53 it is log(2^53 - 1).
    mean = np.mean(0.5 + 0.4 * np.sin([0, 0.5, 1]))
    np.testing.assert_allclose(
        logistic_minimiser(np.ones(3), np.ones((1, 3)), 0.5 + 0.4 * np.sin([0, 0.5, 1])), logit(mean), rtol=1e-12
    )
    np.testing.assert_allclose(logistic_minimiser([1.0], [[1.0]], [1 - 2.0**-53]), 53 * np.log(2), rtol=1e-12)
    np.testing.assert_array_equal(logistic_minimiser([1.0, 0.0], [[0.0, 1.0]], [0.3, 1.0]), [0.0])
    for eta in (0.0, 1.0, 5e-324):  # the last has its minimiser beyond the logits that exp can show
        with pytest.raises(ValueError, match=r"eta.*no finite minimiser"):
            logistic_minimiser([1.0], [[1.0]], [eta])


def test_cells_in_closed_form():
    # Indicators of cells: on each the best constant probability is the mean of η.
    weights, eta = np.array([0.1, 0.3, 0.2, 0.4]), np.array([0.9, 0.5, 0.01, 0.04])
    cells = np.array([[1, 1, 0, 0], [0, 0, 1, 1.0]])
    expected = logit([(0.09 + 0.15) / 0.4, (0.002 + 0.016) / 0.6])
    np.testing.assert_allclose(logistic_minimiser(5e-4 * weights, cells, eta), expected, rtol=1e-9)
    np.testing.assert_allclose(
        logistic_minimiser(weights, 1e-5 * np.concatenate([cells, cells]), eta)[:2], expected / 2e-5, rtol=1e-9
    )


def test_right_logit_is_found():
    pair = PairedMeasure.quadrature(uniform(-3, 3), uniform(-3, 3), 8)
    x = pair.nodes[:, 0]
    basis = np.stack([np.ones_like(x), x, x**2])
    theta = np.array([-4.0, 7.0, 0.5])
    np.testing.assert_allclose(logistic_minimiser(pair.p, basis, expit(theta @ basis)), theta, rtol=1e-7)


def test_fits_to_labels_approach_the_minimiser():
    # η = x under U[0,1], logit spanned by {1, x}. The bias of a fit to n = 5,000 labels is of order 1/n < 2e-3, the
    # spread is estimated over 30 fits; five standard errors of the mean, false alarm below 1e-4 (Student, 29).
    pair, rng = PairedMeasure.quadrature(uniform(), uniform(), 8), np.random.default_rng(8)
    x, basis = line(pair)
    target = logistic_minimiser(pair.p, basis, x)
    fits = []
    for _ in range(30):
        draw = rng.random(5_000)
        labels = (rng.random(5_000) < draw).astype(float)
        fits.append(logistic_minimiser(np.ones(5_000), np.stack([np.ones_like(draw), draw]), labels))
    error = np.std(fits, axis=0, ddof=1) / np.sqrt(30)
    assert np.all(np.abs(np.mean(fits, axis=0) - target) < 5 * error + 2e-3)
    assert np.all(error < 0.03)


def test_limits_of_a_constant_by_hand():
    # Constants: σ(f*_P) = E_P η = .6, σ(f*_Q) = E_Q η̃ = .3. Squared: (.3 - .6)², the variance of η cancels.
    # 0-1: predicting 0 instead of 1 costs E_P (2η - 1) = .2. Log: the divergence of Bernoulli(.6) from Bernoulli(.3).
    pair = PairedMeasure([0.0, 1.0], [0.5, 0.5], [0.25, 0.75])
    eta, eta_tilde, one = [0.8, 0.4], [0.0, 0.4], np.ones((1, 2))
    np.testing.assert_allclose(logistic_limit(pair, one, eta, eta_tilde), 0.09)
    np.testing.assert_allclose(logistic_limit(pair, one, eta, eta_tilde, risk="zero_one"), 0.2)
    divergence = 0.6 * np.log(0.6 / 0.3) + 0.4 * np.log(0.4 / 0.7)
    np.testing.assert_allclose(logistic_limit(pair, one, eta, eta_tilde, risk="log"), divergence)


@given(st.integers(0, 10**6))
def test_log_loss_limit_is_never_negative(seed):
    rng = np.random.default_rng(seed)
    pair = PairedMeasure(np.arange(8), rng.dirichlet(np.ones(8)), rng.dirichlet(np.ones(8)))
    eta, eta_tilde = rng.uniform(0.05, 0.95, (2, 8))
    assert logistic_limit(pair, rng.standard_normal((2, 8)), eta, eta_tilde, risk="log") >= -1e-13


def test_sign_is_free_for_other_losses():
    # A wrong class, exact responses: what is lost in log loss may be won in squared or 0-1 loss, and the reverse.
    pair = PairedMeasure.quadrature(uniform(), beta(2), 8)
    x, basis = line(pair)
    for risk in ("squared", "zero_one"):
        limits = [
            logistic_limit(pair, basis, eta, eta, risk) for eta in (expit(-3 * np.sin(6 * x)), expit(4 * np.sin(9 * x)))
        ]
        assert min(limits) < -1e-4 < 1e-4 < max(limits)
    for eta in (expit(-3 * np.sin(6 * x)), expit(2 * x - 1)):
        np.testing.assert_allclose(logistic_limit(same(pair), basis, eta, eta), 0, atol=1e-12)
    np.testing.assert_allclose(logistic_limit(pair, basis, expit(2 * x - 1), expit(2 * x - 1)), 0, atol=1e-12)


def test_separated_labels_are_refused():
    x = np.linspace(-1, 1, 10)
    basis = np.stack([np.ones_like(x), x])
    weights, separated = np.ones(10), (x > 0).astype(float)
    # Weight zero is not seen: the label that would prevent separation counts only where it has weight.
    mixed = np.append(separated[:-1], 0)
    logistic_minimiser(weights, basis, mixed)
    for case in (weights, basis, separated), (weights, basis[:1], np.zeros(10)), (np.append(weights[:-1], 0), basis, mixed):
        with pytest.raises(ValueError, match=r"eta.*no finite minimiser"):
            logistic_minimiser(*case)


def test_steep_logits_need_shortened_steps():
    # Far-off responses at a point of high leverage: a full Newton step from 0 overshoots.
    basis, eta = np.array([[1.0, 1.0, 1.0], [0.01, 0.02, 9.0]]), np.array([0.999, 1e-3, 1 - 1e-12])
    theta = logistic_minimiser([0.01, 0.01, 0.98], basis, eta)
    np.testing.assert_allclose(basis * [0.01, 0.01, 0.98] @ (expit(theta @ basis) - eta), 0, atol=1e-9)
