"""Rules about slopes, on rows made so that each must hold, must fail, and cannot tell."""

import numpy as np
import pandas as pd
import pytest

from experiments.estimators.intervals import Interval
from experiments.estimators.slopes import slope_excess
from figures.claims.judge import rule
from figures.claims.verdict import settled_by
from tests.figures.synthetic_rows import LEVEL, rows

SIZES = [100, 400, 1600, 6400]
GROUP = ["synthetic_law"]


def power(rate: float, **labels: object) -> pd.DataFrame:
    return rows(SIZES, lambda n: n**rate, synthetic_law="beta", **labels)


@pytest.mark.parametrize(
    ("slope", "predicted", "verdict"),
    [(-0.5, -0.3, "holds"), (-0.2, -0.3, "violated"), (-0.3, -0.3, "inconclusive")],
)
def test_slope_at_most(slope: float, predicted: float, verdict: str) -> None:
    params = {"column": "value", "predicted": "predicted", "group": GROUP, "level": LEVEL}
    assert rule("slope_at_most")(power(slope, predicted=predicted), params).verdict == verdict


def test_slope_at_most_without_prediction() -> None:
    params = {"column": "value", "predicted": "predicted", "group": GROUP, "level": LEVEL}
    assert rule("slope_at_most")(power(-0.5, predicted=np.nan), params).verdict == "inconclusive"


@pytest.mark.parametrize(
    ("slope", "exponent", "verdict"), [(-0.8, 1.0, "holds"), (-0.2, 1.0, "violated"), (-0.5, 1.0, "inconclusive")]
)
def test_slope_as_power(slope: float, exponent: float, verdict: str) -> None:
    table = power(slope, exponent=exponent)
    table["against"] = rows(SIZES, lambda n: n**-0.5, 0.1, synthetic_law="beta")["value"]
    params = {"column": "value", "against": "against", "exponent": "exponent", "group": GROUP, "level": LEVEL}
    assert rule("slope_as_power")(table, params).verdict == verdict


def test_slope_excess_covers() -> None:
    """Its 95% interval covers the truth in 95% of 400 repetitions: within 5 standard errors, false alarms below 1e-6."""
    rng, covered = np.random.default_rng(0), 0
    sizes = np.array([100.0, 400.0, 1600.0])
    for _ in range(400):
        base = rng.standard_normal((1, 40))
        first = sizes[:, None] ** -0.7 * np.exp(0.2 * base + 0.1 * rng.standard_normal((3, 40)))
        second = sizes[:, None] ** -0.5 * np.exp(0.2 * base + 0.1 * rng.standard_normal((3, 40)))
        covered += slope_excess(sizes, first, second, 0.8, 0.95).contains(-0.7 + 0.4)
    assert abs(covered / 400 - 0.95) < 5 * np.sqrt(0.95 * 0.05 / 400)


def test_slope_excess_of_a_column_against_itself_is_zero() -> None:
    table = np.random.default_rng(1).random((3, 20)) + 1
    found = slope_excess([1, 2, 4], table, table, 1.0)
    assert found.value == pytest.approx(0, abs=1e-12)
    assert found.half_width == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize(("slope", "verdict"), [(0.3, "holds"), (-0.3, "violated"), (0.0, "inconclusive")])
def test_rising(slope: float, verdict: str) -> None:
    params = {"column": "value", "group": GROUP, "level": LEVEL}
    assert rule("rising")(power(slope), params).verdict == verdict


def test_rising_of_a_share_and_on_another_axis() -> None:
    table = power(-0.5).assign(bound=lambda t: t["n"] ** -0.8, e_r=lambda t: t["n"] / 100.0)
    share = {"column": "value", "of": "bound", "group": GROUP, "level": LEVEL}
    assert rule("rising")(table, share).verdict == "holds"
    assert rule("rising")(table, share | {"axis": "e_r"}).verdict == "holds"


def test_rising_looks_only_at_the_cells_asked_for() -> None:
    table = power(0.3).assign(e_s=0.1, e_r=lambda t: np.where(t["n"] > 100, 1.0, 0.1))
    params = {"column": "value", "group": GROUP, "level": LEVEL, "small": "e_s", "large": "e_r", "share": 0.25}
    assert rule("rising")(table, params).verdict == "holds"
    assert rule("rising")(table, params | {"share": 0.01}).verdict == "inconclusive"
    assert rule("rising")(table[table["n"] > 400], params).verdict == "inconclusive"


def test_vanishing_along_m() -> None:
    table = power(-0.5).assign(m=lambda t: 3 * t["n"], n=100)
    params = {"column": "value", "group": ["n"], "threshold": -0.1, "level": LEVEL, "axis": "m"}
    assert rule("vanishing")(table, params).verdict == "holds"


def test_what_would_settle_an_open_question() -> None:
    """A half-width of 0.2 at 50 replicates is 0.1 at four times as many."""
    assert "about 200 replicates" in settled_by(Interval(-0.2, -0.4, 0.0, 0.999), -0.1, 50)
    assert settled_by(Interval(-0.2, -0.3, -0.15, 0.999), -0.1, 50) == ""
    assert "no number" in settled_by(Interval(-0.1, -0.3, 0.1, 0.999), -0.1, 50)
    outcome = rule("vanishing")(
        rows(SIZES, lambda n: n**-0.13, 0.5, synthetic_law="beta"),
        {"column": "value", "group": GROUP, "threshold": -0.1, "level": LEVEL},
    )
    assert outcome.verdict == "inconclusive"
    assert "would settle it" in outcome.reason


@pytest.mark.parametrize(
    ("worst", "smooth", "verdict"), [(2.0, 1.0, "holds"), (1.0, 2.0, "violated"), (1.0, 1.0, "inconclusive")]
)
def test_costs_more(worst: float, smooth: float, verdict: str) -> None:
    parts = [
        rows([100, 400], lambda _, c=cost: c, 0.1, synthetic_law="beta", learner="knn", e_r=0.3, responses=f"{kind}(e_r=0.3)")
        for kind, cost in (("worst", worst), ("biased", smooth))
    ]
    parts[1]["value"] *= 1 + 0.01 * np.random.default_rng(0).standard_normal(len(parts[1]))
    params = {"column": "value", "more": "worst", "less": "biased", "least": 0.1, "most": 0.5, "level": LEVEL}
    assert rule("costs_more")(pd.concat(parts), params).verdict == verdict
    assert rule("costs_more")(pd.concat(parts), params | {"least": 0.4}).verdict == "inconclusive"
