"""The a priori bound of E U for nearest neighbours on the line."""

from math import log

import numpy as np
import pytest

from experiments.config.compose import experiments_of
from experiments.engine.grid import plan
from experiments.engine.run import compute


def columns(words: list[str]) -> dict[str, np.ndarray]:
    [cell] = plan(experiments_of(["experiment=convergence", "budget=smoke", "learner=knn", *words])[0].config)
    return compute(cell.config)


@pytest.mark.parametrize("law", ["uniform", "beta", "leaking", "uncovered"])
@pytest.mark.parametrize("responses", ["oracle", "fitted"])
def test_mean_utility_is_below_it(law: str, responses: str) -> None:
    got = columns([f"synthetic_law={law}", "synthetic_law.beta.a=2" if law == "beta" else "seed=3", "n=200",
                   "replicates=60", f"responses={responses}"])  # fmt: skip
    mean, error = got["utility"].mean(), got["utility"].std(ddof=1) / 60**0.5
    assert mean + 5 * error < got["bound_prior"][0]  # false alarm below 1e-6


def test_it_is_unknown_for_other_learners() -> None:
    assert np.isnan(columns(["synthetic_law=uniform", "n=60", "learner=poly"])["bound_prior"]).all()


def test_neighbours_on_the_line_serve_at_most_2k_points() -> None:
    """Stone's lemma with constant 2, by which the mean of g over neighbours is bounded by twice its squared norm."""
    rng = np.random.default_rng(0)
    for _ in range(20):
        x = rng.random(60)
        distance = np.abs(x[:, None] - x)
        np.fill_diagonal(distance, np.inf)
        assert np.bincount(np.argsort(distance, axis=1)[:, :5].ravel()).max() <= 2 * 5


def test_largest_squared_mean_of_noises_is_below_its_bound() -> None:
    """E max over windows of the squared mean of k normal noises <= (2/k)(1 + log 2w), by simulation."""
    rng, n, k = np.random.default_rng(1), 400, 20
    noise = rng.standard_normal((500, n))
    sums = np.cumsum(np.pad(noise, ((0, 0), (1, 0))), axis=1)
    largest = (((sums[:, k:] - sums[:, :-k]) / k) ** 2).max(axis=1)
    assert largest.mean() + 5 * largest.std() / 500**0.5 < 2 / k * (1 + log(2 * (n - k + 1)))
