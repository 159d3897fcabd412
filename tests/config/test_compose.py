"""Words of a command line: what they compose to, and the one line that answers a mistake."""

import pytest

from experiments.config.compose import experiments_of, headers, names, selected
from experiments.config.launch import jobs
from experiments.config.registry import ConfigError, components
from experiments.config.schema import AXES, BUDGETS
from experiments.engine.grid import assemble, plan
from experiments.measurements.base import Unavailable
from run import main

SIZES = [pytest.param(b, marks=pytest.mark.paper) if b == "smoke" else b for b in BUDGETS]
"""Smoke is composed by the smoke run."""
GRIDS = sorted(name for name, suite in names().items() if suite != "none" and "cells_of" not in headers()[name])


@pytest.mark.parametrize("budget", SIZES)
@pytest.mark.parametrize("name", sorted(names()))
def test_every_experiment_composes(name: str, budget: str) -> None:
    [experiment] = experiments_of([f"experiment={name}", f"budget={budget}"])
    assert experiment.name == name
    assert experiment.config["title"]


@pytest.mark.parametrize("budget", SIZES)
@pytest.mark.parametrize("name", GRIDS)
def test_every_grid_can_be_planned(name: str, budget: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """At quick from what the repository holds."""
    if budget != "paper":
        monkeypatch.setenv("UTILITY_DATA", "no-such-folder")
    [experiment] = experiments_of([f"experiment={name}", f"budget={budget}"])
    try:
        cells = plan(experiment.config)
    except Unavailable as absent:
        assert budget == "paper"
        pytest.skip(str(absent))
    assert len({c.key for c in cells}) == len(cells) > 0
    assemble(cells[0].config)


MISTAKES = {
    "replicats=3": ("replicats", "did you mean 'replicates'"),
    "replicates=abc": ("replicates", "abc"),
    "replicates=1": ("replicates", ">= 2"),
    "learner=kn": ("learner", "did you mean 'knn'"),
    "learner=[knn,polly]": ("learner", "did you mean 'poly'"),
    "learner.knn.fctor=1": ("learner.knn.fctor", "did you mean 'factor'"),
    "learner.knn.factor=-1": ("learner.knn.factor", "> 0"),
    "learner.knn.factor=many": ("learner.knn.factor", "expected float"),
    "learner.poly.degree=3": ("learner.poly", "poly"),
    "budget=quik": ("budget", "did you mean 'quick'"),
    "n=-5": ("n", ">= 2"),
    "n=[100,x]": ("n", "x"),
    "ratio=0": ("ratio", "> 0"),
    "seed=-1": ("seed", ">= 0"),
    "synthetic_law=normal": ("synthetic_law", "domain"),
    "task=saddel": ("task", "did you mean 'saddle'"),
    "executor=threads": ("executor", "processes"),
    "executor.workers=0": ("executor.workers", ">= 1"),
    "learner=[knn": ("learner=[knn", "key=value"),
    "nonsense": ("nonsense", "key=value"),
    "task=[]": ("task", "nothing selected"),
    "~task": ("task", "nothing selected"),
    "~n": ("~n", "cannot be without it"),
    "learner=knn,poly": ("learner", "several values: use -m to sweep or learner=[...]"),
    "replicates=3,4": ("replicates", "several values: use -m to sweep"),
    "expirement=bayes": ("expirement", "did you mean 'experiment'"),
    "budget.specification.replicates=2": ("budget.specification.replicates", "sizes are keys of their own"),
    "name=specification": ("name", "named after its file"),
    "claims.vanishing.params.level=-0.2x": ("claims.vanishing.params.level", "expected float, got '-0.2x'"),
}


@pytest.mark.parametrize("word", MISTAKES)
def test_a_mistake_is_one_line_with_exit_code_2(word: str, capsys: pytest.CaptureFixture[str], tmp_path) -> None:
    words = ["experiment=convergence", "task=parabola", "budget=smoke", f"output={tmp_path}", word]
    assert main(words) == 2
    said = capsys.readouterr().err.strip()
    assert len(said.splitlines()) == 1
    assert said.startswith("error: ")
    for part in MISTAKES[word]:
        assert part in said
    assert not list(tmp_path.iterdir())


def test_an_unknown_experiment_is_named_with_its_neighbour() -> None:
    with pytest.raises(ConfigError, match="did you mean 'convergence'"):
        selected("convergance")


def test_an_axis_is_replaced_not_added_to() -> None:
    [experiment] = experiments_of(["experiment=convergence", "budget=smoke", "learner=knn", "synthetic_law=uniform", "n=50"])
    assert [c.labels["synthetic_law"] for c in plan(experiment.config)] == ["uniform"]
    assert [c.labels["n"] for c in plan(experiment.config)] == [50]


def test_a_list_of_option_values_is_an_axis() -> None:
    words = ["experiment=convergence", "budget=smoke", "learner=knn", "n=50"]
    words += ["synthetic_law=beta", "synthetic_law.beta.a=[1.5,4]"]
    [experiment] = experiments_of(words)
    assert [c.labels["synthetic_law"] for c in plan(experiment.config)] == ["beta(a=1.5)", "beta(a=4)"]


def test_the_hash_sees_numbers_not_their_spelling() -> None:
    keys = set()
    for a in ("2", "2.0"):
        [experiment] = experiments_of(
            ["experiment=specification", "n=50", f"synthetic_law.beta.a={a}", "learner=linear", "task=parabola"]
        )
        keys |= {c.key for c in plan(experiment.config)}
    assert len(keys) == 2  # the two laws, each once


def test_help_lists_every_component(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    said = capsys.readouterr().out
    for group in AXES.values():
        for name in components(group):
            assert f"  {name}" in said


def test_the_jobs_of_a_sweep() -> None:
    """The last key varies fastest; words that sweep nothing stay as they are, deletions and dictionaries among them."""
    words = ["experiment=convergence", "n=[100],[200]", "seed=1,2", "~learner", "+restrict.learner={knn: {n: 3}}"]
    swept = [[n, seed] for n in ("n=[100]", "n=[200]") for seed in ("seed=1", "seed=2")]
    assert jobs(words) == [[words[0], *pair, *words[3:]] for pair in swept]
