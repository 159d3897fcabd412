"""A few quick cells, and their rows computed in this process."""

from pathlib import Path

import pytest

from experiments.config.compose import experiments_of
from experiments.engine.grid import PlannedCell, plan
from experiments.engine.run import Executor, run_cells

SMALL = ["experiment=convergence", "learner=knn", "budget=smoke", "n=[60,120]", "replicates=4"]


def small(*words: str) -> list[PlannedCell]:
    return plan(experiments_of([*SMALL, *words])[0].config)


def stored(root: Path) -> dict[str, bytes]:
    return {p.parent.name: p.read_bytes() for p in sorted(root.glob("[!.]*/rows.npz"))}


@pytest.fixture(scope="session")
def reference(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    root = tmp_path_factory.mktemp("serial")
    assert run_cells(small(), root, Executor("serial", 1), "") == []
    return stored(root)
