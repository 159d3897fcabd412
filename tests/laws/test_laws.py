"""Every law that is found: samples against densities, supports, boxes; and those with options of their own."""

from typing import Any

import numpy as np
import pytest
from scipy import integrate, stats

from experiments.config.registry import build, components
from experiments.laws.base import Law, LawFamily
from experiments.laws.joint import Copula, Restricted, RestrictedLaw
from experiments.laws.marginals import Beta, MildBeta, Uniform
from theory.fidelity import total_variation
from theory.measures import PairedMeasure

VARIANTS: dict[str, list[dict[str, Any]]] = {
    "beta": [{"a": 3.0}, {"a": 1.5, "b": 4.0}],
    "normal": [{"mean": 1.0}, {"scale": 0.6}, {"scale": 1.5}],
    "drifting_normal": [{"cap": 1.5}],
    "restricted": [{"low": 0.2, "leak": 0.3}],
    "mixture": [{"weights": [1.0, 3.0], "means": [-2.0, 0.5], "scales": [0.3, 1.0]}],
    "beta_mixture": [{"weights": [0.2, 0.8]}],
    "mild_beta": [{"a": 3.0, "b": 3.0}],
    "copula": [{"rho": -0.4}],
    "correlated_normal": [{"correlation": -0.4, "mean": 1.0, "scale": 2.0}],
}
LAWS = [(kind, options) for kind in sorted(components("law")) for options in [{}, *VARIANTS.get(kind, [])]]
NAMES = [f"{kind}-{i}" for i, (kind, _) in enumerate(LAWS)]


def law(kind: str, options: dict[str, Any], dim: int) -> Law:
    made: Law = build("law", {"kind": kind} | options).on(dim)
    return made


def density(made: Law, x: np.ndarray) -> np.ndarray:
    return np.exp(made.log_density(x[:, None]))


def distribution(made: Law) -> Any:
    """Distribution function by integrating the density between grid points, which include its jumps."""
    low, high = made.box(1e-13)
    jumps = [made.family.low, made.family.high] if isinstance(made, RestrictedLaw) else []
    grid = np.unique(np.concatenate([np.linspace(low[0], high[0], 600), jumps]))
    nodes, weights = np.polynomial.legendre.leggauss(12)
    middle, half = (grid[1:] + grid[:-1]) / 2, np.diff(grid) / 2
    masses = (density(made, (middle[:, None] + half[:, None] * nodes).ravel()).reshape(-1, 12) @ weights) * half
    return grid, np.concatenate([[0.0], np.cumsum(masses)])


@pytest.mark.parametrize(("kind", "options"), LAWS, ids=NAMES)
def test_density_integrates_to_one_and_samples_follow_it(kind: str, options: dict[str, Any]) -> None:
    """Kolmogorov-Smirnov at level 1e-6 per law, 1e-5 for all laws together; draws moved by a tenth of their spread fail."""
    made = law(kind, options, 1)
    grid, mass = distribution(made)
    assert mass[-1] == pytest.approx(1.0, abs=1e-7)
    drawn = made.sample(np.random.default_rng(3), 20000)[:, 0]
    p_value, shifted = (stats.kstest(np.interp(x, grid, mass), "uniform").pvalue for x in (drawn, drawn + 0.1 * drawn.std()))
    assert p_value > 1e-6 > shifted


@pytest.mark.parametrize(("kind", "options"), LAWS, ids=NAMES)
def test_two_coordinates(kind: str, options: dict[str, Any]) -> None:
    """In two dimensions the density integrates to one over a box, and moments of x_1 + 2 x_2 agree with the sample's.

    Moments by a quasi-random rule (2% allowed for it) within 6 standard errors: false alarms below 1e-7 a law.
    """
    made = law(kind, options, 2)
    low, high = made.box(1e-6)
    points = stats.qmc.Sobol(2, seed=1).random_base2(17) * (high - low) + low
    weight = np.exp(made.log_density(points)) * float(np.prod(high - low))
    assert weight.mean() == pytest.approx(1.0, abs=0.02)
    drawn = made.sample(np.random.default_rng(4), 40000) @ [1.0, 2.0]
    along = points @ [1.0, 2.0]
    for power in (1, 2):
        exact = (weight * along**power).mean() / weight.mean()
        error = (drawn**power).std() / 200
        assert abs((drawn**power).mean() - exact) < 6 * error + 2e-2 * abs(exact)


@pytest.mark.parametrize("dim", [1, 3])
@pytest.mark.parametrize(("kind", "options"), LAWS, ids=NAMES)
def test_contract(kind: str, options: dict[str, Any], dim: int) -> None:
    if options.get("correlation", 0) < -0.5 / (dim - 1 or 1):
        options = options | {"correlation": -0.4 / (dim - 1 or 1)}
    made = law(kind, options, dim)
    drawn = made.sample(np.random.default_rng(0), 500)
    low, high = made.support()
    assert made.dim == dim
    assert drawn.shape == (500, dim)
    assert low.shape == high.shape == (dim,)
    assert ((drawn >= low) & (drawn <= high)).all()
    assert np.isfinite(made.log_density(drawn)).all()
    assert made.log_density(drawn.reshape(5, 100, dim)).shape == (5, 100)
    outside = np.where(np.isfinite(high), high + 1, 0.0)
    assert not np.isfinite(high).any() or made.log_density(outside[None])[0] == -np.inf
    tight, tight_high = made.box(0.01)
    assert (np.isfinite(tight) & np.isfinite(tight_high)).all()
    # at most 1% outside: 500 draws have more than 20 there with probability below 1e-7
    assert ((drawn < tight) | (drawn > tight_high)).any(axis=1).sum() <= 20
    np.testing.assert_array_equal(made.sample(np.random.default_rng(0), 200), drawn[:200])


def test_correlated_normal_is_the_multivariate_normal() -> None:
    for dim, c in ((2, -0.9), (3, -0.4), (5, 0.7)):
        made = law("correlated_normal", {"mean": 0.5, "scale": 2.0, "correlation": c}, dim)
        covariance = 4 * ((1 - c) * np.eye(dim) + c)
        x = np.random.default_rng(1).normal(size=(7, dim))
        expected = stats.multivariate_normal(np.full(dim, 0.5), covariance).logpdf(x)
        np.testing.assert_allclose(made.log_density(x), expected, rtol=1e-12)
        drawn = made.sample(np.random.default_rng(2), 100_000)
        # a covariance of normals has standard error at most sqrt(2) 4/sqrt(N): 6 of them
        assert np.abs(np.cov(drawn.T) - covariance).max() < 6 * np.sqrt(2) * 4 / np.sqrt(100_000)


def test_mixture_is_the_mixture() -> None:
    made = law("mixture", {"weights": [1.0, 3.0], "means": [-2.0, 0.5], "scales": [0.3, 1.0]}, 2)
    x = np.random.default_rng(1).normal(size=(9, 2))
    parts = [stats.norm(m, s).pdf(x).prod(axis=1) for m, s in ((-2, 0.3), (0.5, 1.0))]
    np.testing.assert_allclose(np.exp(made.log_density(x)), (parts[0] + 3 * parts[1]) / 4, rtol=1e-12)


def test_mixture_moments_by_quadrature() -> None:
    made = law("beta_mixture", {}, 1)
    mean = integrate.quad(lambda t: t * density(made, np.array([t]))[0], 0, 1)[0]
    assert mean == pytest.approx(0.5 * 2 / 8 + 0.5 * 6 / 8, abs=1e-9)


OVERLAPPING = [MildBeta(2.5, 1.0), MildBeta(3.0, 3.0), Copula(0.8), Restricted(0.0, 0.35, 0.15)]


@pytest.mark.parametrize("p", [2, 5, 10])
@pytest.mark.parametrize("other", OVERLAPPING, ids=str)
def test_the_laws_of_deep_convergence_are_far_but_overlap(other: LawFamily, p: int) -> None:
    pair = PairedMeasure.sampled(Uniform().on(p), other.on(p), 20_000, np.random.default_rng(0))
    assert 0.3 < float(total_variation(pair)) < 0.65


def test_a_product_of_one_law_would_drift_apart() -> None:
    """The control: ten copies of Beta(3, 3) leave little in common with the cube."""
    pair = PairedMeasure.sampled(Uniform().on(10), Beta(3.0, 3.0).on(10), 20_000, np.random.default_rng(0))
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


def test_too_negative_a_correlation_is_refused() -> None:
    with pytest.raises(ValueError, match="correlation"):
        law("correlated_normal", {"correlation": -0.6}, 3)


def test_a_drifting_law_takes_its_mean_from_the_size() -> None:
    spec = {"kind": "drifting_normal", "growth": 0.5}
    for cap, means in ((None, {100: 0.5 * np.log(100) ** 0.5, 10**6: 0.5 * np.log(10**6) ** 0.5}), (1.5, {10**6: 1.5})):
        for n, mean in means.items():
            law_n = build("law", spec | {"cap": cap}).at(n).on(1)
            assert law_n.log_density(np.array([[mean]]))[0] == pytest.approx(-0.5 * np.log(2 * np.pi), abs=1e-12)
    assert Uniform().at(7) == Uniform()
