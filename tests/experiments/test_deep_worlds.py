"""The worlds of the deep experiments: tasks, laws and responses against independent ways to the same numbers."""

import numpy as np
import pytest
from scipy import stats

from experiments.config.registry import ConfigError, build
from experiments.laws.copula import Copula
from experiments.laws.marginals import MildBeta, Uniform
from experiments.laws.restricted import Restricted
from experiments.learners.base import Array
from experiments.learners.mlp import MLP
from experiments.learners.poly import Polynomial
from experiments.measurements.base import Cell
from experiments.responses.network import FitCache, NetworkResponses
from experiments.rng import stream, streams
from experiments.tasks.class_probabilities import Waves
from experiments.tasks.multivariate import Tents
from experiments.world import World
from theory.divergences import total_variation
from theory.measures import PairedMeasure


@pytest.mark.parametrize("p", [1, 2, 5, 10])
def test_2p_relu_units_are_the_tents(p: int) -> None:
    """|2x - 1| = relu(2x - 1) + relu(1 - 2x): a layer with these weights gives the same function."""
    x = np.random.default_rng(0).random((300, p))
    hidden = np.maximum(np.concatenate([2 * x - 1, 1 - 2 * x], axis=1), 0)
    weights = 2 * np.tile(1 / np.arange(1, p + 1), 2) / np.sqrt((1 / np.arange(1, p + 1) ** 2.0).sum())
    np.testing.assert_allclose(hidden @ weights, Tents(features=p).mu(x), atol=1e-12)


@pytest.mark.parametrize("p", [1, 4, 10])
def test_tents_keep_their_variance_and_slope(p: int) -> None:
    """Variance height^2/12 whatever p, within 6 standard errors of 10^5 draws; slope 2 height along the gradient."""
    task = Tents(features=p, height=3.0)
    values = task.mu(np.random.default_rng(1).random((100_000, p)))
    squares = (values - values.mean()) ** 2
    assert abs(squares.mean() - 9 / 12) < 6 * squares.std() / np.sqrt(100_000)
    gradient = np.array([[1.0 / j for j in range(1, p + 1)]])
    gradient /= np.linalg.norm(gradient)
    rise = task.mu(0.7 + 1e-4 * gradient) - task.mu(np.full((1, p), 0.7))
    assert rise[0] / 1e-4 == pytest.approx(task.lipschitz)


@pytest.mark.parametrize("p", [4, 6])
def test_low_noise_of_waves(p: int) -> None:
    """P(|2 eta - 1| <= t) <= A t for 2 * 10^6 independent draws, and A is the limit at 0; half of it would not do.

    Counts are binomial: 6 standard errors at 20 levels leave a false-alarm probability below 1e-7.
    """
    task, size = Waves(features=p), 2_000_000
    gamma, constant = task.low_noise
    margin = np.abs(np.sin(2 * np.pi * np.random.default_rng(2).random((size, p))).mean(axis=1))
    levels = np.linspace(0.01, 1, 20)
    share = np.array([(margin <= t).mean() for t in levels])
    error = 6 * np.sqrt(share / size)
    assert gamma == 1
    assert (share <= constant * levels + error).all()
    assert abs(share[0] - constant * levels[0]) < error[0] + 0.01 * share[0]
    assert (share > constant / 2 * levels)[:5].all()


@pytest.mark.parametrize("features", [2, 3, 5])
def test_waves_want_an_even_number(features: int) -> None:
    with pytest.raises(ConfigError, match=r"task\.features: expected an even number >= 4"):
        build("task", {"kind": "waves", "features": features})


LAWS = {
    "shift": MildBeta(2.5, 1.0),
    "narrow": MildBeta(3.0, 3.0),
    "copula": Copula(0.8),
    "leaking": Restricted(0.0, 0.35, 0.15),
}


@pytest.mark.parametrize("p", [2, 5, 10])
@pytest.mark.parametrize("name", LAWS)
def test_the_laws_of_deep_convergence_are_far_but_not_apart(name: str, p: int) -> None:
    pair = PairedMeasure.sampled(Uniform().on(p), LAWS[name].on(p), 20_000, np.random.default_rng(0))
    assert 0.3 < float(total_variation(pair)) < 0.65


def test_a_product_of_one_law_would_drift_apart() -> None:
    """The control: ten copies of Beta(3, 3) leave little in common with the cube."""
    pair = PairedMeasure.sampled(
        Uniform().on(10), MildBeta(1 + 2 * 10**0.5, 1 + 2 * 10**0.5).on(10), 20_000, stream(0, "x")
    )
    assert float(total_variation(pair)) > 0.75


def test_the_copula_is_the_ratio_of_normal_densities() -> None:
    x = np.random.default_rng(3).random((500, 3))
    score = stats.norm.ppf(x[:, :2])
    joint = stats.multivariate_normal([0, 0], [[1, 0.6], [0.6, 1]]).logpdf(score)
    expected = joint - stats.norm.logpdf(score).sum(axis=1)
    np.testing.assert_allclose(Copula(0.6).on(3).log_density(x), expected, atol=1e-10)


def test_copula_samples_have_uniform_coordinates_and_the_rank_correlation() -> None:
    """Spearman's correlation is (6/pi) arcsin(rho/2); 6 standard errors (about 1/sqrt n)."""
    x = Copula(0.6).on(3).sample(np.random.default_rng(4), 20_000)
    assert min(stats.kstest(column, "uniform").pvalue for column in x.T) > 1e-6
    assert abs(stats.spearmanr(x[:, 0], x[:, 1]).statistic - 6 / np.pi * np.arcsin(0.3)) < 6 / np.sqrt(20_000)
    assert abs(stats.spearmanr(x[:, 0], x[:, 2]).statistic) < 6 / np.sqrt(20_000)


def sample(size: int, p: int = 2, replicates: int = 3) -> tuple[Array, Array]:
    rng = np.random.default_rng(5)
    x = rng.random((replicates, size, p))
    return x, Tents(features=p).mu(x) + 0.1 * rng.standard_normal((replicates, size))


def world(quadrature: int = 1) -> World:
    parts = {"task": Tents(features=2), "real_law": Uniform(), "synthetic_law": MildBeta()}
    return World.of(Cell(parts, 0, 0, 3, 7), 300, quadrature)


def test_responses_are_those_of_the_network_that_a_learner_would_fit() -> None:
    x, y = sample(60)
    options = {"width": 5, "depth": 1, "steps": 30}
    ours = NetworkResponses(**options).fit(world(), x, y, streams(1, "responses", 3))
    theirs = MLP(**options).fit(x, y, streams(1, "responses", 3))
    np.testing.assert_array_equal(ours(x[0]), theirs(x[0]))


def test_cached_fits_are_found_by_sample_streams_and_name() -> None:
    x, y = sample(10)
    cache: FitCache[int] = FitCache(2)
    made = iter(range(10))

    def get(name: str = "a", shift: float = 0.0, seed: int = 0) -> int:
        return cache.get(name, x + shift, y, streams(seed, "s", 3), lambda: next(made))

    assert [get(), get(), get(shift=1.0), get()] == [0, 0, 1, 0]
    assert [get(seed=1), get(), get(shift=1.0)] == [2, 0, 3]  # the least recent was dropped
    assert get("b") == 4


def test_nodes_of_two_features_are_a_sample_where_asked_for() -> None:
    assert len(world().pair.p) == 300
    assert len(world(quadrature=2).pair.p) > 300


def test_a_network_without_hidden_layers_is_least_squares_on_its_basis() -> None:
    x, y = sample(400)
    network = MLP(depth=0, steps=800, learning_rate=0.02, batch_size=100, dtype="float64")
    points = np.random.default_rng(6).random((50, 2))
    exact = Polynomial(1).fit(x, y, [])(points)
    np.testing.assert_allclose(network.fit(x, y, streams(2, "learner", 3))(points), exact, atol=0.02)
    basis = network.basis(points)
    assert basis is not None
    weights = np.linalg.lstsq(basis.T, exact.T, rcond=None)[0]
    np.testing.assert_allclose(weights.T @ basis, exact, atol=1e-9)


def test_only_networks_without_hidden_layers_have_a_basis() -> None:
    points = np.zeros((4, 2))
    assert MLP().basis(points) is None
    assert MLP(depth=0, loss="logistic").basis(points) is None
    assert MLP(depth=0, loss="logistic").logits(points) is not None
    assert MLP(depth=0).logits(points) is None
