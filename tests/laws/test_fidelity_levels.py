"""Closed-form fidelity levels against the tails of the laws themselves."""

import numpy as np
import pytest
from scipy import integrate

from experiments.laws.fidelity_levels import closed_form_power, critical_exponent, fidelity_level
from experiments.laws.joint import Restricted
from experiments.laws.marginals import Beta, Normal, TruncatedNormal, Uniform

U, N = Uniform(), Normal()
PAIRS = [
    (U, Beta(a=2.0)), (U, Beta(a=4.0)), (U, TruncatedNormal()), (U, Restricted(high=0.35, leak=0.15)),
    (N, Normal(mean=1.0)), (N, Normal(scale=0.8)), (N, Normal(scale=1.5)),
]


def tail(real, synthetic, c: float) -> float:
    """P(r > c) on the line by a fine grid of quantiles of P."""
    x = real.distribution().ppf((np.arange(200_000) + 0.5) / 200_000)[:, None]
    log_ratio = real.on(1).log_density(x) - synthetic.on(1).log_density(x)
    return float((log_ratio > np.log(c)).mean())


@pytest.mark.parametrize(("real", "synthetic"), PAIRS)
def test_the_tail_is_below_the_level(real, synthetic) -> None:
    level = fidelity_level(real, synthetic, 1)
    grid = np.geomspace(0.2, 50, 40)
    if np.isinf(level.d):
        assert tail(real, synthetic, level.V * (1 + 1e-9)) == 0
    else:
        assert all(tail(real, synthetic, c) * c**level.d <= level.V * (1 + 1e-4) + 1e-5 * c**level.d for c in grid)


@pytest.mark.parametrize("a", [2.0, 4.0])
def test_beta_levels_are_attained_and_half_of_them_fails(a: float) -> None:
    level = fidelity_level(U, Beta(a=a), 1)
    assert tail(U, Beta(a=a), 3.0) * 3.0**level.d == pytest.approx(level.V, rel=1e-3)
    assert tail(U, Beta(a=a), 3.0) * 3.0**level.d > level.V / 2


def test_uncovered_and_unknown_levels() -> None:
    assert np.inf == fidelity_level(U, Restricted(), 1).V
    assert np.isnan(fidelity_level(N, U, 1).V)
    assert np.isnan(fidelity_level(U, Normal(), 1).V)
    assert fidelity_level(U, U, 1).V == 1


def test_critical_exponent_of_normal_scales() -> None:
    """E r^d with r = s exp((1/s² - 1) x²/2) is finite up to d = s²/(1 - s²): 1/3 at s = 1/2."""
    assert critical_exponent(N, Normal(scale=0.5)) == pytest.approx(1 / 3)
    assert critical_exponent(N, Normal(scale=2.0)) == np.inf


def test_product_level_is_the_moment_of_the_ratio() -> None:
    """E r^c at c = d/2 by quadrature, to the power of the dimension: r = 1/(2x) for Beta(2, 1), d = 1."""
    moment, _ = integrate.quad(lambda x: (2 * x) ** -0.5, 0, 1)
    level = fidelity_level(U, Beta(a=2.0), 5)
    assert level.d == 0.5
    assert pytest.approx(moment**5, rel=1e-6) == level.V


@pytest.mark.parametrize(("real", "synthetic"), [p for p in PAIRS if not np.isnan(closed_form_power(*p, 0.3))])
def test_closed_form_power_by_simulation(real, synthetic) -> None:
    """Power of the test that rejects on the highest ratios of Q-mass 0.3: 4 standard errors, false alarms below 1e-4."""
    rng = np.random.default_rng(5)
    draws = [law.on(1).sample(rng, 100_000) for law in (real, synthetic)]
    under_p, under_q = (real.on(1).log_density(x) - synthetic.on(1).log_density(x) for x in draws)
    power = (under_p > np.quantile(under_q, 0.7)).mean()
    assert power == pytest.approx(closed_form_power(real, synthetic, 0.3), abs=4 * (0.5 / 100_000**0.5 + 0.005 / 2))
