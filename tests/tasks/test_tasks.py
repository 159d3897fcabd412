"""Every task that is found: its constants, its responses; and the low-noise condition of those with classes."""

from typing import Any

import numpy as np
import pytest
from scipy import stats

from experiments.config.registry import build, components
from experiments.tasks.base import ClassTask, Task

VARIANTS: dict[str, list[dict[str, Any]]] = {
    "sine": [{"frequency": 0.5}],
    "kinked": [{"kink": 0.2, "slope": 5.0}],
    "additive": [{"features": p} for p in (1, 5, 10)],
    "margin": [{"gamma": g} for g in (0.5, 2.0, np.inf)] + [{"crossings": 3, "constant": 0.5}, {"features": 2}],
    "logit": [{"strength": 4.0}],
    "tents": [{"features": 5}],
}
TASKS = [(kind, options) for kind in sorted(components("task")) for options in [{}, *VARIANTS.get(kind, [])]]
NAMES = [f"{kind}-{i}" for i, (kind, _) in enumerate(TASKS)]
CLASSES = [(kind, options) for kind, options in TASKS if components("task")[kind].binary]


def task(kind: str, options: dict[str, Any]) -> Task:
    made: Task = build("task", {"kind": kind} | options)
    return made


def points(made: Task, size: int) -> np.ndarray:
    return np.random.default_rng(1).random((size, made.dim))


@pytest.mark.parametrize(("kind", "options"), TASKS, ids=NAMES)
def test_lipschitz_constant_oscillation_and_shapes(kind: str, options: dict[str, Any]) -> None:
    """No pair of near points is steeper than L, and where there is a finite L some pair comes within a factor of 3."""
    made = task(kind, options)
    x = points(made, 40000)
    step = 1e-5 * np.random.default_rng(2).standard_normal(x.shape)
    near = np.clip(x + step, *(np.clip(end, -10, 10) for end in made.domain))
    slope = np.abs(made.mu(near) - made.mu(x)) / np.maximum(np.linalg.norm(near - x, axis=1), 1e-30)
    assert slope.max() <= made.lipschitz * (1 + 1e-6)
    if np.isfinite(made.lipschitz) and made.dim < 5:
        assert slope.max() > made.lipschitz / 3
    values = made.mu(x.reshape(4, 10000, made.dim))
    assert values.shape == (4, 10000)
    assert np.ptp(values) <= made.oscillation + 1e-12
    assert not made.binary or ((values >= 0) & (values <= 1)).all()


@pytest.mark.parametrize(("kind", "options"), TASKS, ids=NAMES)
def test_responses_have_their_mean_and_variance(kind: str, options: dict[str, Any]) -> None:
    """At one mean, 20,000 responses: mean and variance within 6 standard errors (false alarms below 1e-8 a task)."""
    made = task(kind, options)
    mean = 0.3
    y = made.respond(np.full(20000, mean), np.random.default_rng(0))
    assert abs(y.mean() - mean) < 6 * y.std() / np.sqrt(20000)
    squares = (y - mean) ** 2
    assert squares.mean() < made.noise_variance + 6 * squares.std() / np.sqrt(20000)
    if made.binary:
        assert set(np.unique(y)) == {0.0, 1.0}


@pytest.mark.parametrize(("kind", "options"), CLASSES, ids=[f"{k}-{i}" for i, (k, _) in enumerate(CLASSES)])
def test_low_noise_condition(kind: str, options: dict[str, Any]) -> None:
    """P(0 < |2 eta - 1| <= t) <= A t^gamma for uniform features; with equality somewhere for `margin`."""
    made = task(kind, options)
    assert isinstance(made, ClassTask)
    gamma, constant = made.low_noise
    grid = (np.arange(200000) + 0.5)[:, None] / 200000
    margin = np.abs(2 * made.mu(np.repeat(grid, made.dim, axis=1)) - 1)
    if np.isinf(gamma):
        np.testing.assert_allclose(margin, 1 / constant)
        return
    levels = np.linspace(0.01, 1, 100)
    share = np.array([((margin > 0) & (margin <= t)).mean() for t in levels])
    assert (share <= constant * levels**gamma + 1e-4).all()
    if kind == "margin":
        below = levels <= 0.9 * margin.max()
        np.testing.assert_allclose(share[below], (constant * levels**gamma)[below], atol=1e-4)


def test_margin_crosses_one_half_as_often_as_it_says() -> None:
    x = np.linspace(0.001, 0.999, 9999)[:, None]
    for crossings in (1, 2, 3, 4):
        above = task("margin", {"crossings": crossings}).mu(x) > 0.5
        assert (above[1:] != above[:-1]).sum() == crossings


def test_additive_of_one_feature_is_the_sine() -> None:
    x = points(task("sine", {}), 50)
    np.testing.assert_allclose(task("additive", {"features": 1, "frequency": 1.0}).mu(x), task("sine", {}).mu(x))


def test_the_variance_of_an_additive_function_is_that_of_one_part() -> None:
    x = np.random.default_rng(0).random((200_000, 10))
    variance = 0.5 - (2 / np.pi) ** 2  # of sin(pi U)
    assert task("additive", {"features": 10}).mu(x).var() == pytest.approx(variance, rel=0.02)


@pytest.mark.parametrize("p", [1, 2, 5, 10])
def test_2p_relu_units_are_the_tents(p: int) -> None:
    """|2x - 1| = relu(2x - 1) + relu(1 - 2x): a layer with these weights gives the same function."""
    x = np.random.default_rng(0).random((300, p))
    hidden = np.maximum(np.concatenate([2 * x - 1, 1 - 2 * x], axis=1), 0)
    weights = 2 * np.tile(1 / np.arange(1, p + 1), 2) / np.sqrt((1 / np.arange(1, p + 1) ** 2.0).sum())
    np.testing.assert_allclose(hidden @ weights, task("tents", {"features": p}).mu(x), atol=1e-12)


@pytest.mark.parametrize("p", [1, 4, 10])
def test_tents_keep_their_variance_and_slope(p: int) -> None:
    """Variance height^2/12 whatever p, within 6 standard errors of 10^5 draws; slope 2 height along the gradient."""
    made = task("tents", {"features": p, "height": 3.0})
    values = made.mu(np.random.default_rng(1).random((100_000, p)))
    squares = (values - values.mean()) ** 2
    assert abs(squares.mean() - 9 / 12) < 6 * squares.std() / np.sqrt(100_000)
    gradient = np.array([[1.0 / j for j in range(1, p + 1)]])
    gradient /= np.linalg.norm(gradient)
    rise = made.mu(0.7 + 1e-4 * gradient) - made.mu(np.full((1, p), 0.7))
    assert rise[0] / 1e-4 == pytest.approx(made.lipschitz)


@pytest.mark.parametrize("p", [4, 6])
def test_low_noise_of_waves(p: int) -> None:
    """P(|2 eta - 1| <= t) <= A t for 2 * 10^6 independent draws, and A is the limit at 0; half of it would not do.

    Counts are binomial: 6 standard errors at 20 levels leave a false-alarm probability below 1e-7.
    """
    size, made = 2_000_000, task("waves", {"features": p})
    assert isinstance(made, ClassTask)
    gamma, constant = made.low_noise
    margin = np.abs(np.sin(2 * np.pi * np.random.default_rng(2).random((size, p))).mean(axis=1))
    levels = np.linspace(0.01, 1, 20)
    share = np.array([(margin <= t).mean() for t in levels])
    error = 6 * np.sqrt(share / size)
    assert gamma == 1
    assert (share <= constant * levels + error).all()
    assert abs(share[0] - constant * levels[0]) < error[0] + 0.01 * share[0]
    assert (share > constant / 2 * levels)[:5].all()


def test_noise_is_normal_and_scales_with_the_noise_ratio() -> None:
    """Kolmogorov-Smirnov at 1%; the seed is fixed, so the test is deterministic."""
    plain, half = (task("sine", {"noise": 1.0}).respond(np.zeros(5000), np.random.default_rng(0), r) for r in (1, 0.5))
    assert stats.kstest(plain, "norm").pvalue > 0.01
    np.testing.assert_allclose(half, plain / 2)
