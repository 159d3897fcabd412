"""Responses with a fault set by design: the fault has the size and the effect that was asked for."""

from typing import Any

import numpy as np
import pytest

from experiments.config.registry import build, components
from experiments.learners.base import Array
from experiments.learners.mlp import MLP
from experiments.measurements.base import Cell
from experiments.responses.fitted import FitCache, NetworkResponses
from experiments.rng import streams
from experiments.world import World
from theory.ranking import worst_response
from theory.transfer import TransferCurve

R = 3
WORLDS = {
    "beta": ({"kind": "sine"}, {"kind": "uniform"}, {"kind": "beta", "a": 2.0}),
    "ties": ({"kind": "parabola"}, {"kind": "uniform"}, {"kind": "restricted", "low": 0.0, "high": 0.35, "leak": 0.15}),
    "uncovered": ({"kind": "parabola"}, {"kind": "uniform"}, {"kind": "restricted"}),
    "normal": ({"kind": "sine"}, {"kind": "normal"}, {"kind": "normal", "mean": 0.5}),
    "plane": ({"kind": "saddle"}, {"kind": "normal"}, {"kind": "correlated_normal"}),
    "space": ({"kind": "friedman"}, {"kind": "uniform"}, {"kind": "beta", "a": 1.5}),
    "classes": ({"kind": "margin"}, {"kind": "uniform"}, {"kind": "beta"}),
}


def world(name: str, quadrature: int = 2) -> World:
    task, real, synthetic = WORLDS[name]
    parts = {"task": build("task", task), "real_law": build("law", real), "synthetic_law": build("law", synthetic)}
    return World.of(Cell(parts, 0, 0, R, 7), 1600, quadrature)


def mu_tilde(name: str, spec: dict[str, Any], at: World | None = None) -> Any:
    here = at or world(name)
    rng = np.random.default_rng(1)
    x = np.stack([here.law_p.sample(rng, 200) for _ in range(R)])
    y = (rng.random((R, 200)) < 0.5).astype(float) if here.task.binary else here.task.mu(x)
    return build("responses", spec).fit(here, x, y, streams(0, "responses", R))


def error_of(name: str, spec: dict[str, Any], here: World) -> Array:
    """Values (R, N) of mu-tilde - mu at the nodes."""
    return np.asarray(mu_tilde(name, spec, here)(here.pair.nodes) - here.task.mu(here.pair.nodes))


def specs(name: str) -> list[dict[str, Any]]:
    """Every kind that is found, where it applies."""
    binary = WORLDS[name][0]["kind"] == "margin"
    short = {"network": {"steps": 30}}
    return [{"kind": k} | short.get(k, {}) for k, c in components("responses").items() if binary or not c.binary]


@pytest.mark.parametrize("name", ["beta", "plane", "classes"])
def test_contract(name: str) -> None:
    here = world(name)
    for spec in specs(name):
        fitted = mu_tilde(name, spec, here)
        points = here.pair.nodes[::97]
        shared = fitted(points)
        assert shared.shape == (R, len(points))
        own = np.broadcast_to(points, (R, *points.shape)).copy()
        np.testing.assert_allclose(fitted(own), shared, rtol=0, atol=1e-9)


@pytest.mark.parametrize("kind", ["biased", "oversmoothed", "worst"])
@pytest.mark.parametrize("name", ["beta", "ties", "normal", "plane", "space"])
def test_the_error_has_the_size_asked_for(name: str, kind: str) -> None:
    here = world(name)
    for e_r in (0.01, 0.3):
        error = error_of(name, {"kind": kind, "e_r": e_r}, here)
        np.testing.assert_allclose(here.pair.norm_q(error), e_r, rtol=1e-9)


@pytest.mark.parametrize("name", ["beta", "ties", "normal", "uncovered", "plane", "space"])
@pytest.mark.parametrize("e_r", [0.0, 0.02, 0.5])
def test_the_worst_responses_attain_the_transfer_bound(name: str, e_r: float) -> None:
    """||mu-tilde - mu||_P^2 = T_M(e_r^2): no response with this error and |mu-tilde - mu| <= M is worse."""
    here = world(name)
    error = error_of(name, {"kind": "worst", "e_r": e_r, "sup_norm": 2.0}, here)
    bound = TransferCurve(here.pair).bound(e_r**2, 2.0)
    np.testing.assert_allclose(here.pair.norm_p(error) ** 2, bound, rtol=0, atol=1e-9)
    assert error.max() <= 2.0 + 1e-12


@pytest.mark.parametrize("name", ["beta", "normal", "plane"])
def test_the_worst_responses_are_theorys_where_no_ratios_tie(name: str) -> None:
    here = world(name)
    ours = mu_tilde(name, {"kind": "worst", "e_r": 0.2}, here)(here.pair.nodes)[0]
    theirs = worst_response(here.pair, here.task.mu(here.pair.nodes), 0.2, 1.0)
    # ratios equal to 9 decimals count as ties: a node or two may share what is left
    assert (np.abs(ours - theirs) > 1e-9).mean() < 0.01


def test_a_smooth_error_of_the_same_size_costs_less() -> None:
    here = world("beta")
    worst, smooth = (here.pair.norm_p(error_of("beta", {"kind": k, "e_r": 0.1}, here)[0]) for k in ("worst", "biased"))
    assert worst**2 == pytest.approx(0.1, abs=1e-3)  # T_1(a) = sqrt(a) for Beta(2, 1)
    assert smooth**2 < 0.02


def test_oversmoothing_flattens() -> None:
    here = world("beta")
    x = here.pair.nodes
    smooth = mu_tilde("beta", {"kind": "oversmoothed", "e_r": 0.2}, here)(x)[0]
    assert np.ptp(smooth) < np.ptp(here.task.mu(x))


@pytest.mark.parametrize(("zero", "one"), [(0.2, 0.2), (0.4, 0.1)])
def test_flips_move_the_bayes_rule_to_where_they_say(zero: float, one: float) -> None:
    """Equal rates rho keep it: eta-tilde - 1/2 = (1 - 2 rho)(eta - 1/2) (theory/README.md 5.7)."""
    here = world("classes")
    eta = here.task.mu(here.pair.nodes)
    tilde = mu_tilde("classes", {"kind": "flips", "zero": zero, "one": one}, here)(here.pair.nodes)[0]
    np.testing.assert_allclose(tilde, (1 - one) * eta + zero * (1 - eta), atol=1e-12)
    np.testing.assert_array_equal(tilde >= 0.5, eta >= (0.5 - zero) / (1 - zero - one))


@pytest.mark.parametrize("by", ["poly", "forest", "kernel_ridge"])
def test_fitted_by_another_learner(by: str) -> None:
    here = world("beta")
    fitted = mu_tilde("beta", {"kind": "fitted", "by": by}, here)(here.pair.nodes)
    assert fitted.shape == (R, here.pair.size)
    assert not np.array_equal(fitted[0], fitted[1])


def test_responses_are_those_of_the_network_that_a_learner_would_fit() -> None:
    here, rng = world("plane"), np.random.default_rng(5)
    x = rng.random((3, 60, 2))
    y = here.task.mu(x) + 0.1 * rng.standard_normal((3, 60))
    options = {"width": 5, "depth": 1, "steps": 30}
    ours = NetworkResponses(**options).fit(here, x, y, streams(1, "responses", 3))
    theirs = MLP(**options).fit(x, y, streams(1, "responses", 3))
    np.testing.assert_array_equal(ours(x[0]), theirs(x[0]))


def test_cached_fits_are_found_by_sample_streams_and_name() -> None:
    x, y = np.random.default_rng(5).random((2, 3, 10))
    cache: FitCache[int] = FitCache(2)
    made = iter(range(10))

    def get(name: str = "a", shift: float = 0.0, seed: int = 0) -> int:
        return cache.get(name, x + shift, y, streams(seed, "s", 3), lambda: next(made))

    assert [get(), get(), get(shift=1.0), get()] == [0, 0, 1, 0]
    assert [get(seed=1), get(), get(shift=1.0)] == [2, 0, 3]  # the least recent was dropped
    assert get("b") == 4


def test_nodes_of_two_features_are_a_sample_where_asked_for() -> None:
    assert [len(world("plane", quadrature).pair.p) == 1600 for quadrature in (1, 2)] == [True, False]
