"""Figures are made for the grid of their experiment; a key on the command line gives them another, and they are drawn."""

from pathlib import Path

import pytest

from experiments.config.compose import names
from run import main

GRIDS = ("n=[60]", "n=[60,120]", "ratio=[1,2]", "replicates=2")

LIMITS = ("overview", "n=[60]")
"""A figure of limits, which one size does not tell: it says so."""


def drawn(words: list[str], output: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Run words at smoke size: whatever the verdicts, no figure fails."""
    code = main([*words, "budget=smoke", "executor=serial", f"output={output}"])
    said = capsys.readouterr().out
    assert code in (0, 1, 3)  # a cell may fail that has fewer rows than a model needs; a figure may not
    assert "failed: figure of" not in said


@pytest.mark.parametrize(
    "words",
    [
        ["experiment=convergence", "learner=knn", "synthetic_law=uniform", "ratio=[1,2]", "replicates=2"],
        ["experiment=specification", "learner=linear", "ratio=[1,2]", "replicates=4"],
        ["experiment=related/inference", "n=[60]"],
        ["experiment=related/shortcut", "ratio=[1,2]", "replicates=2"],
    ],
    ids=" ".join,
)
@pytest.mark.filterwarnings("error::UserWarning:figures")
def test_drawn(words: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    drawn(words, tmp_path, capsys)


@pytest.mark.paper
@pytest.mark.filterwarnings("error::UserWarning:figures")
@pytest.mark.parametrize("grid", GRIDS)
@pytest.mark.parametrize("name", sorted(set(names()) - {"audit"}))
def test_every_experiment_is_drawn(name: str, grid: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    if (name, grid) != LIMITS:
        drawn([f"experiment={name}", grid], tmp_path, capsys)


@pytest.mark.paper
def test_a_limit_needs_two_sizes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = [f"experiment={LIMITS[0]}", LIMITS[1], "budget=smoke", "replicates=2", "executor=serial", f"output={tmp_path}"]
    assert main(words) == 3
    assert "expected at least two different positive sizes, got [60.0]" in capsys.readouterr().out
