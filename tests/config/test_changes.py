"""Runs are told apart by their resolved configuration, not by the words that asked for them."""

from pathlib import Path
from typing import Any

import pytest

from experiments.config.changes import changes
from experiments.config.compose import Experiment, experiments_of
from experiments.config.schema import AXES
from experiments.engine.grid import plan

WORDS = ["experiment=convergence", "budget=smoke", "output=o"]


def composed(*words: str, experiment: str = "convergence") -> Experiment:
    return experiments_of([f"experiment={experiment}", "budget=smoke", "output=o", *words])[0]


@pytest.mark.parametrize(
    "word",
    ["replicates=5", "n=[100,200,400]", "n=[ 100,200,  400 ]", "ratio=1", "ratio=[1.0]", "seed=2023", "hydra.verbose=true",
     "learner.knn.k=null", "learner.knn.factor=0.25", "learner.quintic.degree=5.0", "executor=serial", "data.dir=elsewhere",
     "verbose=true",
     "learner=[knn,quintic,nadaraya_watson,local_linear,kernel_ridge,forest,boosting]",
     "task.sine.frequency=0.5"],
)  # fmt: skip
def test_a_default_spelt_out_is_no_variant(word: str) -> None:
    plain, spelt = composed(), composed(word)
    assert spelt.changes == {}
    assert spelt.folder == plain.folder == Path("o/smoke")
    assert spelt.command == plain.command == "python run.py experiment=convergence budget=smoke"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (["replicates=20"], ["replicates=+20"]),
        (["n=[250,500]"], ["n=[ 250,500 ]"]),
        (["n=50"], ["n=[50]"]),
        (["ratio=2"], ["ratio=2.0"]),
        (["learner=knn"], ["learner=[knn]"]),
        (["learner=knn"], ["learner=knn", "learner.knn.factor=0.25", "executor.workers=1"]),
        (["learner.knn.factor=1"], ["learner.knn.factor=1.0", "seed=2023"]),
        (["seed=1", "replicates=7"], ["replicates=7", "seed=1"]),
    ],
)
def test_two_spellings_are_one_variant(one: list[str], other: list[str]) -> None:
    first, second = composed(*one), composed(*other)
    assert first.changes == second.changes != {}
    assert first.folder == second.folder
    assert first.folder.parent == Path("o/smoke/variants")
    assert first.folder.name.startswith("convergence-")


@pytest.mark.parametrize(
    ("words", "changed"),
    [
        (["replicates=7"], {"replicates": 7}),
        (["learner=[knn,poly]", "learner.poly.degree=3"], {"learner": ["knn", "poly"], "learner.poly.degree": 3}),
        (["learner=quintic"], {"learner": ["quintic"]}),
        (["learner.knn.factor=1.0"], {"learner.knn.factor": 1}),
        (["~claims.prior-untransferred"], {"~claims.prior-untransferred": True}),
        (["+claims.vanishing-uncovered.params.share=-0.2"], {"claims.vanishing-uncovered.params.share": -0.2}),
        (["+restrict.task={sine: {n: 100}}"], {"restrict.task.sine.n": 100}),
    ],
)
def test_what_is_changed(words: list[str], changed: dict[str, Any]) -> None:
    assert composed(*words).changes == changed


def test_true_is_not_one() -> None:
    empty: dict[str, Any] = {axis: {} for axis in AXES}
    assert changes(empty | {"audit": 1}, empty | {"audit": True}) == {"audit": 1}


def test_variants_differ_in_their_folders() -> None:
    words = [["seed=1"], ["seed=2"], ["replicates=7"], ["learner=knn"], ["learner=poly"], ["~claims.prior-untransferred"]]
    assert len({composed(*w).folder for w in words}) == len(words)


def test_an_experiment_without_cells_of_its_own_changes_with_those_it_looks_at() -> None:
    """`replicates` of the overview says nothing by itself; that of the experiments whose cells it shows does."""
    overview = composed("replicates=20", experiment="overview")
    assert set(overview.changes) >= {"ranking_responses: replicates"}
    assert composed(experiment="overview").changes == {}


def test_replicates_reach_every_measurement() -> None:
    for name, budget in (("related/self_consuming", 8), ("related/multiple_sets", 2)):
        [plain] = experiments_of([f"experiment={name}", "budget=smoke"])
        [same] = experiments_of([f"experiment={name}", "budget=smoke", f"replicates={budget}"])
        [five] = experiments_of([f"experiment={name}", "budget=smoke", "replicates=5"])
        assert same.config == plain.config
        own = [spec["replicates"] for spec in five.config["measurement"].values() if "replicates" in spec]
        assert own
        assert set(own) == {5}


def test_replicates_of_one_measurement_go_before_those_of_all() -> None:
    words = ["replicates=5", "measurement.normal_loop.replicates=7"]
    config = composed(*words, experiment="related/self_consuming").config
    assert {label: spec.get("replicates") for label, spec in config["measurement"].items()} == {
        "kernel_loop": None, "normal_loop": 7, "utility_loop": 5,
    }  # fmt: skip


def test_a_deselected_components_options_change_nothing() -> None:
    one, other = composed("learner=knn"), composed("learner=knn", "task=[sine]")
    assert [c.key for c in plan(one.config)] == [c.key for c in plan(other.config)]
    assert one.folder == other.folder
