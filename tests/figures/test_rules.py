"""Each rule on rows made so that it must hold, must fail, and cannot tell."""

import numpy as np
import pandas as pd
import pytest

from experiments.measurements.real_data import RealData
from figures.claims.judge import rule

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
    return condensed(pd.concat(frames, ignore_index=True))


def condensed(raw: pd.DataFrame) -> pd.DataFrame:
    """As `collect` reads them: the rows of each cell through the measurement."""
    names = sorted(raw["model"].unique())
    parts = []
    for (source, n, dataset), cell in raw.groupby(["generator", "n", "dataset"], sort=False):
        columns = {name: cell[name].to_numpy() for name in ("loss", "test_row", "cut", "half")}
        own = sorted(cell["model"].unique())
        columns["model"] = cell["model"].map(own.index).to_numpy()
        part = pd.DataFrame(RealData().condensed(columns)).assign(generator=source, n=n, dataset=dataset)
        parts.append(part.assign(model=pd.Categorical.from_codes(part["model"], own).set_categories(names)))
    return pd.concat(parts, ignore_index=True)


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


@pytest.mark.parametrize("name", ["order_kept", "gap_within", "gap_grows", "settled_kept", "certified_pairs"])
@pytest.mark.parametrize("source", ["gaussian", "real"])
def test_without_two_sources_nothing_is_said(name: str, source: str) -> None:
    rows = losses({source: REAL})
    params = {"margin": 0.1, "level": LEVEL, "from": "a", "to": "b", "least": 0.5, "certificate": "settled"}
    assert rule(name)(rows, params | {"confidence": 0.95, "most": 0.1}).verdict == "inconclusive"


@pytest.mark.parametrize(
    ("synthetic", "verdict"),
    [
        ({"a": 0.2, "b": 0.4, "c": 0.6}, "holds"),
        ({"a": 0.6, "b": 0.4, "c": 0.7}, "violated"),
        ({"a": 0.4, "b": 0.4, "c": 0.6}, "holds"),  # two of three stay settled
        ({"a": 0.4, "b": 0.4, "c": 0.4}, "inconclusive"),
    ],
)
def test_settled_kept(synthetic: dict[str, float], verdict: str) -> None:
    rows = losses({"real": REAL, "gaussian": synthetic})
    outcome = rule("settled_kept")(rows, {"level": LEVEL, "least": 0.5})
    assert outcome.verdict == verdict
    assert outcome.counts["settled on real data"] == 3


def test_settled_kept_asks_nothing_of_pairs_that_real_data_leave_open() -> None:
    rows = losses({"real": {"a": 0.1, "b": 0.1, "c": 0.3, "d": 0.5}, "gaussian": {"a": 0.3, "b": 0.1, "c": 0.5, "d": 0.7}})
    outcome = rule("settled_kept")(rows, {"level": LEVEL, "least": 0.5})
    assert outcome.counts["settled on real data"] == 5
    assert (outcome.verdict, outcome.counts["flipped"]) == ("holds", 0)


@pytest.mark.parametrize(("last", "verdict"), [(0.4, "holds"), (0.1, "violated"), (0.2, "inconclusive")])
def test_gap_grows(last: float, verdict: str) -> None:
    rows = losses({"real": REAL, "few": dict.fromkeys(REAL, 0.2), "many": dict.fromkeys(REAL, last)})
    outcome = rule("gap_grows")(rows, {"from": "few", "to": "many", "level": LEVEL})
    assert outcome.verdict == verdict
    assert outcome.estimates["growth"].value == pytest.approx(last - 0.2, abs=0.06)  # four standard errors


@pytest.mark.parametrize(
    ("certificate", "synthetic", "verdict"),
    [
        ("settled", {name: risk + 0.1 for name, risk in zip("abcdefgh", np.linspace(0.1, 0.8, 8))}, "holds"),
        ("real", {name: 0.9 - risk for name, risk in zip("abcdefgh", np.linspace(0.1, 0.8, 8))}, "violated"),
        ("settled", dict.fromkeys("abcdefgh", 0.3), "inconclusive"),  # none is certified
    ],
)
def test_certified_pairs(certificate: str, synthetic: dict[str, float], verdict: str) -> None:
    """28 pairs, all right or all wrong: Wilson's interval at 90% is then below 0.1 or above it."""
    rows = losses({"real": dict(zip("abcdefgh", np.linspace(0.1, 0.8, 8))), "gaussian": synthetic})
    params = {"certificate": certificate, "confidence": 0.95, "most": 0.1, "level": 0.9}
    assert rule("certified_pairs")(rows, params).verdict == verdict


def told_apart(source: str, placement: float, tests: int = 800) -> pd.DataFrame:
    """The discriminator's rows of a source: every row placed at `placement`, the area under the curve."""
    both = [(half, row) for half in (0, 1) for row in range(tests)]
    rows = pd.DataFrame(both, columns=["half", "test_row"]).assign(cut=-1, loss=placement, model=np.nan)
    return rows.assign(n=1000, dataset="digits", generator=source)


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
    trained = losses({"real": {"a": 0.1, "b": 0.3}, "loose": risks})
    rows = pd.concat([trained.astype({"model": object}), told_apart("real", 0.5), told_apart("loose", area)])
    params = {"focus": {"dataset": "digits"}, "auc": 0.85, "margin": 0.05, "level": LEVEL, "level_tau": 0.95}
    outcome = rule("fidelity_leaves_open")(rows.reset_index(drop=True), params)
    assert outcome.verdict == verdict
