"""Rules about slopes, limits and scaling laws, on rows made so that each must hold, must fail, and cannot tell."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from experiments.estimators.intervals import Interval
from figures.claims.plant import planted
from figures.claims.rules.family import replicates_needed
from tests.figures.claims.synthetic_rows import judged, rows

SIZES = [100, 200, 400, 800, 1600]
LAW: dict[str, Any] = {"column": "value", "group": ["synthetic_law"]}


def power(rate: float, **labels: Any) -> pd.DataFrame:
    return rows(SIZES, lambda n: (n / 100) ** rate, **labels)


def settling(limit: float, spread: float = 0.1, **labels: Any) -> pd.DataFrame:
    return rows(SIZES, lambda n: limit + 20 / n, spread, **labels)


SLOPES: dict[str, tuple[dict[str, Any], dict[float, str]]] = {
    "vanishing": ({"reference": -0.4}, {-0.5: "holds", -0.1: "violated", 0.3: "violated", -0.3: "inconclusive"}),
    "slope_at_most": ({"predicted": "predicted"}, {-0.5: "holds", -0.2: "violated", -0.3: "inconclusive"}),
    "slope_as_power": ({"against": "half", "exponent": "one"}, {-0.8: "holds", -0.2: "violated", -0.5: "inconclusive"}),
    "rising": ({}, {0.3: "holds", -0.3: "violated", 0.0: "inconclusive"}),
}


@pytest.mark.parametrize(("name", "slope"), [(name, slope) for name, (_, cases) in SLOPES.items() for slope in cases])
def test_a_slope_against_what_is_claimed_of_it(name: str, slope: float) -> None:
    params, verdicts = SLOPES[name]
    table = power(slope, predicted=-0.3, one=1.0).assign(half=power(-0.5)["value"])
    assert judged(name, table, **LAW, **params).verdict == verdicts[slope]


@pytest.mark.parametrize(
    ("rate", "margin", "verdict"), [(-0.5, 0.2, "holds"), (-0.2, 0.2, "violated"), (-0.5, 0.01, "inconclusive")]
)
def test_slope_matches(rate: float, margin: float, verdict: str) -> None:
    """A slope as predicted by a column's means, or by an exponent."""
    table = power(-0.5).assign(foreseen=power(rate, one=1.0)["value"], rate=rate)
    for source in ({"predicted": "foreseen"}, {"predicted": "value", "exponent": "rate"}):
        assert judged("slope_matches", table, **LAW, **source, margin=margin).verdict == verdict
    unknown = judged("slope_matches", table.assign(rate=np.nan), **LAW, predicted="value", exponent="rate", margin=1)
    assert unknown.verdict == "inconclusive"


def test_an_unknown_prediction_decides_nothing() -> None:
    table = power(-0.5, predicted=np.nan)
    assert judged("slope_at_most", table, **LAW, predicted="predicted").verdict == "inconclusive"


@pytest.mark.parametrize(("name", "params"), [("vanishing", {"reference": -0.5}), ("limit_above", {"least": 0.5})])
def test_every_group_counts_and_the_worst_is_named(name: str, params: dict[str, float]) -> None:
    both = pd.concat([power(-0.7), settling(1.0, synthetic_law="uncovered")])
    outcome = judged(name, both, **LAW, **params)
    assert outcome.verdict == "violated"
    assert ("uncovered" if name == "vanishing" else "beta") in outcome.reason
    sizes = 1 if name == "vanishing" else 2
    assert judged(name, both[both["n"] <= SIZES[sizes - 1]], **LAW, **params).verdict == "inconclusive", "too few sizes"


def test_vanishing_along_m() -> None:
    table = power(-0.5).assign(m=lambda t: 3 * t["n"], n=100)
    assert judged("vanishing", table, column="value", group=["n"], reference=-0.5, axis="m").verdict == "holds"


def test_vanishing_looks_at_the_end_and_names_its_reference() -> None:
    """Level from 400 on: the whole range still falls. A number, a column of rates and one that falls at the rate agree."""
    level = rows(SIZES, lambda n: max(400 / n, 1))
    assert judged("slope_between", level, **LAW, axis="n", high=-0.1).verdict == "holds"
    assert judged("vanishing", level, **LAW, reference=-0.1).verdict == "violated"
    table = power(-0.5).assign(rate=-0.5, real=lambda t: 3 * t["n"] ** -0.5)
    for params in ({"reference": -0.5}, {"reference": "rate"}, {"against": "real", "source": "the real fit"}):
        outcome = judged("vanishing", table, **LAW, **params)
        assert outcome.verdict == "holds"
        assert "over n ≥ 400 (beta), must be below 0.75 × -0.50" in outcome.reason
    assert outcome.reason.endswith("the real fit")
    steeper = {"reference": -0.9, "against": "real"}, {"reference": -0.1, "against": "fast"}
    for params in steeper:
        assert judged("vanishing", table.assign(fast=table["n"] ** -0.9), **LAW, **params).verdict == "violated"
    for rate, verdict in ((0.3, "violated"), (np.nan, "inconclusive")):
        risen = power(0.2).assign(rate=rate, real=lambda t: t["n"] ** t["rate"])
        for params in ({"reference": "rate"}, {"against": "real"}):
            assert judged("vanishing", risen, **LAW, **params).verdict == verdict


def test_a_planted_floor_of_half_of_the_utility_is_found() -> None:
    """80 runs of 300 replicates at rates 1/3 to 1, each at 99.9%, gaps as skewed as ours (coefficient of variation 0.75).

    None may hold: at most 5% of runs do, then, at 98% confidence. A floor shows as a slope flatter than the threshold.
    """
    rng, n, runs, replicates = np.random.default_rng(3), np.array([1000, 2000, 4000]), 80, 300
    rates = np.repeat([1 / 3, 1 / 2, 2 / 3, 1], runs // 4)
    spread = np.sqrt(np.log1p(0.75**2))
    gap = (n / 1000) ** -rates[:, None, None] * rng.lognormal(-(spread**2) / 2, spread, (runs, replicates, 3))
    run, replicate, k = (a.ravel() for a in np.broadcast_arrays(*np.ogrid[:runs, :replicates, :3]))
    table = pd.DataFrame({"run": run, "replicate": replicate, "n": n[k], "rate": -rates[run], "gap": gap.ravel()})
    table = table.assign(utility=table["gap"], bias=0.3 * np.sqrt(table["gap"]) * rng.standard_normal(gap.size))
    params = {"column": "utility", "group": ["run"], "reference": "rate", "level": 1 - 0.001 * runs}
    for shift in ("", "bias"):
        floor = planted(table, column="utility", by=("run",), shift=shift)
        assert all(off.high > 0 for off in judged("vanishing", floor, **params).estimates.values())
    assert np.all(np.log2((4**rates + 1) / 2) / 2 < 0.75 * rates)


@pytest.mark.parametrize(("low", "verdict"), [(-0.6, "holds"), (-0.3, "violated"), (-0.5, "inconclusive")])
def test_slope_between(low: float, verdict: str) -> None:
    outcome = judged("slope_between", power(-0.5), **LAW, axis="n", low=low)
    assert outcome.verdict == verdict
    assert outcome.reason.endswith(f"expected in [{low}, ∞]")


def test_rising_of_a_share_on_another_axis_and_in_some_cells() -> None:
    table = power(-0.5).assign(bound=lambda t: t["n"] ** -0.8, e_r=lambda t: t["n"] / 100.0)
    assert judged("rising", table, **LAW, of="bound").verdict == "holds"
    assert judged("rising", table, **LAW, of="bound", axis="e_r").verdict == "holds"
    table, params = power(0.3).assign(e_s=0.1, e_r=lambda t: np.where(t["n"] > 100, 1.0, 0.1)), {"small": "e_s", "large": "e_r"}
    assert judged("rising", table, **LAW, **params, share=0.25).verdict == "holds"
    assert judged("rising", table, **LAW, **params, share=0.01).verdict == "inconclusive"
    assert judged("rising", table[table["n"] > 400], **LAW, **params, share=0.25).verdict == "inconclusive"


def test_how_many_replicates_would_resolve_an_open_question() -> None:
    """A half-width of 0.2 at 50 replicates is 0.1 at four times as many."""
    assert "about 200 replicates" in replicates_needed(Interval(-0.2, -0.4, 0.0, 0.999), -0.1, 50)
    assert replicates_needed(Interval(-0.2, -0.3, -0.15, 0.999), -0.1, 50) == ""
    assert "no number" in replicates_needed(Interval(-0.1, -0.3, 0.1, 0.999), -0.1, 50)
    outcome = judged("vanishing", rows(SIZES, lambda n: n**-0.45, 0.5), **LAW, reference=-0.5)
    assert outcome.verdict == "inconclusive"
    assert "would resolve it" in outcome.reason


@pytest.mark.parametrize(
    ("limit", "spread", "verdict"),
    [(1.0, 0.1, "holds"), (0.0, 0.1, "violated"), (0.5, 0.1, "inconclusive"), (1.0, 8.0, "inconclusive")],
)
def test_limit_above(limit: float, spread: float, verdict: str) -> None:
    assert judged("limit_above", settling(limit, spread), **LAW, least=0.5).verdict == verdict


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize(
    ("limit", "spread", "verdict"),
    [(1.0, 0.1, "holds"), (1.2, 0.1, "violated"), (0.0, 0.1, "violated"), (1.0, 3.0, "inconclusive")],
)
def test_settles_at(limit: float, spread: float, verdict: str, sign: int) -> None:
    """The margin is a share of the largest absolute value of a column: predictions may be negative, and called as they like."""
    table = settling(1.0, spread, foreseen=sign * limit, largest=sign * 1.0)
    table["value"] *= sign
    assert judged("settles_at", table, **LAW, limit="foreseen", margin=0.2, scale="largest").verdict == verdict
    assert judged("settles_at", table, **LAW, limit=sign * limit, margin=0.2, scale="largest").verdict == verdict


@pytest.mark.parametrize(("margin", "verdict"), [(0.2, "holds"), (0.001, "inconclusive")])
def test_settles_at_with_an_absolute_margin(margin: float, verdict: str) -> None:
    assert judged("settles_at", settling(1.0), **LAW, limit=1.0, margin=margin).verdict == verdict


def scaled(floor: float, sign: int = 1) -> pd.DataFrame:
    table = rows([50 * 2**k for k in range(8)], lambda n: floor + 5 / n, 0.02, 60)
    return table.assign(value=sign * table["value"], zero=0.0, foreseen=sign * 0.1)


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize(("floor", "verdict"), [(0.1, "holds"), (0.05, "violated")])
def test_scaling_floor(floor: float, verdict: str, sign: int) -> None:
    params = LAW | {"minus": "zero", "limit": "foreseen", "scale": "foreseen", "margin": 0.1}
    assert judged("scaling_floor", scaled(floor, sign), **params).verdict == verdict


def test_scaling_forecast() -> None:
    params = LAW | {"minus": "zero", "ahead": 4, "share": 0.5}
    assert judged("scaling_forecast", scaled(0.1), floor=True, **params).verdict == "holds"
    assert judged("scaling_forecast", scaled(0.1), floor=False, **params).verdict == "violated"
