"""Rules about many models and about the order along a response error, on rows whose orders are known by hand."""

from itertools import product
from typing import Any

import numpy as np
import pandas as pd
import pytest

from figures.claims.choices import best_is_chosen, regrets, risks, taus
from tests.figures.claims.synthetic_rows import judged, models

RISKS = {"a": 0.1, "b": 0.2, "c": 0.3, "d": 0.4}
MANY: dict[str, Any] = {"models": list(RISKS), "group": ["synthetic_law"]}
PAIR: dict[str, Any] = {"pairs": [["first", "second"]], "threshold": 0.8}


def many(kept: float, swapped: dict[str, float], replicates: int = 200, **labels: Any) -> pd.DataFrame:
    """Risks of four models and a guess; in a share 1 - `kept` of the replicates synthetic data see the risks `swapped`."""
    rows, order = [], np.random.default_rng(0).permutation(replicates)
    for r, (model, risk) in product(range(replicates), {**RISKS, "guess": 1.1}.items()):
        seen = risk if order[r] < round(kept * replicates) else swapped.get(model, risk)
        rows.append({"learner": model, "replicate": r, "n": 100, "m": 100, "excess_real": risk, "excess_synthetic": seen})
    return pd.DataFrame(rows).assign(**{"synthetic_law": "beta", "responses": "fitted"} | labels)


def test_order_choice_and_regret_by_hand() -> None:
    """Against a < b < c < d: d < a < b < c exchanges three pairs of six, b < a < c < d one."""
    real, seen = np.array([[1.0, 2, 3, 4]] * 3), np.array([[1.0, 2, 3, 4], [2, 3, 4, 1], [2, 1, 3, 4]])
    np.testing.assert_allclose(taus(real, seen), [1, 0, 2 / 3])
    assert best_is_chosen(real, seen).tolist() == [True, False, False]
    assert regrets(real, seen).tolist() == [0, 3, 1]
    table = many(1.0, {}, 4)
    table = table[(table["learner"] != "b") | (table["replicate"] > 0)]
    assert risks(table, ["c", "b"], "excess_real").tolist() == [[0.3, 0.2]] * 3


@pytest.mark.parametrize(("kept", "verdict"), [(0.98, "holds"), (0.5, "violated"), (0.8, "inconclusive")])
def test_same_order_of_many(kept: float, verdict: str) -> None:
    """Where d comes first, tau is 0: the mean is the share of replicates that keep the order."""
    assert judged("same_order", many(kept, {"d": 0.05}), **MANY, least=0.8).verdict == verdict


@pytest.mark.parametrize(("kept", "verdict"), [(0.98, "holds"), (0.5, "violated"), (0.82, "inconclusive")])
def test_best_of_many_is_chosen(kept: float, verdict: str) -> None:
    assert judged("best_chosen", many(kept, {"b": 0.05}), **MANY, threshold=0.8).verdict == verdict
    assert judged("best_chosen", many(kept, {"c": 0.15}), **MANY, threshold=0.8).verdict == "holds", "not about the others"


@pytest.mark.parametrize(("chosen", "verdict"), [("b", "holds"), ("d", "violated"), ("c", "inconclusive")])
def test_regret_is_a_share_of_the_advantage_over_the_guess(chosen: str, verdict: str) -> None:
    """Two replicates of five choose wrongly; the advantage is 1, so that shares are 0.04, 0.12 and 0.08."""
    table = many(0.6, {chosen: 0.05}, 2000)
    params = MANY | {"guess": "guess", "most": 0.08}
    assert judged("regret_below", table, **params).verdict == verdict
    assert judged("regret_below", table[table["learner"] != "guess"], **params).verdict == "inconclusive"


def test_groups_are_judged_apart_and_at_the_largest_n() -> None:
    wrong = {"b": 0.05}
    table = [many(1.0, {}), many(0.2, wrong, synthetic_law="far"), many(0.0, wrong).assign(n=50, m=50)]
    found = judged("best_chosen", pd.concat(table), **MANY, threshold=0.8)
    assert (found.verdict, dict(found.groups)) == ("violated", {"beta": "holds", "far": "violated"})


@pytest.mark.parametrize(
    ("turned", "limits", "verdict"),
    [
        (0.98, (0.0, 0.5), "holds"),  # 0.3 and 0.1 become 0.3 and 0.6
        (0.98, (0.0, 0.1), "violated"),  # predicted: the same order
        (0.5, (0.0, 0.5), "violated"),  # predicted, but half of the replicates do not follow
        (0.82, (0.0, 0.5), "inconclusive"),
    ],
)
def test_reversed_as_predicted(turned: float, limits: tuple[float, float], verdict: str) -> None:
    table = models(1 - turned)
    first = table["learner"] == "first"
    table["class_error"], table["limit_exact_responses"] = np.where(first, 0.3, 0.1), np.where(first, *limits)
    assert judged("reversed_as_predicted", table, **PAIR, group=["synthetic_law"]).verdict == verdict
    wrong = table.assign(class_error=np.where(first, 0.1, 0.3))
    assert judged("reversed_as_predicted", wrong, **PAIR, group=["synthetic_law"]).verdict == "violated"


@pytest.mark.parametrize(
    ("shares", "groups"),
    [
        ({"a": {0.05: 1.0, 0.15: 0.5, 0.3: 0.0}, "b": {0.05: 1.0, 0.45: 1.0}}, {"a": "holds", "b": "holds"}),
        ({"a": {0.05: 1.0, 0.3: 0.0}, "b": {0.05: 1.0, 0.3: 1.0}}, {"a": "holds", "b": "violated"}),
        ({"a": {0.05: 0.2, 0.3: 0.0}, "b": {0.05: 0.8, 0.3: 0.0}}, {"a": "violated", "b": "inconclusive"}),
        ({"a": {0.05: 1.0}, "b": {0.15: 0.5}}, {}),  # nothing beyond the flip point
    ],
)
def test_kept_then_flipped(shares: dict[str, dict[float, float]], groups: dict[str, str]) -> None:
    """Marks 0.1, 0.2 and 0.5 belong to worst errors; smooth ones are judged by them too."""
    marks = {"tolerance": 0.1, "flip": 0.2, "flip_end": 0.5}
    cells = [(t, e, share) for t, own in shares.items() for e, share in own.items()]
    worst = [models(a, task=t, responses=f"worst(e_r={e})", e_r=e, **marks) for t, e, a in cells]
    smooth = [models(a, task=t, responses=f"biased(e_r={e})", e_r=e) for t, e, a in cells]
    params = PAIR | {"group": ["task"], "marks_of": "worst", "keeps": "tolerance", "flips": "flip", "ends": "flip_end"}
    for kind in ("worst", "biased"):
        found = judged("kept_then_flipped", pd.concat(worst + smooth), **params, kind=kind, before=0.8, after=1.2)
        assert dict(found.groups) == groups
