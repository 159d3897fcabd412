"""Rules about the order of two models, on rows made so that each must hold, must fail, and cannot tell."""

import numpy as np
import pandas as pd
import pytest

from figures.claims.judge import rule
from figures.claims.pairs import consistent, joined
from figures.rows import matching
from tests.figures.synthetic_rows import LEVEL, models

PAIR = {"pairs": [["first", "second"]], "group": ["synthetic_law"], "level": LEVEL}
CONSISTENT = PAIR | {"threshold": 0.8}


def test_rows_of_two_models_are_joined_on_the_replicate() -> None:
    table = pd.concat([models(0.5, 4), models(1.0, 4, n=2000)])
    pair = joined(table.sample(frac=1, random_state=1), "first", "second")
    assert len(pair) == 8
    assert (pair["risk_real_test_1"] == 0.3).all()
    flags = consistent(pair[pair["n"] == 1000].sort_values("replicate"), "risk_real_test", "risk_synthetic_test")
    np.testing.assert_array_equal(flags, [True, True, False, False])


def test_replicates_of_only_one_model_are_left_out() -> None:
    table = models(1.0, 10)
    assert len(joined(table[(table["learner"] == "first") | (table["replicate"] < 3)], "first", "second")) == 3


def test_a_tie_is_no_consistent_ranking() -> None:
    table = models(1.0, 5).assign(risk_synthetic_test=0.2)
    assert not consistent(joined(table, "first", "second"), "risk_real_test", "risk_synthetic_test").any()


@pytest.mark.parametrize(("agree", "verdict"), [(0.97, "holds"), (0.5, "violated"), (0.82, "inconclusive")])
def test_consistent(agree: float, verdict: str) -> None:
    assert rule("consistent")(models(agree), CONSISTENT).verdict == verdict


def test_consistent_is_judged_at_the_largest_n_and_in_every_group() -> None:
    table = pd.concat([models(0.2, n=100), models(1.0, n=1000)])
    assert rule("consistent")(table, CONSISTENT).verdict == "holds"
    worse = pd.concat([table, models(0.5, synthetic_law="far")])
    assert rule("consistent")(worse, CONSISTENT).verdict == "violated"
    assert rule("consistent")(table, CONSISTENT | {"pairs": [["first", "absent"]]}).verdict == "inconclusive"


def test_consistent_beyond_a_point() -> None:
    near, far = (models(a, responses=f"worst(e_r={e})", e_r=e, flip=0.2) for a, e in ((1.0, 0.1), (0.0, 0.3)))
    params = CONSISTENT | {"group": ["responses"]}
    assert rule("consistent")(pd.concat([near, far]), params | {"beyond": "flip"}).verdict == "violated"
    assert rule("consistent")(near, params | {"beyond": "flip"}).verdict == "inconclusive"


def errors(shares: dict[float, float]) -> pd.DataFrame:
    parts = [models(a, responses=f"worst(e_r={e})", e_r=e, tolerance=0.1, flip=0.2, flip_end=0.5) for e, a in shares.items()]
    return pd.concat(parts)


TOLERANCE = PAIR | {"group": ["responses"], "before": 0.8, "after": 1.2, "threshold": 0.8}


@pytest.mark.parametrize(
    ("shares", "verdict"),
    [
        ({0.05: 1.0, 0.15: 0.5, 0.3: 0.0}, "holds"),
        ({0.05: 0.2, 0.3: 0.0}, "violated"),  # flips before the tolerance
        ({0.05: 1.0, 0.3: 0.9}, "violated"),  # does not flip beyond the flip point
        ({0.05: 0.8, 0.3: 0.0}, "inconclusive"),
        ({0.05: 1.0, 0.15: 0.5}, "inconclusive"),  # nothing beyond the flip point
        ({0.05: 1.0, 0.3: 0.0, 0.45: 1.0}, "holds"),  # near the end of the flipped interval nothing is said
    ],
)
def test_tolerance(shares: dict[float, float], verdict: str) -> None:
    assert rule("tolerance")(errors(shares), TOLERANCE).verdict == verdict


def certifiable(agree: float, bound: float) -> pd.DataFrame:
    return models(agree).assign(bound=bound, class_error=0.25)


@pytest.mark.parametrize("by", ["gap", "class"])
def test_certified(by: str) -> None:
    params = {"pairs": PAIR["pairs"], "by": by, "bound": "bound"}
    assert rule("certified")(certifiable(1.0, 0.05), params).verdict == "holds"
    wrong = rule("certified")(certifiable(0.9, 0.05), params)
    assert wrong.verdict == "violated"
    assert wrong.counts["inconsistent"] == 30
    none = rule("certified")(certifiable(0.0, 0.3), params)
    assert none.verdict == "holds"
    assert none.counts["certified"] == 0


@pytest.mark.parametrize(
    ("agree", "bound", "verdict"),
    [(1.0, 0.1, "holds"), (0.5, 0.05, "violated"), (0.8, 0.05, "inconclusive"), (1.0, 0.3, "inconclusive"),
     (1.0, 0.001, "inconclusive")],
)  # fmt: skip
def test_rarely_inconsistent(agree: float, bound: float, verdict: str) -> None:
    """The bound of the probability is bound/class_error = 4 bound: 0.4, 0.2, 0.2; above 1; and too small for 300 replicates."""
    params = PAIR | {"bound": "bound"}
    assert rule("rarely_inconsistent")(certifiable(agree, bound), params).verdict == verdict


@pytest.mark.parametrize(
    ("agree", "growth", "verdict"),
    [(1.0, 1.0, "holds"), (0.3, 1.0, "violated"), (1.0, -1.0, "violated"), (0.82, 1.0, "inconclusive")],
)
def test_kept_while_growing(agree: float, growth: float, verdict: str) -> None:
    rng = np.random.default_rng(0)
    parts = []
    for e_r in (0.1, 0.2, 0.4):
        part = models(agree, responses=f"flips(zero={e_r})", e_r=e_r)
        parts.append(part.assign(squared=e_r**growth * (1 + 0.1 * rng.standard_normal(len(part)))))
    params = CONSISTENT | {"group": ["responses"], "column": "squared"}
    assert rule("kept_while_growing")(pd.concat(parts), params).verdict == verdict


def test_labels_match_with_and_without_their_options() -> None:
    table = pd.DataFrame({"responses": ["worst(e_r=0.1)", "worst(e_r=0.3)", "oracle"], "n": [1, 2, 3]})
    assert list(matching(table, {"responses": "worst"})["n"]) == [1, 2]
    assert list(matching(table, {"responses": "worst(e_r=0.3)"})["n"]) == [2]
    assert list(matching(table, {"responses": {"not": "worst"}})["n"]) == [3]
    assert list(matching(table, {"n": [1, 3]})["n"]) == [1, 3]
