"""Rules about U_Q/U_P on rows where the utility under the real law falls as n^(-2/3)."""

from typing import Any

import pandas as pd
import pytest

from tests.figures.claims.synthetic_rows import judged, rows

PARAMS: dict[str, Any] = {"column": "value", "group": ["synthetic_law"], "margin": 0.15}


def worlds(factor: float, rate: float, replicates: int = 50) -> pd.DataFrame:
    """U_Q/U_P = factor (n/1000)^rate at every n; mean risks 2 and 3 U_P, and U_P under the real fit: the bound is 4."""
    table = pd.concat([
        rows([500, 1000, 2000], lambda n: (n / 1000) ** (-2 / 3), 0.1, replicates, synthetic_law="uniform"),
        rows([500, 1000, 2000], lambda n: factor * (n / 1000) ** (rate - 2 / 3), 0.1, replicates, synthetic_law="other", x=1),
    ])  # fmt: skip
    base = (table["n"] / 1000) ** (-2 / 3)
    return table.assign(m=table["n"], real=base, risk=base * table["synthetic_law"].map({"uniform": 2.0, "other": 3.0}))


@pytest.mark.parametrize(
    ("factor", "rate", "bounded", "grows"),
    [(3.0, 0.0, "holds", "violated"), (3.0, 1 / 3, "violated", "holds"), (6.0, 0.0, "violated", "violated"),
     (3.0, 0.19, "violated", "inconclusive"), (4.0, 0.0, "inconclusive", "violated")],
)  # fmt: skip
def test_relative_utility(factor: float, rate: float, bounded: str, grows: str) -> None:
    table = worlds(factor, rate, 300)
    outcome = judged("relative_bounded", table, **PARAMS, synthetic="risk", real="real")
    assert outcome.verdict == bounded
    assert outcome.groups == {"other": bounded}
    assert "bound 4" in outcome.reason
    found = outcome.estimates
    assert found["other, n = 1000"].value == pytest.approx(factor, rel=0.05)
    assert found["slope, other"].value == pytest.approx(rate, abs=0.05)
    assert judged("relative_grows", table, **PARAMS, rate=1 / 3).verdict == grows


def test_replicates_are_paired_and_the_real_law_must_be_there() -> None:
    """Where both utilities are the same on every replicate the ratio is 1 without any spread."""
    table = worlds(1.0, 0.0)
    same = table.assign(value=table.groupby(["n", "replicate"])["value"].transform("first"))
    found = judged("relative_bounded", same, **PARAMS).estimates["other, n = 500"]
    assert (found.low, found.high) == pytest.approx((1, 1))
    assert judged("relative_bounded", table[table["synthetic_law"] == "other"], **PARAMS).verdict == "inconclusive"
    assert judged("relative_grows", table[table["n"] == 500], **PARAMS, rate=0).verdict == "inconclusive"
