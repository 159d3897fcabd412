"""Rows made to order for the tests of rules."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

LEVEL = 0.999


def rows(
    sizes: list[int], mean: Callable[[int], float], spread: float = 0.1, replicates: int = 50, **labels: Any
) -> pd.DataFrame:
    """A column `value` with mean(n), relative spread, normal, and constant columns."""
    rng = np.random.default_rng(len(labels) + len(sizes))
    parts = [
        pd.DataFrame(
            {
                "n": n,
                "m": n,
                "replicate": np.arange(replicates),
                "cell": f"{n}-{sorted(labels.items())}",
                "value": mean(n) * (1 + spread * rng.standard_normal(replicates)),
            }
        )
        for n in sizes
    ]
    return pd.concat(parts, ignore_index=True).assign(**labels)


def models(agree: float, replicates: int = 300, n: int = 1000, **columns: Any) -> pd.DataFrame:
    """Rows of two learners, `first` behind `second` after real training; synthetic training agrees in a share `agree`."""
    kept = np.arange(replicates) < round(agree * replicates)
    parts = []
    for learner, risk in (("first", 0.3), ("second", 0.1)):
        part = pd.DataFrame({"replicate": np.arange(replicates), "n": n, "m": n, "learner": learner})
        part["risk_real_test"] = part["excess_real"] = risk
        part["risk_synthetic_test"] = np.where(kept, risk, 0.4 - risk)
        part["excess_synthetic"] = part["risk_synthetic_test"]
        parts.append(part)
    return pd.concat(parts, ignore_index=True).assign(
        **{"synthetic_law": "beta", "responses": "oracle", "cell": f"{n}-{agree}"} | columns
    )
