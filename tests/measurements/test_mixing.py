"""Weighted least squares on real and synthetic rows, against fits of its own on the same noise."""

from typing import Any

import numpy as np
import pytest

from experiments.config.registry import ConfigError, build
from experiments.engine.grid import assemble
from experiments.engine.run import compute
from experiments.rng import streams
from experiments.world import World, features

PARTS = {
    "task": {"kind": "parabola"}, "real_law": {"kind": "uniform"}, "synthetic_law": {"kind": "beta", "a": 3.0},
    "generator": {"kind": "two_stage", "noise_ratio": 0.5}, "responses": {"kind": "biased", "e_r": 0.2}, "n": 20, "ratio": 2.0,
}  # fmt: skip


def config(**options: Any) -> dict[str, Any]:
    spec = {"kind": "mixing", "weights": [0.3], "multiples": [1.0], "draws": 40, "nodes": 320} | options
    return {"measurement": spec, "parts": PARTS, "replicates": 30, "seed": 1}


def test_risk_of_a_fit_of_its_own() -> None:
    """The fit to rows repeated by the root of their weight, its error integrated at the nodes, in one replicate."""
    got, (_, cell) = compute(config()), assemble(config())
    world, r, w = World.of(cell, 320), 7, 0.3
    x = features(world.law_p, 20, streams(1, "real/features", [r]))[0, :, 0]
    z = features(world.law_q, 40, streams(1, "synthetic/features", [r]))[0, :, 0]
    roles = (("real", 20), ("synthetic", 40))
    noise = [streams(1, f"mixing/{role}", [r])[0].standard_normal((40, size)) for role, size in roles]
    mean = 4 * (z - 0.5) ** 2 + 0.2 * np.cos(2 * np.pi * z) / world.pair.norm_q(np.cos(2 * np.pi * world.pair.nodes[:, 0]))
    excess, at = [], world.pair.nodes[:, 0]
    for e, u in zip(*noise):
        y = np.concatenate([4 * (x - 0.5) ** 2 + 0.3 * e, mean + 0.15 * u])
        fit = np.polyfit(np.concatenate([x, z]), y, 2, w=np.repeat([1, w**0.5], [20, 40]))
        excess.append(np.sum(world.pair.p * (np.polyval(fit, at) - 4 * (at - 0.5) ** 2) ** 2))
    row = (got["replicate"] == r) & (got["weight"] == w)
    assert got["excess"][row] == pytest.approx(np.mean(excess), rel=1e-8)
    assert got["excess_one"][row] == pytest.approx(excess[0], rel=1e-8)


def test_measured_over_predicted_is_one_and_a_wrong_prediction_is_not() -> None:
    """30 replicates of 400 draws: within 5 standard errors at both weights; a prediction for right responses fails."""
    got = compute(config(draws=400, weights=[0.3, 1.0], multiples=[]))
    for weight in (0.3, 1.0):
        row = got["weight"] == weight
        error = got["ratio"][row].std() / np.sqrt(30)
        assert abs(got["ratio"][row].mean() - 1) < 5 * error < abs(got["ratio_right"][row].mean() - 1)
    assert (got["excess_one"] <= got["bound_share"] + 1e-12).all()
    assert (got["excess_one"] > got["error_mixed"]).any()


@pytest.mark.parametrize(
    ("part", "message"),
    [({"task": {"kind": "sine"}}, "polynomial of degree 2"), ({"responses": {"kind": "fitted"}}, "designed")],
)
def test_what_the_prediction_does_not_cover_is_refused(part: dict[str, Any], message: str) -> None:
    measurement, cell = assemble(config() | {"parts": PARTS | part})
    with pytest.raises(ConfigError, match=message):
        measurement.check(cell)
    with pytest.raises(ConfigError, match="weights"):
        build("measurement", {"kind": "mixing", "weights": [-1.0]})
