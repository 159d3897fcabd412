import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from theory import knn_prior_bound, least_squares_variance, rates, reference_rate, utility_exponents


def brute_force(design, nodes, weights, k, lipschitz, noise_variance):
    """The formula with every distance written out and sorted."""
    distance = np.linalg.norm(nodes[None, :, None] - design[:, None], axis=-1)
    mean = np.sort(distance, axis=-1)[..., :k].mean(axis=-1)
    return noise_variance / k + lipschitz**2 * mean**2 @ weights


@st.composite
def samples(draw):
    """Designs, nodes and weights; rounded now and then, which makes ties and nodes that are samples."""
    dim, n, count = draw(st.integers(1, 4)), draw(st.integers(1, 40)), draw(st.integers(1, 30))
    rng = np.random.default_rng(draw(st.integers(0, 10**6)))
    design, nodes = rng.standard_cauchy((3, n, dim)), 2 * rng.standard_normal((count, dim))
    if draw(st.booleans()):
        design, nodes = np.round(design), np.round(nodes)
    weights = rng.random(count) * rng.integers(0, 2, count) + 1e-3
    return design, nodes, weights / weights.sum(), draw(st.integers(1, n))


@given(samples(), st.floats(0, 5), st.floats(0, 5))
def test_knn_bound_against_brute_force(sample, lipschitz, noise_variance):
    expected = brute_force(*sample, lipschitz, noise_variance)
    np.testing.assert_allclose(knn_prior_bound(*sample, lipschitz, noise_variance), expected, rtol=1e-9, atol=1e-9)


def test_knn_bound_in_chunks_of_points(monkeypatch):
    rng = np.random.default_rng(0)
    design, nodes, weights = rng.random((2, 30, 2)), rng.random((50, 2)), np.full(50, 0.02)
    monkeypatch.setattr(rates, "CHUNK", 17)
    expected = brute_force(design, nodes, weights, 3, 1.0, 0.1)
    np.testing.assert_allclose(knn_prior_bound(design, nodes, weights, 3, 1.0, 0.1), expected)


def test_knn_line_is_exact_far_from_zero():
    # The running sums of the line must not lose what a shift by 1e6 leaves of the distances.
    rng = np.random.default_rng(1)
    design, nodes, weights = rng.random((2, 3000, 1)), rng.random((40, 1)), np.full(40, 1 / 40)
    near = knn_prior_bound(design, nodes, weights, 1, 1.0, 0.0)
    np.testing.assert_allclose(knn_prior_bound(design + 1e6, nodes + 1e6, weights, 1, 1.0, 0.0), near, rtol=1e-5)
    np.testing.assert_allclose(near, brute_force(design, nodes, weights, 1, 1.0, 0.0), rtol=1e-12)


def test_knn_bound_on_a_grid():
    # Samples at 0, 1, ..., 9, node 3.25, k = 3: distances .25, .75, 1.25 of mean .75. Node -1, k = 3: 1, 2, 3.
    design = np.arange(10.0)[None, ::-1, None]
    bound = knn_prior_bound(design, [[3.25], [-1.0]], [0.5, 0.5], 3, 2.0, 0.6)
    np.testing.assert_allclose(bound, [0.6 / 3 + 4 * (0.75**2 + 2**2) / 2])


def mean_squared_errors(mu, dim, law_noise, count=4000):
    """Mean over the noise of the squared error of kNN, one fixed design, nodes at one side of it."""
    rng = np.random.default_rng(2)
    design, nodes, k = rng.random((60, dim)), 1 + rng.random((5, dim)), 4
    order = np.argsort(np.linalg.norm(nodes[:, None] - design, axis=-1), axis=1)[:, :k]
    response = mu(design) + law_noise(rng, (count, 60))
    errors = np.mean((response[:, order].mean(axis=-1) - mu(nodes)) ** 2, axis=-1)
    return design[None], nodes, np.full(5, 0.2), k, errors


def assert_knn_mean_covered(factor=1.0, lipschitz=3.0):
    """μ = 3x on the line, all neighbours to the left: bias and variance meet the bound, so only the mean is below.

    Five standard errors over 4,000 draws of the noise: false alarm below 1e-6.
    """
    *sample, errors = mean_squared_errors(lambda x: 3 * x[..., 0], 1, lambda rng, s: rng.standard_normal(s))
    bound = factor * knn_prior_bound(*sample, lipschitz, 1.0)[0]
    error = 5 * errors.std(ddof=1) / np.sqrt(errors.size)
    assert errors.mean() <= bound + error
    return bound - errors.mean(), error, np.mean(errors > bound)


def test_knn_bound_is_met_and_its_controls_fail():
    gap, error, above = assert_knn_mean_covered()
    assert abs(gap) <= error
    assert above > 0.1  # a bound on the mean, no bound on a replicate
    for control in ({"factor": 0.5}, {"lipschitz": 2.0}):
        with pytest.raises(AssertionError):
            assert_knn_mean_covered(**control)


def test_knn_bound_covers_rough_functions_in_the_plane():
    # |μ(x) - μ(y)| <= |x - y|; noise uniform on [-1, 1], variance 1/3.
    *sample, errors = mean_squared_errors(
        lambda x: np.abs(np.linalg.norm(x - 0.3, axis=-1) - 0.4), 2, lambda rng, s: rng.uniform(-1, 1, s)
    )
    assert errors.mean() <= knn_prior_bound(*sample, 1.0, 1 / 3)[0] + 5 * errors.std() / np.sqrt(errors.size)


@pytest.mark.parametrize("dim", [1, 2])
def test_knn_bound_falls_at_the_reference_rate(dim):
    # U[0,1]^p has a density bounded below: n^(-2/(2+p)) with k = n^(2/(2+p)), up to the boundary's share.
    rng, bounds, sizes = np.random.default_rng(3), [], [512, 4096]
    nodes = rng.random((500, dim))
    for n in sizes:
        k = round(n ** (2 / (2 + dim)))
        bounds.append(knn_prior_bound(rng.random((20, n, dim)), nodes, np.full(500, 0.002), k, 1.0, 1.0).mean())
    slope = -np.log(bounds[1] / bounds[0]) / np.log(sizes[1] / sizes[0])
    assert abs(slope - reference_rate("knn", dim).exponent) < 0.05


def test_knn_of_replicates_is_each_of_them():
    rng = np.random.default_rng(4)
    for dim in (1, 3):
        design, nodes, weights = rng.random((5, 50, dim)), rng.random((20, dim)), rng.dirichlet(np.ones(20))
        whole = knn_prior_bound(design, nodes, weights, 7, 1.0, 1.0)
        parts = [knn_prior_bound(design[[i]], nodes, weights, 7, 1.0, 1.0)[0] for i in range(5)]
        np.testing.assert_array_equal(whole, parts)


def least_squares_errors(count, noise):
    """Squared errors of least squares on {1, x, x²}, one fixed design, at weighted nodes; truth in the span."""
    rng = np.random.default_rng(5)
    x, nodes, weights = rng.random(15), np.linspace(0, 1, 9), rng.dirichlet(np.ones(9))
    phi, at = np.stack([x**k for k in range(3)]), np.stack([nodes**k for k in range(3)])
    theta = np.array([1.0, -2.0, 3.0])
    response = theta @ phi + noise(rng, (count, 15))
    fitted = np.linalg.lstsq(phi.T, response.T, rcond=None)[0].T @ at
    return phi[None], at, weights, (fitted - theta @ at) ** 2 @ weights


def test_least_squares_variance_against_simulation():
    # Five standard errors over 20,000 draws of the noise: false alarm below 1e-6. Halved, it fails.
    *sample, errors = least_squares_errors(20_000, lambda rng, s: rng.uniform(-1, 1, s))
    variance = least_squares_variance(*sample, 1 / 3)[0]
    error = 5 * errors.std(ddof=1) / np.sqrt(errors.size)
    assert abs(errors.mean() - variance) <= error
    assert abs(errors.mean() - variance / 2) > error


def test_unequal_noise_stays_below():
    *sample, errors = least_squares_errors(20_000, lambda rng, s: rng.standard_normal(s) * np.linspace(0, 1, s[1]))
    assert errors.mean() < least_squares_variance(*sample, 1.0)[0]


def test_variance_of_gaussian_designs():
    # Rows N(0, S): n Σ̂ is Wishart(n, S), E (n Σ̂)⁻¹ = S⁻¹/(n - s - 1), so the mean over designs is σ² s/(n - s - 1),
    # above σ² s/n, which is therefore no upper bound. Nodes carry Σ = S exactly.
    rng, s, n = np.random.default_rng(6), 3, 12
    root = rng.standard_normal((s, s))
    design = root @ rng.standard_normal((20_000, s, n))
    nodes = np.sqrt(s) * np.concatenate([root, -root], axis=1)
    variance = least_squares_variance(design, nodes, np.full(2 * s, 1 / (2 * s)), 2.0)
    error = 5 * variance.std(ddof=1) / np.sqrt(variance.size)
    assert abs(variance.mean() - 2 * s / (n - s - 1)) <= error
    assert variance.mean() - error > 2 * s / n


@given(st.integers(0, 10**6), st.integers(1, 4), st.integers(5, 12))
def test_variance_is_the_trace(seed, s, n):
    rng = np.random.default_rng(seed)
    design, at, weights = rng.standard_normal((2, s, n)), rng.standard_normal((s, 7)), rng.dirichlet(np.ones(7))
    expected = [1.5 * np.trace(at * weights @ at.T @ np.linalg.inv(x @ x.T)) for x in design]
    np.testing.assert_allclose(least_squares_variance(design, at, weights, 1.5), expected, rtol=1e-6)
    # The units of the functions drop out.
    units = 10.0 ** rng.uniform(-8, 8, (s, 1))
    np.testing.assert_allclose(least_squares_variance(units * design, units * at, weights, 1.5), expected, rtol=1e-6)


def test_variance_is_infinite_where_the_fit_is_not_determined():
    at, weights = np.array([[1.0, 1.0], [0.0, 1.0]]), [0.5, 0.5]
    design = np.array([[[1.0, 1, 1], [0, 1, 2]], [[1, 1, 1], [2, 2, 2]], [[1, 1, 1], [0, 0, 0]]])
    variance = least_squares_variance(design, at, weights, 1.0)
    assert np.isfinite(variance[0])
    np.testing.assert_array_equal(variance[1:], np.inf)
    np.testing.assert_array_equal(least_squares_variance(design[:, :, :1], at, weights, 1.0), np.inf)
    # Exact responses have no variance where the fit is determined.
    np.testing.assert_array_equal(least_squares_variance(design, at, weights, 0.0), [0, np.inf, np.inf])


def test_reference_slopes():
    assert reference_rate("knn", 3).exponent == 2 / 5
    assert reference_rate("forest", 2, 2.0).exponent == 4 / 6
    assert reference_rate("kernel_ridge", 1, 2.5).exponent == 5 / 6
    assert reference_rate("relu_network", 10).exponent == 2 / 12
    for learner in rates.SOURCES:
        rate = reference_rate(learner, 2)
        assert any(year in rate.source for year in ("2002", "2007", "2020"))
        assert rate.condition


def test_utility_exponents_by_hand():
    # d = 1 halves the exponents; the real fit has n^(-u) of its own.
    assert utility_exponents(1.0, 0.5, 0.4) == (0.25, 0.2)
    assert utility_exponents(np.inf, 0.5, 0.9) == (0.5, 0.5)
    assert utility_exponents(3.0, 1.0, np.inf) == (0.75, 1.0)
