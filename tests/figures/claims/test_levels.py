"""Simulated levels: data are moved to the edge, verdicts are those of the rules, frequencies are binomial tails."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy import stats

from experiments.estimators.intervals import Interval, clopper_pearson, mean_interval, ratio_interval
from experiments.estimators.slopes import log_slope, plateau, slope_excess
from figures.claims import levels
from figures.claims.levels import NotSimulated, Sample, simulated
from figures.claims.rules.family import above, below, contains, inside, judged, recorded
from figures.report.evidence import level, table
from tests.figures.claims.synthetic_rows import rows

SIZES = np.array([50.0, 100, 200, 400])


def share(flags: Any, each: float) -> Interval:
    return clopper_pearson(int(np.sum(flags)), len(flags), each)


def recording(data: Any, estimator: Any, criterion: Callable[[Interval], str], each: float = 0.9) -> list[Any]:
    with recorded() as judgements:
        judged(data, each, estimator, lambda _, estimate: criterion(estimate))
    return judgements


def gamma(*shape: int) -> Any:
    return np.random.default_rng(sum(shape)).gamma(2.0, size=shape)


@pytest.mark.parametrize(
    ("data", "estimator", "value"),
    [
        (gamma(30), mean_interval, 0.7),
        ((gamma(30), gamma(31)[:30]), lambda d, each: mean_interval(d[0] - d[1], each), -0.4),
        ((gamma(30), gamma(31)[:30]), lambda d, each: ratio_interval(d[0], d[1], each), 3.0),
        ((SIZES, gamma(4, 30)), lambda d, each: log_slope(d[0], d[1], each), -0.7),
        ((SIZES, gamma(4, 30)), lambda d, each: plateau(d[0], d[1], each), 0.2),
        ((SIZES, gamma(4, 30), gamma(4, 30) + 1), lambda d, each: slope_excess(d[0], d[1], d[2], 0.75, each), 0.1),
        (gamma(30) > 1, share, 0.8),
    ],
)
def test_data_are_moved_to_a_value_and_drawn_as_one_by_one(data: Any, estimator: Any, value: float) -> None:
    sample = Sample.of(recording({"a": data}, estimator, lambda e: above(e, 0))[0], "a")
    moved = sample.at(value)
    assert (moved.interval().value if sample.share is None else moved.share) == pytest.approx(value)
    low, high = moved.ends(5, 0, 30)
    assert np.all(low < high)
    if sample.share is None:
        drawn = np.random.default_rng([30]).integers(0, 30, (5, 30))
        assert np.transpose([low, high]) == pytest.approx(np.transpose(moved._chunk(drawn, many=False)))


@pytest.mark.parametrize(
    "criterion",
    [lambda e: above(e, 0, 0.1), lambda e: below(e, 0.1), lambda e: inside(e, -1, 1), lambda e: contains(e, 0.2, 0.9)],
)
def test_verdicts_are_those_of_the_rules(criterion: Callable[[Interval], str]) -> None:
    [judgement] = recording({"a": gamma(30)}, mean_interval, criterion)
    ends = np.sort(np.random.default_rng(0).normal(0, 1, (200, 2)), axis=1)
    holds, violated = levels._verdicts((ends[:, 0], ends[:, 1]), judgement.regions["a"])
    wanted = [criterion(Interval(low, low, high, 0.9)) for low, high in ends]
    assert [w == "holds" for w in wanted] == holds.tolist()
    assert [w == "violated" for w in wanted] == violated.tolist()


def test_frequencies_at_the_edge_are_the_tails() -> None:
    """Of 10,000 draws: five standard errors, false alarms below 1e-5; normal data, where intervals are nearly Student's."""
    data = {name: np.random.default_rng(k).normal(0.1, 1, 400) for k, name in enumerate("abc")}
    found = simulated(recording(data, mean_interval, lambda e: above(e, 0), 0.7), "abc")
    assert found.groups == 3
    for measured, wanted in ((found.holds_if_false, 0.05), (found.violated_if_true, 1 - 0.95**3)):
        assert abs(measured - wanted) < 5 * np.sqrt(wanted / 10_000) + 0.004  # the worst of three groups
    normal = [stats.norm.cdf(np.mean(v) / np.std(v) * 20 - stats.norm.ppf(0.95)) for v in data.values()]
    assert found.holds == pytest.approx(np.prod(normal), abs=0.07)


def test_frequencies_of_flags_are_binomial() -> None:
    found = simulated(recording({"a": np.arange(60) < 57}, share, lambda e: above(e, 0.8)), "a")
    wins = [share(np.arange(60) < k, 0.9).low > 0.8 for k in range(61)]
    for measured, p, draws in ((found.holds_if_false, 0.8, 10_000), (found.holds, 0.95, 1_000)):
        wanted = stats.binom.pmf(range(61), 60, p)[wins].sum()
        assert abs(measured - wanted) < 5 * np.sqrt(wanted / draws)  # false alarms below 1e-5
    assert found.fails == pytest.approx(1 - found.holds)


def test_a_prediction_is_seldom_met_where_it_is_off_by_the_margin() -> None:
    wide, narrow = np.random.default_rng(0).normal(0, 1, (2, 100)) * [[1.0], [0.3]]
    for values in (wide, narrow):
        found = simulated(recording({"a": values - values.mean()}, mean_interval, lambda e: contains(e, 0, 0.2)), "a")
        assert found.holds_if_false < 0.06
    assert found.holds > 0.8


@pytest.mark.parametrize(
    ("data", "estimator", "criterion", "why"),
    [
        (np.ones(5), mean_interval, lambda e: above(e, 0), "chance"),
        (gamma(30), mean_interval, lambda e: "holds", "criterion"),
        (gamma(30), lambda d, each: mean_interval(np.sqrt(d), each), lambda e: above(e, 0.3), "moved"),
    ],
)
def test_what_cannot_be_simulated_says_why(data: Any, estimator: Any, criterion: Any, why: str) -> None:
    with pytest.raises(NotSimulated, match=why):
        simulated(recording({"a": data}, estimator, criterion), "a", draws=10)


def test_evidence_of_a_claim_and_its_near_miss() -> None:
    table_rows = rows([100], lambda n: 1.0, 0.2)
    params = {"columns": {"value": 1.0}, "group": ["synthetic_law"], "margin": 0.5, "level": 0.999}
    claim: dict[str, Any] = {"kind": "claim", "rule": "mean_matches", "params": params, "where": {}, "plant": {}, "id": "x/a"}
    claim |= {"of": "", "statement": "It is one", "experiment": "x"}
    miss = claim | {"kind": "control", "type": "near_miss", "id": "x/b", "of": "a", "verdict": "violated", "statement": "Two"}
    miss["params"] = params | {"columns": {"value": 2.0}}
    found = {c["id"]: level(c, table_rows) for c in (claim, miss)}
    assert found["x/a"]["holds"] == found["x/b"]["fails"] == 1
    [row] = table([c | {"rule": "mean_matches: Holds when"} for c in (claim, miss)], found)
    assert row[:3] == ["It is one", "Holds when (margin 0.5)", "0.10%"]
    assert row[-2:] == ["100.0%", "Two: violated (100.0%)"]
    assert level(claim | {"rule": "never_above"}, table_rows) == {"why": "exact: no chance is involved"}
