"""Rules about means and bounds, on rows made so that each must hold, must fail, and cannot tell."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from figures.claims.judge import rule
from tests.figures.claims.synthetic_rows import judged, rows

SIZES = [100, 200, 400]
LAW: dict[str, Any] = {"group": ["synthetic_law"]}


@pytest.mark.parametrize(
    ("bound", "verdict"), [(1.5, "holds"), (0.7, "violated"), (1.0, "inconclusive"), (np.nan, "inconclusive")]
)
def test_mean_below(bound: float, verdict: str) -> None:
    table = rows(SIZES, lambda n: 1.0, 0.2, bound=bound)
    assert judged("mean_below", table, **LAW, column="value", bound="bound").verdict == verdict


@pytest.mark.parametrize(("predicted", "verdict"), [(1.0, "holds"), (0.5, "violated"), (0.91, "inconclusive")])
def test_mean_matches(predicted: float, verdict: str) -> None:
    table = rows([1], lambda n: 1.0, foreseen=predicted)
    assert judged("mean_matches", table, **LAW, columns={"value": predicted}, margin=0.1).verdict == verdict
    assert judged("mean_matches", table, **LAW, columns={"value": "foreseen"}, margin=0.1).verdict == verdict


@pytest.mark.parametrize(
    ("predicted", "margin", "verdict"), [(1.0, 0.1, "holds"), (0.9, 0.1, "violated"), (1.0, 0.01, "inconclusive"),
                                         (np.nan, 0.1, "inconclusive")],
)  # fmt: skip
def test_mean_predicted(predicted: float, margin: float, verdict: str) -> None:
    table = rows(SIZES, lambda n: 1.0, foreseen=predicted)
    assert judged("mean_predicted", table, **LAW, column="value", predicted="foreseen", margin=margin).verdict == verdict


def test_mean_predicted_looks_at_every_cell_and_pairs_replicates() -> None:
    table = rows(SIZES, lambda n: 1.0, 0.5).assign(foreseen=lambda t: t["value"] + 0.01 * (t["n"] == 200))
    outcome = judged("mean_predicted", table, **LAW, column="value", predicted="foreseen", margin=0.1)
    assert (outcome.verdict, outcome.counts["missed"]) == ("violated", 1)


@pytest.mark.parametrize(
    ("shares", "verdict"), [((0.9, 0.8, 0.2), "holds"), ((0.9, 0.3, 0.2), "violated"), ((0.9, 0.5, 0.2), "inconclusive")]
)
def test_median_share_above(shares: tuple[float, ...], verdict: str) -> None:
    parts = [rows(SIZES, lambda n, s=s: s if n == 400 else 2 - s, synthetic_law=str(s), bound=1.0) for s in shares]
    params = LAW | {"column": "value", "bound": "bound", "least": 0.5}
    assert judged("median_share_above", pd.concat(parts), **params).verdict == verdict
    assert judged("median_share_above", parts[0].assign(bound=np.nan), **params).verdict == "inconclusive"


def test_mean_matches_of_shares() -> None:
    table = pd.DataFrame({"synthetic_law": "beta", "x": np.repeat([0, 1], [950, 50])})
    assert judged("mean_matches", table, **LAW, columns={"x": 0.05}, margin=0.03).verdict == "holds"
    assert judged("mean_matches", table, **LAW, columns={"x": 0.2}, margin=0.5, relative=True).verdict == "violated"


@pytest.mark.parametrize(
    ("ratio", "at_most", "near_one"),
    [(0.8, "holds", "violated"), (1.0, "inconclusive", "holds"), (1.2, "violated", "violated")],
)
def test_ratios_of_means(ratio: float, at_most: str, near_one: str) -> None:
    """About ratio ± 3.6 √2 · 0.03/√37 = ±0.025; a factor that both columns share drops out, or it would be ±0.3."""
    table = rows([1], lambda n: 1.0, 0.03).assign(wanted=3.0)
    shared = 1 + 5 * table["replicate"]
    table = table.assign(over=table["value"][::-1].to_numpy() * ratio * shared, value=table["value"] * shared)
    group = {"group": ["synthetic_law", "n"], "column": "over", "of": "value"}
    assert judged("ratio_below", table, **group, most=1.0).verdict == at_most
    named = {"predicted": "wanted", "predicted_of": "wanted"}
    assert judged("ratio_matches", table, **group, **named, margin=0.15).verdict == near_one
    assert judged("ratio_matches", table, **group, **named, margin=0.01).verdict != "holds"
    assert judged("ratio_below", table[:1], **group, most=1.0).verdict == "inconclusive"
    assert judged("ratio_matches", table[:1], **group, **named, margin=1.0).verdict == "inconclusive"


@pytest.mark.parametrize(
    ("means", "verdict"), [([2.0, 1.0, 2.0], "holds"), ([3.0, 2.0, 1.0], "violated"), ([2.0, 2.0, 2.0], "inconclusive")]
)
def test_dips_between(means: list[float], verdict: str) -> None:
    table = rows([0, 1, 2], lambda m: means[m], 0.05, axis="m")
    assert judged("dips_between", table, **LAW, column="value", axis="m").verdict == verdict


@pytest.mark.parametrize(
    ("worst", "biased", "verdict"), [(2.0, 1.0, "holds"), (1.0, 2.0, "violated"), (1.0, 1.0, "inconclusive")]
)
def test_costs_more(worst: float, biased: float, verdict: str) -> None:
    costs = {"worst": worst, "biased": biased}
    labels = {"learner": "knn", "m": 100, "e_r": 0.3}
    parts = [rows([100, 400], lambda _, c=c: c, responses=f"{kind}(e_r=0.3)", **labels) for kind, c in costs.items()]
    parts[1]["value"] *= 1 + 0.01 * np.random.default_rng(0).standard_normal(len(parts[1]))
    params = {"column": "value", "more": "worst", "less": "biased"}
    assert judged("costs_more", pd.concat(parts), **params, least=0.1).verdict == verdict
    assert judged("costs_more", pd.concat(parts), **params, least=0.4).verdict == "inconclusive"


def test_costs_more_looks_at_every_learner() -> None:
    """The second learner contradicts: its cell must not replace the first one's, nor be replaced by it."""
    cells = [("worst", "knn", 2.0), ("biased", "knn", 1.0), ("worst", "poly", 1.0), ("biased", "poly", 2.0)]
    parts = [rows([100], lambda _, c=c: c, learner=name, m=100, e_r=0.3, responses=kind) for kind, name, c in cells]
    for part, shift in zip(parts, (0.0, 0.1, 0.0, 0.1)):
        part["value"] += shift * np.random.default_rng(0).standard_normal(len(part))
    params = {"column": "value", "more": "worst", "less": "biased", "least": 0.1}
    for order in (parts, parts[2:] + parts[:2]):
        outcome = judged("costs_more", pd.concat(order), **params)
        assert (outcome.verdict, len(outcome.estimates)) == ("violated", 2)


def test_never_above_sees_a_single_replicate() -> None:
    table = rows(SIZES, lambda n: 1.0, 0.0, bound=1.0, sup_norm=1.0)
    never_above = rule("never_above", {"column": "value", "bound": "bound"})
    assert never_above(table).verdict == "holds"
    table.loc[7, "value"] += 1e-6
    assert (never_above(table).verdict, never_above(table).counts["violations"]) == ("violated", 1)


@pytest.mark.parametrize(("shift", "verdict"), [(0.0, "holds"), (5e-7, "holds"), (-2e-6, "violated"), (2e-6, "violated")])
def test_attained_is_decided_by_one_row(shift: float, verdict: str) -> None:
    table = pd.DataFrame({"value": np.arange(1.0, 9.0), "bound": np.arange(1.0, 9.0)})
    table.loc[3, "value"] *= 1 + shift
    attained = rule("attained", {"column": "value", "bound": "bound", "tolerance": 1e-6})
    assert attained(table).verdict == verdict
    table.loc[1:, "bound"] = np.nan  # unknown bounds are left out
    assert attained(table).counts["rows"] == 1
    assert attained(table[1:]).verdict == "inconclusive"

