"""The rule `attained`."""

import numpy as np
import pandas as pd
import pytest

from figures.claims.judge import rule

PARAMS = {"column": "value", "bound": "bound", "tolerance": 1e-6}


@pytest.mark.parametrize(("shift", "verdict"), [(0.0, "holds"), (5e-7, "holds"), (-2e-6, "violated"), (2e-6, "violated")])
def test_one_row_decides(shift: float, verdict: str) -> None:
    rows = pd.DataFrame({"value": np.arange(1.0, 9.0), "bound": np.arange(1.0, 9.0)})
    rows.loc[3, "value"] *= 1 + shift
    assert rule("attained")(rows, PARAMS).verdict == verdict


def test_unknown_bounds_are_left_out() -> None:
    rows = pd.DataFrame({"value": [1.0, 2.0], "bound": [1.0, np.nan]})
    assert rule("attained")(rows, PARAMS).counts["rows"] == 1
    assert rule("attained")(rows.iloc[1:], PARAMS).verdict == "inconclusive"
