"""Every figure can be drawn on grids other than its experiment's own."""

from pathlib import Path

import pytest

from experiments.config.compose import names
from run import main

GRIDS = ("n=[60]", "n=[60,120]", "ratio=[1,2]", "replicates=2")
FEW = (
    "experiment=convergence learner=knn synthetic_law=uniform ratio=[1,2] replicates=2",
    "experiment=specification task=parabola learner=linear ratio=[1,2] replicates=4",
    "experiment=related/inference n=[60]",
    "experiment=related/shortcut ratio=[1,2] replicates=2",
)
ALL = [f"experiment={name} {grid}" for name in sorted(set(names()) - {"audit"}) for grid in GRIDS]
LIMIT = "experiment=overview n=[60]"
"""A figure of limits needs two sizes."""


@pytest.mark.filterwarnings("error::UserWarning:figures")
@pytest.mark.parametrize("words", [*FEW[:2], *(pytest.param(words, marks=pytest.mark.paper) for words in [*FEW[2:], *ALL])])
def test_drawn(words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = main([*words.split(), "budget=smoke", "executor=serial", f"output={tmp_path}"])
    printed = capsys.readouterr().out
    assert code in (0, 1, 3)  # a cell may fail that has fewer rows than a model needs; a figure may not
    if words == LIMIT:
        assert "expected at least two different positive sizes, got [60.0]" in printed
    else:
        assert "failed: figure of" not in printed
