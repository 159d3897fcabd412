"""Rows with known means, risks and losses for the tests of rules, and a rule's verdict on them."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from experiments.measurements.real_data import CONSTANT, FULL, HELD_OUT, NO_MODEL, RealData
from figures.claims.judge import rule
from figures.claims.verdict import Outcome

LEVEL = 0.999


def judged(name: str, rows: pd.DataFrame, **params: Any) -> Outcome:
    """What the rule says of the rows, at level 0.999 unless given."""
    return rule(name, {"level": LEVEL} | params)(rows)


def rows(
    sizes: list[int], mean: Callable[[int], float], spread: float = 0.1, replicates: int = 50, axis: str = "n", **labels: Any
) -> pd.DataFrame:
    """A column `value` with mean(n), relative spread, normal, and constant columns; replicates independent over sizes."""
    rng = np.random.default_rng(len(labels) + len(sizes))
    parts = [
        pd.DataFrame({
            axis: n, "cell": f"{n}-{sorted(labels.items())}", "replicate": np.arange(replicates),
            "value": mean(n) * (1 + spread * rng.standard_normal(replicates)),
        })
        for n in sizes
    ]  # fmt: skip
    return pd.concat(parts, ignore_index=True).assign(**{"synthetic_law": "beta", **labels})


def models(agree: float, replicates: int = 300, n: int = 1000, **columns: Any) -> pd.DataFrame:
    """Rows of two learners, `first` behind `second` after real training; synthetic training agrees in a share `agree`."""
    kept = np.arange(replicates) < round(agree * replicates)
    parts = []
    for learner, risk in (("first", 0.3), ("second", 0.1)):
        part = pd.DataFrame({"replicate": np.arange(replicates), "n": n, "m": n, "learner": learner})
        part["risk_real_test"] = part["excess_real"] = risk
        part["risk_synthetic_test"] = part["excess_synthetic"] = np.where(kept, risk, 0.4 - risk)
        parts.append(part)
    constant = {"synthetic_law": "beta", "responses": "oracle", "cell": f"{n}-{agree}"} | columns
    return pd.concat(parts, ignore_index=True).assign(**constant)


def losses(
    risks: Mapping[str, Mapping[str, float]], held_out: Mapping[str, Mapping[str, float]] | None = None, tests: int = 800,
    cuts: int = 12, constant: float = 0.9,
) -> pd.DataFrame:  # fmt: skip
    """Rows of the measurement `real_data`, condensed, with given error rates by source and model, of the constant guess too.

    `held_out` are error rates at held-out synthetic rows, of the sources that have such rows.
    """
    rng = np.random.default_rng(1)
    difficulty = rng.random(tests)
    names = sorted({model for models in risks.values() for model in models})
    parts = []
    for source, models in risks.items():
        own, apart = sorted(models), (held_out or {}).get(source, {})
        halves = [(m, c, h) for m in own for c in range(cuts) for h in (0, 1)]
        cells = [(own.index(m), FULL, 0, models[m]) for m in own] + [(own.index(m), c, h, models[m]) for m, c, h in halves]
        cells += [(own.index(m), HELD_OUT, 0, risk) for m, risk in apart.items()] + [(NO_MODEL, FULL, CONSTANT, constant)]
        wrong = [difficulty + 0.02 * rng.standard_normal(tests) < cell[3] for cell in cells]
        raw = {name: np.repeat([cell[i] for cell in cells], tests) for i, name in enumerate(("model", "cut", "half"))}
        raw |= {"test_row": np.tile(np.arange(tests), len(cells)), "loss": np.concatenate(wrong).astype(float)}
        part = pd.DataFrame(RealData().condensed(raw)).assign(generator=source, n=1000, dataset="digits")
        parts.append(part.assign(model=pd.Categorical.from_codes(part["model"], own).set_categories(names)))
    return pd.concat(parts, ignore_index=True)


def told_apart(source: str, placement: float, tests: int = 800) -> pd.DataFrame:
    """The discriminator's rows of a source: every row placed at `placement`, the area under the curve."""
    both = [(half, row) for half in (0, 1) for row in range(tests)]
    placed = pd.DataFrame(both, columns=["half", "test_row"]).assign(cut=-1, loss=placement, model=np.nan)
    return placed.assign(n=1000, dataset="digits", generator=source)
