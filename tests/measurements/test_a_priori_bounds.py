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


@pytest.mark.parametrize(
    ("law", "responses"),
    [("uniform", "oracle"), ("beta", "oracle"), ("beta", "fitted"), ("uncovered", "fitted"), ("beta", "oversmoothed")],
)
def test_mean_risks_are_the_predicted_ones(law: str, responses: str) -> None:
    """Differences of 200 replicates have mean 0: five standard errors, false alarm below 1e-6; bounds are above."""
    got = columns([f"synthetic_law={law}", "synthetic_law.beta.a=2" if law == "beta" else "seed=3", "n=100",
                   "replicates=200", f"responses={responses}"])  # fmt: skip
    for fit in ("synthetic", "real"):
        off = got[f"excess_{fit}"] - got[f"predicted_{fit}"]
        assert abs(off.mean()) < 5 * off.std(ddof=1) / 200**0.5
    if responses == "oversmoothed":
        assert np.isnan(got["lipschitz_synthetic"]).all()
        return
    assert (got["lipschitz_synthetic"] >= got["predicted_synthetic"]).all()
    assert got["bound_lipschitz"].mean() <= got["bound_prior"][0] * (1 + 1e-9)  # equal at Q = P with exact responses
    if law != "uniform":
        # Control: the integral under Q misses the error where Q hardly looks.
        below = got["bound_lipschitz_untransferred"] - got["bound_lipschitz"] + got["lipschitz_synthetic"]
        assert below.mean() < 0.9 * got["lipschitz_synthetic"].mean()


def test_they_are_unknown_for_other_learners() -> None:
    got = columns(["synthetic_law=uniform", "n=60", "learner=poly"])
    assert all(np.isnan(got[name]).all() for name in ("bound_prior", "predicted_synthetic", "bound_lipschitz"))


def expected_error(kind: str, responses: str, p: int = 1, replicates: int = 50) -> dict[str, np.ndarray]:
    task = {"kind": "sine", "frequency": 0.5} if p == 1 else {"kind": "saddle"}
    parts = {"task": task, "real_law": {"kind": "uniform"}, "synthetic_law": {"kind": "beta", "a": 2.0},
             "generator": {"kind": "two_stage"}, "responses": {"kind": responses}, "learner": {"kind": kind}, "n": 40,
             "ratio": 1.5}  # fmt: skip
    spec = {"kind": "expected_error", "nodes": 60, "noises": 2, "quadrature": 0}
    return compute({"measurement": spec, "parts": parts, "replicates": replicates, "seed": 11})


@pytest.mark.parametrize("p", [1, 2])
@pytest.mark.parametrize("responses", ["oracle", "fitted"])
@pytest.mark.parametrize("kind", ["knn", "nadaraya_watson", "kernel_ridge"])
def test_expected_error_of_every_smoother(kind: str, responses: str, p: int) -> None:
    """Five standard errors: false alarm below 1e-6."""
    got = expected_error(kind, responses, p)
    off = got["excess_synthetic"] - got["predicted"]
    assert abs(off.mean()) < 5 * off.std(ddof=1) / 50**0.5
    known = kind == "kernel_ridge" and responses == "fitted" and p == 1
    assert np.isnan(got["bound_rkhs"]).all() != known
    if known:
        assert (got["bound_rkhs"] >= got["predicted"]).all()
        assert (got["noise_only"] < got["predicted"]).all()
        assert got["exceeded"].mean() < 0.05 < got["exceeded_mean"].mean()


def test_fast_and_written_out_weights_agree(monkeypatch: pytest.MonkeyPatch) -> None:
    fast = expected_error("knn", "fitted", replicates=3)
    monkeypatch.setattr("experiments.measurements.expected_error.KNearestNeighbours", type(None))
    slow = expected_error("knn", "fitted", replicates=3)
    for name in ("predicted", "predicted_unaveraged", "predicted_under_q"):
        np.testing.assert_allclose(fast[name], slow[name], rtol=1e-12)


def test_forests_have_no_prediction() -> None:
    assert np.isnan(expected_error("forest", "oracle", replicates=2)["predicted"]).all()


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


@pytest.mark.parametrize(
    ("learner", "law", "rate"),
    [("knn", "beta", -1 / 3), ("forest", "uniform", -2 / 3), ("nadaraya_watson", "beta", -3 / 5),
     ("local_linear", "uniform", -4 / 5), ("local_linear", "beta", -3 / 5), ("quintic", "beta", -1.0)],
)  # fmt: skip
def test_rates_of_learners(learner: str, law: str, rate: float) -> None:
    """Statements 7.3, 7.9 and 7.10 at Beta(3, 1)."""
    words = [f"learner={learner}", f"synthetic_law={law}", "n=20", "replicates=2"]
    got = columns([*words, "synthetic_law.beta.a=3"] if law == "beta" else words)
    assert got["rate_learner"][0] == pytest.approx(rate)
