"""Columns about linear classes, against polynomial fits and integrals of their own, and against mended worlds."""

from typing import Any

import numpy as np
import pytest
from scipy.integrate import quad

from experiments.config.registry import ConfigError
from experiments.engine.grid import assemble
from experiments.engine.run import compute
from experiments.world import World, draw

LAWS: dict[str, dict[str, Any]] = {
    "ends": {"kind": "beta_mixture", "a": (10.0, 1.0), "b": (1.0, 10.0)}, "middle": {"kind": "beta", "a": 2.0, "b": 2.0},
}  # fmt: skip


def config(measurement: str, law: dict[str, Any], replicates: int, task: dict[str, Any], **parts: Any) -> dict[str, Any]:
    fixed = {"real_law": {"kind": "uniform"}, "generator": {"kind": "two_stage"}, "learner": {"kind": "poly"}, "ratio": 1.0}
    world = {"task": {"kind": "kinked"} | task, "synthetic_law": law, "responses": {"kind": "oracle"}, "n": 40}
    spec = {"kind": measurement, "nodes": 160, "test_size": 50}
    return {"measurement": spec, "parts": fixed | world | parts, "replicates": replicates, "seed": 7}


@pytest.mark.parametrize("law", LAWS)
def test_risks_and_their_predictions(law: str) -> None:
    """A line's squared error a + bx integrates to a^2 + ab + b^2/3; means of 300 within 5 standard errors of the designs'."""
    spec = config("least_squares", LAWS[law], 300, {"kink": 0.0, "slope": 1.0})
    got = compute(spec)
    cell = assemble(spec)[1]
    data = draw(cell, World.of(cell, 160))
    for name, x, y in (("real", data.x_real, data.y_real), ("synthetic", data.x_synthetic, data.y_synthetic)):
        b, a = np.transpose([np.polyfit(u[:, 0], v, 1) for u, v in zip(x[:50], y[:50])]) - [[1.0], [0.0]]
        np.testing.assert_allclose(got[f"excess_{name}"][:50], a**2 + a * b + b**2 / 3, rtol=1e-6)
        off = got[f"excess_{name}"] - got[f"predicted_{name}"]
        assert abs(off.mean()) < 5 * off.std() / np.sqrt(off.size)
        # Moments of x by hand: S = (n, Σx; Σx, Σx²), tr(Σ_P S⁻¹) = (Σx² − Σx + n/3)/(n Σx² − (Σx)²).
        first, second = x.sum(axis=(1, 2)), (x**2).sum(axis=(1, 2))
        trace = (second - first + 40 / 3) / (40 * second - first**2)
        np.testing.assert_allclose(got[f"predicted_{name}"], 0.09 * trace, rtol=1e-6)
    assert (got["excess_synthetic"] <= got["bound_class"] * (1 + 1e-9)).all()
    # On [-1, 1] the variance is 1/5 in the middle; at the ends E x² = 10/12 and E x = 10/11 for one part.
    variance = 0.2 if law == "middle" else 4 * 10 / 12 - 4 * 10 / 11 + 1
    assert got["exchange_rate"][0] == pytest.approx((1 + 1 / (3 * variance)) / 2, rel=1e-6)
    assert got["class_transfer"][0] == pytest.approx(max(1, 1 / (3 * variance)), rel=1e-6)


def test_it_is_about_linear_classes() -> None:
    spec = config("least_squares", LAWS["ends"], 2, {}, learner={"kind": "knn"})
    measurement, cell = assemble(spec)
    with pytest.raises(ConfigError, match=r"learner.*not least squares"):
        measurement.check(cell)


def test_mended_limits_are_those_of_mended_worlds() -> None:
    """With one cause mended the same cell has that limit; the response error has its size under Q, so it is scaled for P."""
    law, bent, biased = {"kind": "beta", "a": 1.0, "b": 2.5}, {"kink": 0.3}, {"kind": "biased", "e_r": 0.2, "frequency": 0.75}

    def first(law: dict[str, Any], task: dict[str, Any], responses: dict[str, Any]) -> dict[str, float]:
        return {k: v[0] for k, v in compute(config("simulated", law, 2, task, responses=responses)).items()}

    got = first(law, bent, biased)
    wave = [quad(lambda x, b=b: np.cos(1.5 * np.pi * x) ** 2 * b * (1 - x) ** (b - 1), 0, 1)[0] for b in (1.0, 2.5)]
    scaled = biased | {"e_r": 0.2 * (wave[0] / wave[1]) ** 0.5}
    worlds = {
        "limit": (law, bent, biased),
        "limit_right_features": ({"kind": "uniform"}, bent, scaled),
        "limit_right_class": (law, {"kink": 0.0}, biased),
        "limit_exact_responses": (law, bent, {"kind": "oracle"}),
    }
    for name, world in worlds.items():
        assert got[name] == pytest.approx(first(*world)["limit"], rel=1e-4), name
    assert got["limit"] <= got["bound_limit"]
