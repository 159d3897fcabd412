from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import linprog, minimize

from tests.theory.laws import swapped
from tests.theory.programs import lattice_pairs
from tests.theory.strategies import pairs
from theory import ClassificationCurve, MulticlassCurve, PairedMeasure, TransferCurve, classification_utility_bound


@st.composite
def classes(draw, source, most=4):
    """A pair and probabilities of up to `most` classes, ties and zeros among them."""
    pair, k = draw(source), draw(st.integers(2, most))
    weight = st.one_of(st.integers(0, 3).map(float), st.floats(0.01, 1))
    rows = st.lists(st.lists(weight, min_size=k, max_size=k).filter(any), min_size=pair.size, max_size=pair.size)
    eta = np.array(draw(rows))
    return pair, eta / eta.sum(axis=1, keepdims=True)


def change_by_bisection(eta, j):
    """Least |f - η|² with f_j first: f_j = t, larger ones cut to t, where what is cut is what is added."""
    low, high = eta[j], eta.max()
    for _ in range(60):
        t = (low + high) / 2
        low, high = (t, high) if np.maximum(np.delete(eta, j) - t, 0).sum() > t - eta[j] else (low, t)
    return np.sum((np.where(np.arange(len(eta)) == j, high, np.minimum(eta, high)) - eta) ** 2)


def costs_and_values(eta):
    cost = np.array([[change_by_bisection(row, j) for j in range(len(row))] for row in eta])
    return cost, eta.max(axis=1, keepdims=True) - eta


@pytest.mark.parametrize("seed", range(6))
def test_costs_against_a_general_solver(seed):
    rng = np.random.default_rng(seed)
    k = int(rng.integers(2, 8))
    eta = rng.dirichlet(np.ones(k))
    cost = MulticlassCurve(PairedMeasure([0.0], [1.0], [1.0]), eta[None])
    _, found, _ = cost._levels
    for rank, j in enumerate(np.argsort(-eta)):
        first = [{"type": "ineq", "fun": lambda f, i=i, j=j: f[j] - f[i]} for i in range(k) if i != j]
        best = minimize(lambda f: np.sum((f - eta) ** 2), np.full(k, 1 / k), constraints=first, tol=1e-12).fun
        np.testing.assert_allclose(found[0, rank], best, atol=1e-7)
        np.testing.assert_allclose(found[0, rank], change_by_bisection(eta, j), atol=1e-14)


@given(classes(lattice_pairs(most=5)), st.floats(0, 0.6))
def test_against_a_linear_program(case, a):
    pair, eta = case
    cost, value = costs_and_values(eta)
    one_class = np.kron(np.eye(pair.size), np.ones(eta.shape[1]))
    constraints = np.vstack([one_class, (pair.q[:, None] * cost).ravel()])
    worst = -linprog(-(pair.p[:, None] * value).ravel(), constraints, np.append(np.ones(pair.size), a)).fun
    np.testing.assert_allclose(MulticlassCurve(pair, eta).bound(a), worst, rtol=1e-6, atol=1e-6)


@given(classes(lattice_pairs(most=4), most=3))
def test_against_all_decisions(case):
    """Every decision at every node costs what the curve allows; the curve's knots are among them."""
    pair, eta = case
    curve = MulticlassCurve(pair, eta)
    cost, value = costs_and_values(eta)
    chosen = np.array(list(product(range(eta.shape[1]), repeat=pair.size)))
    nodes = np.arange(pair.size)
    spent, lost = cost[nodes, chosen] @ pair.q, value[nodes, chosen] @ pair.p
    assert np.all(lost <= curve.bound(spent) + 1e-9)
    knots, _ = curve._knots
    reached = [lost[spent <= knot + 1e-13].max() for knot in knots]
    np.testing.assert_allclose(curve.bound(knots), reached, atol=1e-9)


@given(pairs(), st.data())
def test_two_classes_are_the_binary_knapsack(pair, data):
    value = st.one_of(st.sampled_from([0.0, 0.5, 1.0, 0.5 + 1e-7]), st.floats(0, 1))
    eta = np.array(data.draw(st.lists(value, min_size=pair.size, max_size=pair.size)))
    a = np.linspace(0, 0.3, 40)
    # |f - η|² counts both coordinates.
    both = MulticlassCurve(pair, np.column_stack([eta, 1 - eta]))
    np.testing.assert_allclose(both.bound(2 * a), ClassificationCurve(pair, eta).bound(a), rtol=0, atol=1e-12)
    binary = ClassificationCurve(pair, eta)
    estimate = np.clip(eta + 0.2, 0, 1)
    # At ½ exactly the binary rule takes class 1; the first of two equal ones here.
    np.testing.assert_allclose(both.excess(np.column_stack([estimate, 1 - estimate])), binary.excess(estimate), atol=1e-12)


def assert_covers_many(factor=1.0, change=lambda pair: pair, seed=0):
    """Estimates that spend their error best, and thousands of noisy ones."""
    rng = np.random.default_rng(seed)
    pair = PairedMeasure(np.arange(40), *rng.dirichlet(np.full(40, 0.5), 2))
    eta = rng.dirichlet(np.ones(5), 40)
    curve = MulticlassCurve(pair, eta)
    worst = np.stack([curve.worst(a) for a in curve._knots[0][1:] * (1 + 1e-9)])
    fitted = np.concatenate([worst, rng.dirichlet(np.ones(5), (500, 40)), eta + rng.normal(0, 0.1, (500, 40, 5))])
    bound = MulticlassCurve(change(pair), eta).bound(((fitted - eta) ** 2).sum(axis=2) @ pair.q)
    assert np.all(curve.excess(fitted) <= factor * bound + 1e-8)


@given(classes(pairs()), st.floats(0, 0.6))
def test_the_worst_estimate_attains_the_bound(case, a):
    pair, eta = case
    curve = MulticlassCurve(pair, eta)
    worst = curve.worst(a)
    error = ((worst - eta) ** 2).sum(axis=1) @ pair.q
    assert error <= a + 1e-8
    cost, value = curve._knots
    np.testing.assert_allclose(curve.excess(worst), value[cost <= a].max(), atol=1e-9)


@pytest.mark.parametrize("seed", [0, 2, 3, 4, 5])  # at 1 the swapped curve lies above
def test_bound_covers_thousands_and_controls_fail(seed):
    assert_covers_many(seed=seed)
    for control in ({"factor": 0.5}, {"factor": 0.99}, {"change": swapped}):
        with pytest.raises(AssertionError):
            assert_covers_many(seed=seed, **control)


def test_by_hand():
    # η = (.5, .3, .2). Second first: t = .4, cost .02, value .2. Third: t = (.5 + .3 + .2)/3, cost (1/36 + 1/900 + 4/225).
    pair = PairedMeasure([0.0, 1.0], [0.5, 0.5], [1.0, 0.0])
    curve = MulticlassCurve(pair, [[0.5, 0.3, 0.2], [0.1, 0.1, 0.8]])
    third = 1 / 36 + 1 / 900 + 4 / 225
    # The second node is not seen: .5 · .7 is free.
    np.testing.assert_allclose(curve.bound([0.0, 0.01, 0.02, third, 1.0]), [0.35, 0.4, 0.45, 0.5, 0.5])
    np.testing.assert_allclose(curve.excess([[[0, 1, 0], [1, 0, 0]], [[1, 0, 0], [0, 0, 1]]]), [0.1 + 0.35, 0.0])
    bound = classification_utility_bound(curve, 0.06, 0.04, [0.1, 0.3])
    np.testing.assert_allclose(bound, [0.4 - 0.1, 0.3])


@given(classes(pairs()), st.floats(0, 0.6))
def test_never_above_transfer_then_cauchy_and_schwarz(case, a):
    # |f - η|² on the simplex is a loss in [0, 2] (2.9), and Δ_j <= √2 |f - η|.
    pair, eta = case
    transferred = TransferCurve(pair).bound(a, np.sqrt(2))
    assert MulticlassCurve(pair, eta).bound(a) <= np.sqrt(2 * transferred) + 1e-9
