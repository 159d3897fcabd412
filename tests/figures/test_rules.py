"""Each rule on rows made so that it must hold, must fail, and cannot tell."""

import numpy as np
import pandas as pd
import pytest

from figures.claims import rule

SIZES = np.array([100, 200, 400, 800, 1600])
LEVEL = 0.999


def grid(mean, spread: float, replicates: int = 30, seed: int = 0, law: str = "beta") -> pd.DataFrame:
    """Rows with mean(n) and relative spread at every size."""
    rng = np.random.default_rng(seed)
    frames = [
        pd.DataFrame(
            {
                "n": n,
                "cell": f"{law}-{n}",
                "replicate": np.arange(replicates),
                "synthetic_law": law,
                "value": mean(n) * (1 + spread * rng.standard_normal(replicates)),
            }
        )
        for n in SIZES
    ]
    return pd.concat(frames, ignore_index=True)


VANISHING = {"column": "value", "group": ["synthetic_law"], "threshold": -0.1, "level": LEVEL}


@pytest.mark.parametrize(
    ("rate", "spread", "verdict"),
    [(-0.5, 0.2, "holds"), (0.0, 0.2, "violated"), (0.3, 0.2, "violated"), (-0.1, 0.2, "inconclusive")],
)
def test_vanishing(rate: float, spread: float, verdict: str) -> None:
    rows = grid(lambda n: (n / 100.0) ** rate, spread)
    assert rule("vanishing")(rows, VANISHING).verdict == verdict


def test_vanishing_fails_when_one_of_two_laws_stays() -> None:
    rows = pd.concat([grid(lambda n: n**-0.5, 0.2), grid(lambda n: 1.0, 0.2, law="uncovered")])
    outcome = rule("vanishing")(rows, VANISHING)
    assert outcome.verdict == "violated"
    assert "uncovered" in outcome.reason


def test_two_sizes_are_not_enough() -> None:
    rows = grid(lambda n: n**-0.5, 0.2)
    assert rule("vanishing")(rows[rows["n"] <= 200], VANISHING).verdict == "inconclusive"


@pytest.mark.parametrize(("bound", "verdict"), [(1.5, "holds"), (0.7, "violated"), (1.0, "inconclusive")])
def test_mean_below(bound: float, verdict: str) -> None:
    rows = grid(lambda n: 1.0, 0.2).assign(bound=bound)
    params = {"column": "value", "bound": "bound", "group": ["synthetic_law"], "level": LEVEL}
    assert rule("mean_below")(rows, params).verdict == verdict


def test_mean_below_without_any_bound() -> None:
    rows = grid(lambda n: 1.0, 0.2).assign(bound=np.nan)
    params = {"column": "value", "bound": "bound", "group": ["synthetic_law"], "level": LEVEL}
    assert rule("mean_below")(rows, params).verdict == "inconclusive"


def test_never_above_sees_a_single_replicate() -> None:
    rows = grid(lambda n: 1.0, 0.0).assign(bound=1.0, sup_norm=1.0)
    params = {"column": "value", "bound": "bound"}
    assert rule("never_above")(rows, params).verdict == "holds"
    rows.loc[7, "value"] += 1e-6
    outcome = rule("never_above")(rows, params)
    assert outcome.verdict == "violated"
    assert outcome.counts["violations"] == 1


SETTLES = {"column": "value", "limit": "limit", "group": ["synthetic_law"], "share": 0.2, "level": LEVEL}


@pytest.mark.parametrize(
    ("limit", "spread", "verdict"),
    [(1.0, 0.1, "holds"), (1.2, 0.1, "violated"), (0.0, 0.1, "violated"), (1.0, 3.0, "inconclusive")],
)
def test_settles_at(limit: float, spread: float, verdict: str) -> None:
    rows = grid(lambda n: 1 + 20.0 / n, spread).assign(limit=limit)
    if limit == 0:
        rows.loc[0, "limit"] = 1.0  # the margin comes from the largest prediction
    assert rule("settles_at")(rows, SETTLES).verdict == verdict


def test_settles_at_a_given_number() -> None:
    rows = grid(lambda n: 1 + 20.0 / n, 0.1).assign(limit=1.0)
    assert rule("settles_at")(rows, SETTLES | {"limit": 0.0}).verdict == "violated"


@pytest.mark.parametrize(("half_width", "verdict"), [(0.2, "holds"), (0.001, "inconclusive")])
def test_settles_at_with_a_margin_of_its_own(half_width: float, verdict: str) -> None:
    rows = grid(lambda n: 1 + 20.0 / n, 0.1)
    params = {key: value for key, value in SETTLES.items() if key != "share"} | {"limit": 1.0, "margin": half_width}
    assert rule("settles_at")(rows, params).verdict == verdict


STAYS = {"column": "value", "least": 0.5, "group": ["synthetic_law"], "level": LEVEL}


@pytest.mark.parametrize(
    ("limit", "spread", "verdict"),
    [(1.0, 0.1, "holds"), (0.0, 0.1, "violated"), (0.5, 0.1, "inconclusive"), (1.0, 8.0, "inconclusive")],
)
def test_stays(limit: float, spread: float, verdict: str) -> None:
    rows = grid(lambda n: limit + 20.0 / n, spread)
    assert rule("stays")(rows, STAYS).verdict == verdict


def test_stays_fails_when_one_of_two_laws_goes() -> None:
    rows = pd.concat([grid(lambda n: 1.0, 0.1), grid(lambda n: 20.0 / n, 0.1, law="uniform")])
    outcome = rule("stays")(rows, STAYS)
    assert outcome.verdict == "violated"
    assert "uniform" in outcome.reason


def losses(risks: dict[str, dict[str, float]], tests: int = 800, cuts: int = 12) -> pd.DataFrame:
    """Rows of the measurement `real_data` with given error rates by source and model."""
    rng = np.random.default_rng(1)
    difficulty = rng.random(tests)
    frames = []
    for source, models in risks.items():
        for model, risk in models.items():
            for cut, half in [(-1, 0), *((c, h) for c in range(cuts) for h in (0, 1))]:
                wrong = difficulty + 0.02 * rng.standard_normal(tests) < risk
                frames.append(
                    pd.DataFrame(
                        {
                            "n": 1000,
                            "dataset": "digits",
                            "generator": source,
                            "model": model,
                            "cut": cut,
                            "half": half,
                            "test_row": np.arange(tests),
                            "loss": wrong.astype(float),
                        }
                    )
                )
    return pd.concat(frames, ignore_index=True).astype({"model": "category"})


REAL = {"a": 0.1, "b": 0.3, "c": 0.5}


@pytest.mark.parametrize(
    ("synthetic", "verdict"),
    [
        ({"a": 0.2, "b": 0.4, "c": 0.6}, "holds"),
        ({"a": 0.6, "b": 0.4, "c": 0.7}, "violated"),
        ({"a": 0.4, "b": 0.4, "c": 0.4}, "inconclusive"),
    ],
)
def test_order_kept(synthetic: dict[str, float], verdict: str) -> None:
    rows = losses({"real": REAL, "gaussian": synthetic})
    assert rule("order_kept")(rows, {"level": LEVEL}).verdict == verdict


@pytest.mark.parametrize(("risk", "verdict"), [(0.1, "holds"), (0.3, "violated"), (0.2, "inconclusive")])
def test_gap_within(risk: float, verdict: str) -> None:
    rows = losses({"real": {"a": 0.1, "b": 0.3}, "gaussian": {"a": risk, "b": 0.3}})
    assert rule("gap_within")(rows, {"margin": 0.1, "level": LEVEL}).verdict == verdict


@pytest.mark.parametrize("name", ["order_kept", "gap_within"])
def test_without_real_training_nothing_is_said(name: str) -> None:
    rows = losses({"gaussian": REAL})
    assert rule(name)(rows, {"margin": 0.1, "level": LEVEL}).verdict == "inconclusive"
