"""The expected seconds of a cell: from the most similar finished ones."""

from pathlib import Path
from typing import Any

import pytest

from experiments.engine import progress
from experiments.engine.grid import PlannedCell
from experiments.engine.store import Store


def config(measurement: str, learner: str, n: int) -> dict[str, Any]:
    parts = {"learner": {"kind": learner}, "n": n}
    return {"measurement": {"kind": measurement}, "parts": parts, "replicates": 10, "seed": 1}


def expected(tmp_path: Path, done: list[tuple[dict[str, Any], float]], asked: dict[str, Any]) -> float:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(progress, "finished", lambda _: done)
        [seconds] = progress.expected_seconds([PlannedCell(asked, {})], Store(tmp_path)).values()
    return seconds


def test_the_most_similar_finished_cells_decide(tmp_path: Path) -> None:
    """Work is replicates times (2 n + 2000): 30,000 at n = 500 and 60,000 at n = 2,000, twice the seconds."""
    knn, poly, other = config("simulated", "knn", 500), config("simulated", "poly", 500), config("real_data", "knn", 500)
    done = [(knn, 3.0), (poly, 9.0), (other, 500.0)]
    assert expected(tmp_path, done, config("simulated", "knn", 2000)) == pytest.approx(6.0)
    assert expected(tmp_path, done, config("simulated", "forest", 500)) == pytest.approx(6.0)  # median of 3 and 9
    assert expected(tmp_path, done, config("real_data", "forest", 2000)) == pytest.approx(1000.0)
    assert expected(tmp_path, done, config("samples", "knn", 500)) == pytest.approx(9.0)  # median of all
    assert expected(tmp_path, [], config("samples", "knn", 500)) > 0
