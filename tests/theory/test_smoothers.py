"""Linear smoothers: exact means by enumeration of signs, weights written out, linear programs, constructed worst functions."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import linprog

from theory.smoothers import gaussian_risk_bound, lipschitz_bias, nearest_neighbours, smoother_risk, worst_bias

SEEDS = st.integers(0, 10**6)


def two_stages(seed, n=4, m=3, nodes=5):
    """Arbitrary weights of both stages, and a discrete pair of laws on the nodes, with zeros in either."""
    rng = np.random.default_rng(seed)
    p, q = (rng.dirichlet(np.ones(nodes)) * (rng.random(nodes) < 0.8) + 1e-3 for _ in range(2))
    return rng.standard_normal((m, n)), rng.standard_normal((nodes, m)), rng.standard_normal(nodes), p / p.sum(), q / q.sum()


def mean_risk(v, w, bias, p, sigma, sigma_synthetic):
    """Noise of size sigma and random sign: the mean over all signs, each stage carried out."""
    risks = []
    for signs in product((-1, 1), repeat=sum(v.shape)):
        first, second = np.split(np.array(signs, dtype=float), [v.shape[1]])
        fit = bias + w @ (v @ (sigma * first) + sigma_synthetic * second)
        risks.append(fit**2 @ p)
    return np.mean(risks)


@given(SEEDS)
def test_mean_risk_is_the_integral_and_nothing_less(seed):
    v, w, bias, p, q = two_stages(seed)
    expected = mean_risk(v, w, bias, p, 0.7, 0.4)
    squares = [(each**2).sum(axis=1) for each in (w @ v, w)]
    predict = lambda law, first, last: smoother_risk(law, bias, first, 0.49, last, 0.16)  # noqa: E731
    assert predict(p, *squares) == pytest.approx(expected, rel=1e-12)
    # Controls: the integral under Q, no averaging by the second stage, no noise of the first.
    controls = [predict(q, *squares), predict(p, (w**2).sum(axis=1) * (v**2).sum(), squares[1]), predict(p, 0.0, squares[1])]
    assert all(abs(control - expected) > 1e-6 for control in controls)


def test_one_stage_and_many_sets_of_features():
    risk = smoother_risk([0.5, 0.5], [[1.0, 2.0], [0.0, 0.0]], [[0.5, 0.25], [1.0, 1.0]], 2.0)
    np.testing.assert_allclose(risk, [0.5 * (2 + 4.5), 2.0])


def written_out(x, at, k):
    weights = np.zeros((len(at), len(x)))
    np.put_along_axis(weights, np.argsort(np.abs(at[:, None] - x), axis=1, kind="stable")[:, :k], 1 / k, axis=1)
    return weights


@given(SEEDS, st.booleans())
def test_windows_are_the_weights_written_out(seed, far):
    rng = np.random.default_rng(seed)
    n, m, nodes = rng.integers(1, 30, 3)
    k_first, k, shift = int(rng.integers(1, n + 1)), int(rng.integers(1, m + 1)), 1e6 * far
    x, t, at = rng.random((2, n)), 0.7 * rng.random((2, m)), 1.5 * rng.random(nodes) - 0.2
    y, atol = rng.standard_normal((2, n)), 1e-8 if far else 1e-12
    for synthetic in (t, None):
        stages = {"k": k_first} if synthetic is None else {"k": k, "synthetic": t + shift, "k_first": k_first}
        found = nearest_neighbours(x + shift, y, at + shift, **stages)
        for i in range(2):
            omega = written_out(x[i], at, k_first) if synthetic is None else written_out(t[i], at, k) @ written_out(
                x[i], t[i], k_first
            )
            np.testing.assert_allclose(found.squared[i], (omega**2).sum(axis=1), atol=1e-12)
            np.testing.assert_allclose(found.distance[i], (omega * np.abs(at[:, None] - x[i])).sum(axis=1), atol=atol)
            np.testing.assert_allclose(found.mean[i], omega @ y[i], atol=1e-12)


def worst_lipschitz(omega, x, at, lipschitz):
    """Largest sum of omega_l (mu(X_l) - mu(x)) over the values of a Lipschitz function: a linear program."""
    points = np.concatenate([x, at[None]])
    pairs = [(i, j) for i in range(len(points)) for j in range(len(points)) if i != j]
    rows = np.zeros((len(pairs), len(points)))
    for row, (i, j) in zip(rows, pairs):
        row[i], row[j] = 1, -1
    reach = [lipschitz * np.linalg.norm(points[i] - points[j]) for i, j in pairs]
    cost = -np.append(omega, -omega.sum())
    return -linprog(cost, rows, reach, bounds=[(0, 0)] + [(None, None)] * len(x)).fun


@pytest.mark.parametrize("seed", range(12))
def test_lipschitz_bias_is_the_linear_program(seed):
    rng = np.random.default_rng(seed)
    x, at, omega = rng.random((5, 2)), rng.random((2, 2)), rng.dirichlet(np.ones(5), 2)
    bound = lipschitz_bias(omega, x, at, 3.0)
    np.testing.assert_allclose(bound, [worst_lipschitz(w, x, q, 3.0) for w, q in zip(omega, at)], rtol=1e-9)
    signed = 3 * omega - 2 / 5
    worst = [worst_lipschitz(w, x, q, 3.0) for w, q in zip(signed, at)]
    assert (worst <= lipschitz_bias(signed, x, at, 3.0) + 1e-9).all()
    # Control: a constant a little too small is exceeded.
    assert (bound > lipschitz_bias(omega, x, at, 2.9)).all()


def rkhs(seed, nodes=6, n=5):
    rng = np.random.default_rng(seed)
    points = rng.random(nodes + n)
    p, q = rng.dirichlet(np.ones(nodes), 2)
    return p, q, rng.standard_normal((nodes, n)) / n, np.exp(-np.abs(points[:, None] - points))


def integrated_bias(weights, omega, values):
    return weights @ (omega @ values[len(weights) :] - values[: len(weights)]) ** 2


@pytest.mark.parametrize("seed", range(20))
def test_worst_bias_is_attained_and_never_exceeded(seed):
    p, q, omega, kernel = rkhs(seed)
    worst = worst_bias(p, omega, kernel)
    values = kernel @ worst.direction
    assert worst.direction @ values == pytest.approx(1)
    assert integrated_bias(p, omega, values) == pytest.approx(worst.value, rel=1e-10)
    # Independently: over mu = K^(1/2) z, |z| = 1, the integrated bias is a quadratic form in z.
    root = np.linalg.cholesky(kernel)
    forms = np.sqrt(p)[:, None] * (omega @ root[6:] - root[:6])
    assert np.linalg.norm(forms, 2) ** 2 == pytest.approx(worst.value, rel=1e-10)
    z = np.random.default_rng(seed).standard_normal((500, 11))
    others = (root @ (z / np.linalg.norm(z, axis=1, keepdims=True)).T).T
    assert max(integrated_bias(p, omega, each) for each in others) <= worst.value
    # Control: what is worst under Q is not under P.
    assert integrated_bias(p, omega, kernel @ worst_bias(q, omega, kernel).direction) < worst.value * (1 - 1e-9)


def test_an_interpolant_at_its_own_points_has_no_bias():
    worst = worst_bias([0.5, 0.5], np.eye(2), np.tile(np.eye(2), (2, 2)))
    assert (worst.value, worst.direction.tolist()) == (0.0, [0.0] * 4)


@pytest.mark.parametrize("responses", [3, 40])
def test_normal_noise_stays_below_the_bound(responses):
    """Of 20,000 draws at most 5% beyond, plus five standard errors: false alarm below 1e-6. Far more are beyond the mean."""
    rng = np.random.default_rng(responses)
    p, bias, noise = rng.dirichlet(np.ones(8)), 0.1 * rng.standard_normal(8), rng.standard_normal((8, responses))
    risk = (bias + rng.standard_normal((20_000, responses)) @ noise.T) ** 2 @ p
    error = 5 * np.sqrt(0.05 * 0.95 / 20_000)
    assert np.mean(risk > gaussian_risk_bound(p, bias, noise, 0.05)) <= 0.05 + error
    assert np.mean(risk > smoother_risk(p, bias, (noise**2).sum(axis=1), 1.0)) > 0.05 + error


def test_normal_bound_of_one_number():
    """Phi = (b + g z)^2: the bound is (|b| + g (1 + sqrt(2 log 1/delta)))^2, 1 + sqrt 2 at delta = 1/e."""
    assert gaussian_risk_bound([1.0], [-2.0], [[3.0]], np.exp(-1)) == pytest.approx((2 + 3 * (1 + np.sqrt(2))) ** 2)


@pytest.mark.parametrize("a", [3.0, 8.0])
def test_slopes_under_beta(a):
    """Squared distances under P fall as m^(-1/a), under Q as m^(-(a+2)/(3a)) and not as m^(-2/3) (7.9): quantiles as design."""
    log_nodes = np.linspace(-30, 0, 20_001)
    nodes, mass = np.exp(log_nodes), np.exp(log_nodes) * (log_nodes[1] - log_nodes[0])  # dx = x dlog x
    sizes, under_p, under_q = [2**14, 2**17, 2**20], [], []
    for m in sizes:
        design = ((np.arange(m) + 0.5) / m)[None] ** (1 / a)
        square = nearest_neighbours(design, np.zeros_like(design), nodes, round(m ** (2 / 3))).distance[0] ** 2
        under_p.append(square @ mass)
        under_q.append(square @ (mass * a * nodes ** (a - 1)))
    slope = lambda values: np.polyfit(np.log(sizes), np.log(values), 1)[0]  # noqa: E731
    assert slope(under_p) == pytest.approx(-1 / a, abs=0.02)
    assert slope(under_q) == pytest.approx(-(a + 2) / (3 * a), abs=0.04)
    assert slope(under_q) > -2 / 3 + 0.06
