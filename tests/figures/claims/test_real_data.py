"""Rules about real data, on losses made so that each must hold, must fail, and cannot tell."""

from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm

from experiments.estimators.half_sampling import HalfLosses
from experiments.estimators.intervals import exactly, mean_interval, simultaneous_level
from figures.claims.certificates import Certified, error_rate
from figures.rows import Losses, all_lost_shares, lost_share_difference, lost_shares
from tests.figures.claims.synthetic_rows import judged, losses, told_apart


def wrong_share(risk: float) -> float:
    """P(V + 0.3 Z < risk), V uniform and Z standard normal: the integral of the normal distribution function."""
    a, b = (risk - 1) / 0.3, risk / 0.3
    return float(0.3 * (b * norm.cdf(b) + norm.pdf(b) - a * norm.cdf(a) - norm.pdf(a)))


def lost(real: float, synthetic: float) -> float:
    """The share of the advantage over a guess at 0.8 that is lost."""
    return (wrong_share(synthetic) - wrong_share(real)) / (wrong_share(0.8) - wrong_share(real))


LOST = lost(0.2, 0.4)
REAL = {"a": 0.1, "b": 0.3, "c": 0.5}
EIGHT = dict(zip("abcdefgh", np.linspace(0.1, 0.8, 8)))
RULES: dict[str, dict[str, Any]] = {
    "order_kept": {"least": 0.5, "of": "resolved"},
    "advantage_kept": {"margin": 0.25},
    "certified_pairs": {"confidence": 0.95, "most": 0.1},
    "fidelity_misleads": {"fidelity": "low", "auc": 0.85, "share": 0.5},
    "loses_more": {"more": "b", "less": "a"},
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
    assert judged("order_kept", table, least=0.5, of="all").verdict == of_all
    outcome = judged("order_kept", table, least=0.5, of="resolved")
    assert (outcome.verdict, outcome.counts["resolved on real data"]) == (of_resolved, 3)


def test_order_kept_asks_nothing_of_pairs_that_real_data_leave_open() -> None:
    table = losses({"real": {"a": 0.1, "b": 0.1, "c": 0.3, "d": 0.5}, "gaussian": {"a": 0.3, "b": 0.1, "c": 0.5, "d": 0.7}})
    outcome = judged("order_kept", table, least=0.5, of="resolved")
    assert outcome.counts["resolved on real data"] == 5
    assert (outcome.verdict, outcome.counts["flipped"]) == ("holds", 0)


def test_order_must_be_kept_at_every_source() -> None:
    table = losses({"real": REAL, "good": {k: r + 0.1 for k, r in REAL.items()}, "bad": {k: 0.6 - r for k, r in REAL.items()}})
    outcome = judged("order_kept", table, least=0.5, of="resolved")
    assert outcome.groups == {"digits, good": "holds", "digits, bad": "violated"}


@pytest.mark.parametrize(
    ("risk", "constant", "verdict"),
    [
        (0.2, 0.9, "holds"),  # an eighth of 0.8
        (0.2, 0.3, "violated"),  # the same gap is half of 0.2
        (0.2, 0.5, "inconclusive"),  # on the margin
        (0.0, 0.2, "violated"),  # gains as much as it had
        (0.3, 0.1, "violated"),  # no advantage to keep
    ],
)
def test_margins_are_shares_of_the_advantage(risk: float, constant: float, verdict: str) -> None:
    table = losses({"real": {"a": 0.1}, "gaussian": {"a": risk}}, constant=constant)
    assert judged("advantage_kept", table, margin=0.25).verdict == verdict


@pytest.mark.parametrize(
    ("risk", "constant", "verdict"),
    [
        (0.6, 0.9, "holds"),  # b loses 1/2 of 0.6, a 1/8 of 0.8
        (0.3, 0.9, "violated"),  # nothing against 1/8
        (0.375, 0.9, "inconclusive"),  # both 1/8
        (0.6, 0.3, "inconclusive"),  # b has no advantage
    ],
)
def test_loses_more(risk: float, constant: float, verdict: str) -> None:
    table = losses({"real": REAL, "gaussian": {"a": 0.2, "b": risk, "c": 0.5}}, constant=constant)
    assert judged("loses_more", table, **RULES["loses_more"]).verdict == verdict


@pytest.mark.parametrize(
    ("held_out", "real", "permuted", "verdict"),
    [
        (EIGHT, EIGHT, False, "holds"),
        (EIGHT, {name: 0.9 - risk for name, risk in EIGHT.items()}, False, "violated"),
        (EIGHT, EIGHT, True, "violated"),
        (EIGHT, dict.fromkeys(EIGHT, 0.5), False, "inconclusive"),  # real rows leave all of them open
        (dict.fromkeys(EIGHT, 0.5), EIGHT, False, "inconclusive"),  # none is certified
    ],
)
def test_certified_pairs(held_out: dict[str, float], real: dict[str, float], permuted: bool, verdict: str) -> None:
    """Risks after synthetic training, on real rows, are the wrong way round throughout: they certify nothing."""
    table = losses({"real": real, "gaussian": {name: 0.9 - risk for name, risk in EIGHT.items()}}, {"gaussian": held_out})
    outcome = judged("certified_pairs", table, permuted=permuted, **RULES["certified_pairs"])
    assert outcome.verdict == verdict


def test_the_share_of_errors_counts_open_pairs_both_ways() -> None:
    """Of six certified pairs b/c is opposite on real rows and a/d open: between one and two of six."""
    real = {"a": 0.1, "b": 0.5, "c": 0.3, "d": 0.1}
    table = losses({"real": real, "g": real}, {"g": {"a": 0.05, "b": 0.2, "c": 0.35, "d": 0.0}})
    outcome = judged("certified_pairs", table, **RULES["certified_pairs"])
    rate = outcome.estimates["g"]
    assert outcome.counts == {"certified, g": 6}
    assert (rate.low, rate.high) == (pytest.approx(1 / 6), pytest.approx(2 / 6))


@pytest.mark.parametrize(
    ("area", "risks", "low", "high"),
    [
        (0.97, {"a": 0.2, "b": 0.4}, "holds", "inconclusive"),
        (0.97, {"a": 0.2, "b": 0.8}, "violated", "inconclusive"),
        (0.97, {"a": 0.5, "b": 0.4}, "inconclusive", "inconclusive"),  # a half lost
        (0.5, {"a": 0.8, "b": 0.8}, "inconclusive", "holds"),
        (0.5, {"a": 0.8, "b": 0.4}, "inconclusive", "violated"),
        (0.7, {"a": 0.2, "b": 0.8}, "inconclusive", "inconclusive"),  # neither low nor high fidelity
    ],
)
def test_fidelity_misleads(area: float, risks: dict[str, float], low: str, high: str) -> None:
    trained = losses({"real": {"a": 0.1, "b": 0.3}, "source": risks}).astype({"model": object})
    table = pd.concat([trained, told_apart("real", 0.5), told_apart("source", area)], ignore_index=True)
    for fidelity, verdict in (("low", low), ("high", high)):
        assert judged("fidelity_misleads", table, **RULES["fidelity_misleads"] | {"fidelity": fidelity}).verdict == verdict


def test_the_share_of_errors_is_covered_however_pairs_depend() -> None:
    """Six models, two of them nearly tied, with true shares 2/15 and 13/15; of 400 draws at joint level 0.9 more than 65 miss
    with probability below 1e-4 if 40 are expected. A certificate is an interval that needs no data here."""
    rng, truth = np.random.default_rng(5), np.array([0.1, 0.2, 0.205, 0.3, 0.35, 0.4])
    level, sure = simultaneous_level(15, 0.9), (truth[[1, 0, 2, 3, 5, 4]], truth[::-1][[1, 0, 2, 3, 5, 4]])
    missed = np.zeros(2)
    for _ in range(400):
        losses = (rng.random(300) < truth[:, None]).astype(float)
        real = {(i, j): mean_interval(losses[i] - losses[j], level) for i, j in combinations(range(6), 2)}
        for k, seen in enumerate(sure):
            pairs = [Certified(exactly(seen[i] - seen[j], 0.9), r, r) for (i, j), r in real.items()]
            rate = error_rate(pairs, 0.9)
            wrong = np.mean([(seen[i] - seen[j]) * (truth[i] - truth[j]) < 0 for i, j in real])
            missed[k] += not rate.low - 1e-9 <= wrong <= rate.high + 1e-9
    assert missed.max() <= 65


def test_lost_shares_are_covered() -> None:
    """Intervals at 0.9 over test rows, 300 draws: more than 52 misses with probability below 1e-4 if 30 are expected.

    Of the share of one model, and of what it loses beyond another model.
    """
    rng, missed = np.random.default_rng(6), np.zeros(2)
    same, beyond = HalfLosses.of(np.zeros((2, 10, 2, 200))), LOST - lost(0.3, 0.5)
    for _ in range(300):
        rows = rng.random(200)
        *found, constant = ((rows + 0.3 * rng.standard_normal(200) < risk) * 1.0 for risk in (0.2, 0.3, 0.4, 0.5, 0.8))
        own, other = (Losses(["a", "b"], np.stack(x), same, np.empty((2, 0)), constant) for x in (found[:2], found[2:]))
        difference = lost_share_difference(own, other, "a", "b", 0.9)
        missed += [not lost_shares(own, other, 0.9)[0].contains(LOST), not difference.contains(beyond)]
    assert missed.max() <= 52


def test_lost_shares_are_those_of_the_advantage() -> None:
    """(0.3 - 0.1)/(0.9 - 0.1) and (0.6 - 0.5)/(0.9 - 0.5), both 1/4; 800 rows of one difficulty, four standard errors."""
    table = losses({"real": {"a": 0.1, "b": 0.5}, "source": {"a": 0.3, "b": 0.6}})
    for share in all_lost_shares(table, 0.95).values():
        assert share.value == pytest.approx(0.25, abs=0.08)
        assert share.contains(0.25)
