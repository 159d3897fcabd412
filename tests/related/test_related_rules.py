"""The rules of the neighbouring experiments, on rows made up for them; and all nine at smoke size."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from experiments.rng import stream
from figures.claims.rules import near, scaling_floor, scaling_forecast, slope_between, turns
from figures.claims.verdict import Outcome
from tests.conftest import command

R = 60


def rows(axis: str, values: list[float], means: list[float], noise: float = 0.05) -> pd.DataFrame:
    rng = stream(1, "rule")
    parts = [
        pd.DataFrame({axis: v, "g": "a", "replicate": range(R), "x": m * (1 + noise * rng.standard_normal(R))})
        for v, m in zip(values, means)
    ]
    return pd.concat(parts, ignore_index=True)


def judged(rule: Any, table: pd.DataFrame, **params: Any) -> Outcome:
    outcome: Outcome = rule.judge(table, {"group": ["g"], "level": 0.999} | params)
    return outcome


@pytest.mark.parametrize(("predicted", "verdict"), [(1.0, "holds"), (0.5, "violated"), (0.91, "inconclusive")])
def test_near(predicted: float, verdict: str) -> None:
    assert judged(near, rows("n", [1], [1.0], 0.1), columns={"x": predicted}, margin=0.1).verdict == verdict


def test_near_counts_shares() -> None:
    table = pd.DataFrame({"g": "a", "x": np.repeat([0, 1], [950, 50])})
    assert judged(near, table, columns={"x": 0.05}, margin=0.03).verdict == "holds"
    assert judged(near, table, columns={"x": 0.2}, margin=0.5, relative=True).verdict == "violated"


@pytest.mark.parametrize(("low", "verdict"), [(-0.6, "holds"), (-0.3, "violated"), (-0.5, "inconclusive")])
def test_slope_between(low: float, verdict: str) -> None:
    sizes = [100.0, 200.0, 400.0, 800.0]
    table = rows("n", sizes, [n**-0.5 for n in sizes])
    assert judged(slope_between, table, column="x", axis="n", low=low).verdict == verdict


@pytest.mark.parametrize(
    ("means", "verdict"), [([2.0, 1.0, 2.0], "holds"), ([3.0, 2.0, 1.0], "violated"), ([2.0, 2.0, 2.0], "inconclusive")]
)
def test_turns(means: list[float], verdict: str) -> None:
    assert judged(turns, rows("m", [0, 1, 2], means), column="x", axis="m").verdict == verdict


def scaled(floor: float) -> pd.DataFrame:
    sizes = [50.0 * 2**k for k in range(8)]
    table = rows("n", sizes, [floor + 5 / n for n in sizes], 0.02)
    return table.assign(zero=0.0, limit=0.1)


def test_scaling_floor() -> None:
    params = {"column": "x", "minus": "zero", "limit": "limit", "share": 0.1}
    assert judged(scaling_floor, scaled(0.1), **params).verdict == "holds"
    assert judged(scaling_floor, scaled(0.05), **params).verdict == "violated"


def test_scaling_forecast() -> None:
    params = {"column": "x", "minus": "zero", "ahead": 4, "share": 0.5}
    assert judged(scaling_forecast, scaled(0.1), floor=True, **params).verdict == "holds"
    assert judged(scaling_forecast, scaled(0.1), floor=False, **params).verdict == "violated"


def test_all_nine_run_at_smoke_size(tmp_path: Path) -> None:
    done = command(["experiment=related", "budget=smoke"], tmp_path)
    assert done.code in (0, 1), done.complained
    claims = json.loads((tmp_path / "smoke" / "claims.json").read_text())
    controlled = {f"{c['experiment']}/{c['of']}" for c in claims if c["kind"] == "control"}
    assert {c["id"] for c in claims if c["kind"] == "claim"} <= controlled
    assert len(list((tmp_path / "smoke" / "figures").glob("related-*.png"))) == 9
    page = (tmp_path / "smoke" / "report.html").read_text()
    assert page.count("data:image/png;base64,") == 9, "experiments without a claim are shown too"
    assert page.count("Neighbouring theory") == 1
