"""Rules about real data, on losses made so that each must hold, must fail, and cannot tell."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from tests.figures.claims.synthetic_rows import judged, losses, told_apart

REAL = {"a": 0.1, "b": 0.3, "c": 0.5}
EIGHT = dict(zip("abcdefgh", np.linspace(0.1, 0.8, 8)))
RULES: dict[str, dict[str, Any]] = {
    "order_kept": {},
    "gap_within": {"margin": 0.1},
    "gap_grows": {"start": "a", "end": "b"},
    "resolved_order_kept": {"least": 0.5},
    "certified_pairs": {"certificate": "resolved", "confidence": 0.95, "most": 0.1},
}


@pytest.mark.parametrize("name", RULES)
@pytest.mark.parametrize("source", ["gaussian", "real"])
def test_without_two_sources_nothing_is_said(name: str, source: str) -> None:
    assert judged(name, losses({source: REAL}), **RULES[name]).verdict == "inconclusive"


@pytest.mark.parametrize(
    ("synthetic", "of_all", "of_resolved"),
    [
        ({"a": 0.2, "b": 0.4, "c": 0.6}, "holds", "holds"),
        ({"a": 0.6, "b": 0.4, "c": 0.7}, "violated", "violated"),
        ({"a": 0.4, "b": 0.4, "c": 0.6}, "holds", "holds"),  # two of three stay resolved
        ({"a": 0.4, "b": 0.4, "c": 0.4}, "inconclusive", "inconclusive"),
    ],
)
def test_order_kept(synthetic: dict[str, float], of_all: str, of_resolved: str) -> None:
    table = losses({"real": REAL, "gaussian": synthetic})
    assert judged("order_kept", table).verdict == of_all
    outcome = judged("resolved_order_kept", table, least=0.5)
    assert (outcome.verdict, outcome.counts["resolved on real data"]) == (of_resolved, 3)


def test_resolved_order_kept_asks_nothing_of_pairs_that_real_data_leave_open() -> None:
    table = losses({"real": {"a": 0.1, "b": 0.1, "c": 0.3, "d": 0.5}, "gaussian": {"a": 0.3, "b": 0.1, "c": 0.5, "d": 0.7}})
    outcome = judged("resolved_order_kept", table, least=0.5)
    assert outcome.counts["resolved on real data"] == 5
    assert (outcome.verdict, outcome.counts["flipped"]) == ("holds", 0)


@pytest.mark.parametrize(("risk", "verdict"), [(0.1, "holds"), (0.3, "violated"), (0.2, "inconclusive")])
def test_gap_within(risk: float, verdict: str) -> None:
    table = losses({"real": {"a": 0.1, "b": 0.3}, "gaussian": {"a": risk, "b": 0.3}})
    assert judged("gap_within", table, margin=0.1).verdict == verdict


@pytest.mark.parametrize(("last", "verdict"), [(0.4, "holds"), (0.1, "violated"), (0.2, "inconclusive")])
def test_gap_grows(last: float, verdict: str) -> None:
    table = losses({"real": REAL, "few": dict.fromkeys(REAL, 0.2), "many": dict.fromkeys(REAL, last)})
    outcome = judged("gap_grows", table, start="few", end="many")
    assert outcome.verdict == verdict
    assert outcome.estimates["growth"].value == pytest.approx(last - 0.2, abs=0.06)  # four standard errors


@pytest.mark.parametrize(
    ("certificate", "synthetic", "verdict"),
    [
        ("resolved", {name: risk + 0.1 for name, risk in EIGHT.items()}, "holds"),
        ("real", {name: 0.9 - risk for name, risk in EIGHT.items()}, "violated"),
        ("resolved", dict.fromkeys(EIGHT, 0.3), "inconclusive"),  # none is certified
    ],
)
def test_certified_pairs(certificate: str, synthetic: dict[str, float], verdict: str) -> None:
    """28 pairs, all right or all wrong: the exact interval at 80% is then below 0.1 or above it."""
    table = losses({"real": EIGHT, "gaussian": synthetic})
    params = {"certificate": certificate, "confidence": 0.95, "most": 0.1, "level": 0.8}
    assert judged("certified_pairs", table, **params).verdict == verdict


@pytest.mark.parametrize(
    ("area", "risks", "verdict"),
    [
        (0.97, {"a": 0.1, "b": 0.5}, "holds"),
        (0.97, {"a": 0.3, "b": 0.5}, "violated"),
        (0.97, {"a": 0.1, "b": 0.3}, "inconclusive"),
        (0.7, {"a": 0.1, "b": 0.5}, "inconclusive"),  # fidelity is not low
    ],
)
def test_fidelity_leaves_open(area: float, risks: dict[str, float], verdict: str) -> None:
    trained = losses({"real": {"a": 0.1, "b": 0.3}, "loose": risks}).astype({"model": object})
    table = pd.concat([trained, told_apart("real", 0.5), told_apart("loose", area)], ignore_index=True)
    params = {"focus": {"dataset": "digits"}, "auc": 0.85, "margin": 0.05, "level_tau": 0.95}
    assert judged("fidelity_leaves_open", table, **params).verdict == verdict
