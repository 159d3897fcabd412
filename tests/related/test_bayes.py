"""Posteriors on a grid against Student's law, the floor against quadrature."""

import numpy as np
import pytest
from scipy import integrate, optimize, stats

from experiments.related.bayes import floor, predicted_saving, predictive_divergence, turning_point
from experiments.rng import stream


def kl(law: stats.rv_continuous) -> float:
    return float(stats.norm.expect(lambda x: stats.norm.logpdf(x) - law.logpdf(x), lb=-12, ub=12, limit=400))


@pytest.mark.parametrize(("scale", "stated"), [(0.1, 0.0001), (0.25, 0.0033), (0.5, 0.036)])
def test_floors_are_those_stated(scale: float, stated: float) -> None:
    assert floor(scale) == pytest.approx(kl(stats.norm(scale=np.sqrt(1 + 2 * scale**2))), abs=1e-10)
    assert floor(scale) == pytest.approx(stated, rel=0.05)


def student(x: np.ndarray) -> float:
    """Flat prior in (mean, log s): the predictive law is t with n - 1 degrees of freedom."""
    n = len(x)
    return kl(stats.t(n - 1, x.mean(), x.std(ddof=1) * np.sqrt(1 + 1 / n)))


@pytest.mark.parametrize("m", [0, 40, 5000])
def test_the_standard_update_is_conjugate(m: int) -> None:
    real, synthetic = stream(1, "r").standard_normal((3, 25)), 1.3 * stream(1, "s").standard_normal((3, m))
    wanted = [student(np.concatenate(pair)) for pair in zip(real, synthetic)]
    assert predictive_divergence(real, synthetic, 1.0, 0.0) == pytest.approx(wanted, abs=2e-6)


def test_a_small_beta_is_nearly_the_likelihood() -> None:
    real, synthetic = stream(2, "r").standard_normal((3, 25)), 1.3 * stream(2, "s").standard_normal((3, 100))
    exact = predictive_divergence(real, synthetic, 1.0, 0.0)
    assert predictive_divergence(real, synthetic, 1.0, 1e-3) == pytest.approx(exact, rel=0.02)
    assert np.abs(predictive_divergence(real, synthetic, 0.5, 0.0) / exact - 1).max() > 0.02


def test_beta_ends_at_its_own_minimiser() -> None:
    # Large m: the posterior sits at the minimiser of the expected loss, computed here by quadrature over the noisy law.
    scale, beta, m = 0.5, 0.5, 60_000
    x = np.linspace(-9, 9, 2001)
    density = integrate.simpson(stats.norm.pdf(x[:, None] - x) * stats.laplace.pdf(x, scale=scale), x=x, axis=1)

    def risk(log_s: float) -> float:
        s = np.exp(log_s)
        own = (2 * np.pi * s**2) ** (-beta / 2) / (1 + beta) ** 1.5
        return float(own - integrate.simpson(density * stats.norm.pdf(x, scale=s) ** beta, x=x) / beta)

    s = np.exp(optimize.minimize_scalar(risk, bounds=(-0.5, 0.7), method="bounded").x)
    synthetic = stream(3, "z").standard_normal((4, m)) + scale * stream(3, "l").laplace(size=(4, m))
    found = predictive_divergence(np.tile([-0.5, 0.5], (4, 1)), synthetic, 1.0, beta).mean()
    assert found == pytest.approx(kl(stats.norm(scale=s)), rel=0.06)
    assert found < 0.9 * floor(scale)


def test_the_turning_point_is_the_minimum() -> None:
    n, scale = 300, 0.25
    excess = lambda m: floor(scale) * (m / (n + m)) ** 2 + 1 / (n + m)  # noqa: E731
    least = optimize.minimize_scalar(excess, bounds=(0, 5000), method="bounded")
    assert turning_point(n, scale) == pytest.approx(least.x, rel=1e-3)
    assert predicted_saving(n, scale) == pytest.approx(1 - least.fun * n, rel=1e-6)
    assert turning_point(30, 0.1) == np.inf
    assert predicted_saving(30, 0.1) == 0
