"""Rules about the order of two models, on rows made so that each must hold, must fail, and cannot tell."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from figures.claims.judge import rule
from figures.claims.pairs import consistent, joined
from tests.figures.claims.synthetic_rows import judged, models

PAIR: dict[str, Any] = {"pairs": [["first", "second"]], "group": ["synthetic_law"]}
CONSISTENT = PAIR | {"threshold": 0.8}


def test_rows_of_two_models_are_joined_on_the_replicate() -> None:
    table = pd.concat([models(0.5, 4), models(1.0, 4, n=2000)])
    pair = joined(table.sample(frac=1, random_state=1), "first", "second")
    assert len(pair) == 8
    assert (pair["risk_real_test_1"] == 0.3).all()
    flags = consistent(pair[pair["n"] == 1000].sort_values("replicate"), "risk_real_test", "risk_synthetic_test")
    np.testing.assert_array_equal(flags, [True, True, False, False])
    alone = table[(table["learner"] == "first") | (table["replicate"] < 3)]
    assert len(joined(alone, "first", "second")) == 6, "replicates of only one model are left out"


def test_a_tie_is_not_a_consistent_ranking() -> None:
    table = models(1.0, 5).assign(risk_synthetic_test=0.2)
    assert not consistent(joined(table, "first", "second"), "risk_real_test", "risk_synthetic_test").any()


@pytest.mark.parametrize(("agree", "verdict"), [(0.97, "holds"), (0.5, "violated"), (0.82, "inconclusive")])
def test_consistent(agree: float, verdict: str) -> None:
    assert judged("consistent", models(agree), **CONSISTENT).verdict == verdict


def test_consistent_is_judged_at_the_largest_n_and_in_every_group() -> None:
    table = pd.concat([models(0.2, n=100), models(1.0, n=1000)])
    assert judged("consistent", table, **CONSISTENT).verdict == "holds"
    worse = pd.concat([table, models(0.5, synthetic_law="far")])
    assert judged("consistent", worse, **CONSISTENT).verdict == "violated"
    assert judged("consistent", table, **CONSISTENT | {"pairs": [["first", "absent"]]}).verdict == "inconclusive"


def test_consistent_beyond_a_point() -> None:
    near, far = (models(a, responses=f"worst(e_r={e})", e_r=e, flip=0.2, flip_end=0.4) for a, e in ((1.0, 0.1), (0.0, 0.3)))
    params = CONSISTENT | {"group": ["responses"], "beyond": "flip"}
    assert judged("consistent", pd.concat([near, far]), **params).verdict == "violated"
    for unjudged in (near, near.assign(e_r=0.5), far.assign(e_r=0.21)):
        assert judged("consistent", unjudged, **params, after=1.2).verdict == "inconclusive"


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
    marks = {"tolerance": 0.1, "flip": 0.2, "flip_end": 0.5}
    table = pd.concat([models(a, responses=f"worst(e_r={e})", e_r=e, **marks) for e, a in shares.items()])
    params = CONSISTENT | {"group": ["responses"], "before": 0.8, "after": 1.2}
    assert judged("tolerance", table, **params).verdict == verdict


@pytest.mark.parametrize(("far", "verdict"), [(0.0, "holds"), (1.0, "violated"), (0.2, "inconclusive")])
def test_tolerance_of_wrong_labels_on_the_flipped_side(far: float, verdict: str) -> None:
    """Cells below the tolerance do not count, whatever they show; other columns mark the flip point."""
    marks = {"tolerance": 0.1, "other": 0.2, "other_end": 1.0, "e_r": 9.0}
    table = pd.concat([models(a, responses=f"{x}", wrong_labels=x, **marks) for x, a in ((0.05, 0.5), (0.3, far))])
    params = CONSISTENT | {"group": ["responses"], "before": 0.8, "after": 1.2, "axis": "wrong_labels", "flip": "other"}
    assert judged("tolerance", table, **params, side="flipped").verdict == verdict


def certifiable(agree: float, bound: float) -> pd.DataFrame:
    return models(agree).assign(bound=bound, class_error=0.25)


@pytest.mark.parametrize("by", ["gap", "class"])
def test_certified(by: str) -> None:
    certified = rule("certified", {"pairs": PAIR["pairs"], "by": by, "bound": "bound"})
    assert certified(certifiable(1.0, 0.05)).verdict == "holds"
    wrong, none = certified(certifiable(0.9, 0.05)), certified(certifiable(0.0, 0.3))
    assert (wrong.verdict, wrong.counts["inconsistent"]) == ("violated", 30)
    assert (none.verdict, none.counts["certified"]) == ("holds", 0)


@pytest.mark.parametrize(
    ("agree", "bound", "verdict"),
    [(1.0, 0.1, "holds"), (0.5, 0.05, "violated"), (0.8, 0.05, "inconclusive"), (1.0, 0.3, "inconclusive"),
     (1.0, 0.001, "inconclusive")],
)  # fmt: skip
def test_rarely_inconsistent(agree: float, bound: float, verdict: str) -> None:
    """The bound of the probability is bound/class_error = 4 bound: 0.4, 0.2, 0.2; above 1; and too small for 300 replicates."""
    assert judged("rarely_inconsistent", certifiable(agree, bound), **PAIR, bound="bound").verdict == verdict


def test_rarely_inconsistent_counts_every_cell_with_a_bound_below_one() -> None:
    table = pd.concat([certifiable(1.0, 0.1), certifiable(1.0, 0.001).assign(n=2000), certifiable(0.0, 0.3).assign(n=10)])
    outcome = judged("rarely_inconsistent", table, **PAIR, bound="bound")
    assert (outcome.verdict, sorted(outcome.groups.values())) == ("inconclusive", ["holds", "inconclusive"])


@pytest.mark.parametrize(
    ("agree", "growth", "worse", "verdict"),
    [(1.0, 1.0, 1.0, "holds"), (1.0, 1.0, -1.0, "holds"), (0.3, 1.0, 1.0, "violated"), (1.0, -1.0, 1.0, "violated"),
     (0.82, 1.0, 1.0, "inconclusive"), (1.0, 0.0, 1.0, "inconclusive")],
)  # fmt: skip
def test_kept_while_growing(agree: float, growth: float, worse: float, verdict: str) -> None:
    """Only the better model, the second, must grow, and only below 0.8 of the tolerance: at 0.4 all is turned round."""
    rng, parts = np.random.default_rng(0), []
    for e_r in (0.1, 0.2, 0.4):
        part = models(agree if e_r < 0.4 else 0.0, responses=f"flips(zero={e_r})", e_r=e_r, tolerance=0.3)
        power = part["learner"].map({"first": worse, "second": growth if e_r < 0.4 else -3.0})
        parts.append(part.assign(loss=e_r**power * (1 + 0.1 * rng.standard_normal(len(part)))))
    params = CONSISTENT | {"before": 0.8, "column": "loss"}
    assert judged("kept_while_growing", pd.concat(parts), **params).verdict == verdict
    assert judged("kept_while_growing", parts[0], **params).verdict == "inconclusive"
    assert set(judged("kept_while_growing", pd.concat(parts), **params | {"before": 2.0}).groups.values()) == {"violated"}
