"""The paper's metrics on risks worked out by hand, and that measurements take them from one place."""

import ast

import numpy as np
import pytest

from experiments.measurements.utility import consistent_ranking, signed_gap, utility
from tests.conftest import ROOT


def test_utility_is_the_size_of_the_gap() -> None:
    gap = signed_gap(np.array([0.5, 0.25, 1.0]), np.array([0.25, 0.5, 1.0]))
    assert gap.tolist() == [0.25, -0.25, 0.0]
    assert utility(gap).tolist() == [0.25, 0.25, 0.0]


@pytest.mark.parametrize(
    ("synthetic", "real", "expected"),
    [((1, 2), (3, 4), True), ((2, 1), (3, 4), False), ((2, 1), (4, 3), True), ((1, 1), (3, 4), False), ((1, 2), (3, 3), False)],
)
def test_a_ranking_is_consistent_where_the_order_is_the_same_and_no_tie(
    synthetic: tuple[int, int], real: tuple[int, int], expected: bool
) -> None:
    assert consistent_ranking(synthetic[0] - synthetic[1], real[0] - real[1]) == expected


def test_no_measurement_computes_its_own_utility() -> None:
    """Every column `utility`, `utility_test` or `squared_utility` of a measurement is a call of `utility`."""
    found = 0
    for path in [*(ROOT / "experiments/measurements").glob("*.py"), *(ROOT / "experiments/related").glob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text())):
            for key, value in zip(node.keys, node.values) if isinstance(node, ast.Dict) else ():
                if isinstance(key, ast.Constant) and str(key.value).endswith(("utility", "utility_test")):
                    assert ast.unparse(value).startswith("utility("), f"{path.name}: {key.value}"
                    found += 1
    assert found == 7
