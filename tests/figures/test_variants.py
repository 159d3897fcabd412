"""Runs side by side: their names, their order, the table of means, the page."""

import json
import re
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from experiments.config.compose import Experiment, experiments_of
from figures.report import comparison
from figures.report.variants import UNMODIFIED, Variant, cell_means, labels, siblings, table_path, variants, write

START = "python run.py experiment=convergence budget=smoke"


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ([{"learner.mlp.width": 8}, {"learner.mlp.width": 32}], ["width=8", "width=32"]),
        ([{}, {"learner.mlp.width": 8}], [UNMODIFIED, "width=8"]),
        ([{"n": [1], "a.k": 1}, {"n": [1], "b.k": 2}], ["a.k=1", "b.k=2"]),
        ([{"seed": 1, "ratio": [2]}, {"seed": 1, "ratio": [4]}], ["ratio=[2]", "ratio=[4]"]),
        ([{"n": [1, 2]}], [UNMODIFIED]),
        ([{"~claims.prior": True}, {"learner": ["knn", "poly"]}], ["~claims.prior", "learner=[knn,poly]"]),
        ([{}, {"learner.knn.k": None}], [UNMODIFIED, "k=null"]),
        ([{}, {}], [UNMODIFIED, UNMODIFIED]),
        ([], []),
    ],
)
def test_labels_say_what_differs(changes: list[dict[str, Any]], expected: list[str]) -> None:
    assert labels(changes) == expected


def run(base: Path, changes: dict[str, Any], utility: float, verdict: str = "holds") -> Path:
    """Write a finished run of `convergence` with mean utility utility/n, and return its folder."""
    config = {"name": "convergence", "output": base.parent, "budget": base.name}
    experiment = Experiment(config, (), changes)
    write(experiment, rows(utility))
    folder = experiment.folder
    claim = {"id": "convergence/vanishing", "experiment": "convergence", "kind": "claim", "verdict": verdict}
    claim |= {"reason": f"because {utility}", "expected": "holds", "known": {}, "command": START}
    (folder / "claims.json").write_text(json.dumps([claim]))
    return folder


def rows(utility: float) -> pd.DataFrame:
    """Two laws, three sizes, two replicates whose mean is utility/n, ten times as much at the second law."""
    laws = {"beta(a=2)": 1.0, "uncovered": 10.0}
    cells = product(laws, (100, 200, 400), (0, 1))
    table = pd.DataFrame(cells, columns=["synthetic_law", "n", "replicate"]).assign(learner="knn")
    return table.assign(utility=(table["replicate"] + 0.5) * table["synthetic_law"].map(laws) * utility / table["n"])


@pytest.fixture
def base(tmp_path: Path) -> Path:
    run(tmp_path, {}, 1.0)
    run(tmp_path, {"learner.knn.factor": 16}, 3.0, "violated")
    other = run(tmp_path, {"learner.knn.factor": 7}, 9.0)
    other.rename(other.with_name("convergence_fast-00000003"))
    run(tmp_path, {"learner.knn.factor": 2}, 2.0)
    return tmp_path


def test_runs_are_found_and_ordered_by_their_numbers(base: Path) -> None:
    found = variants(siblings(base, "convergence"), "convergence")
    assert [v.label for v in found] == [UNMODIFIED, "factor=2", "factor=16"]
    assert [v.claims[0]["verdict"] for v in found] == ["holds", "holds", "violated"]


def test_means_of_cells(base: Path) -> None:
    table = pd.read_csv(table_path(base, "convergence"))
    assert list(table["replicates"]) == [2] * 6
    np.testing.assert_allclose(table["utility"], [1 / n * s for s in (1, 10) for n in (100, 200, 400)])


def test_no_label_is_averaged_over_or_dropped() -> None:
    """Two data sets with five generations each, one of them without a generator; two rows a replicate are one replicate."""
    kinds = [("adult", "cart", 1.0), ("california", None, 5.0)]
    measured = [
        {"dataset": dataset, "generator": made, "generation": t, "n": 100, "replicate": r, "excess": value + t}
        for dataset, made, value in kinds
        for t in range(5)
        for r in (0, 1, 1)
    ]
    table = cell_means(pd.DataFrame(measured))
    assert list(table["excess"]) == [value + t for _, _, value in kinds for t in range(5)]
    assert set(table["replicates"]) == {2}


def test_a_run_without_data_and_a_claim_about_a_column_not_kept_have_no_curve(base: Path) -> None:
    found = variants(siblings(base, "convergence"), "convergence")
    skipped = Variant("skipped", base, [], START, pd.DataFrame())
    claim = {"kind": "claim", "where": {}, "params": {"column": "utility", "group": ["learner"]}}
    gone = claim | {"where": {"scheme": "mean"}}
    [panel] = curves([skipped, *found], {"vanishing": claim, "gone": gone})
    assert len(panel) == len(found)
    partly = Variant("other", base, [], START, found[0].cells[["n", "learner"]])
    figure = comparison.draw([partly, *found], {"vanishing-at-a-law-with-a-very-long-name": claim | {"kind": "control"}})
    assert figure is not None
    assert "not run in 1 of 4" in figure.axes[0].get_xlabel()
    assert max(map(len, (figure.axes[0].get_title("left") or figure.axes[0].get_title()).splitlines())) <= 24
    assert comparison.draw(found, {"unmeasured": {"kind": "claim", "where": {}, "params": {"margin": 1}}}) is None


def test_rows_that_are_no_replicates_have_no_table(tmp_path: Path) -> None:
    [digits] = experiments_of(["experiment=digits", f"output={tmp_path}"])
    write(digits, pd.DataFrame({"n": [1], "loss": [0.0]}))
    assert not table_path(digits.folder, "digits").exists()


def curves(found: list[Variant], claims: dict[str, Any]) -> list[list[np.ndarray]]:
    figure = comparison.draw(found, claims)
    assert figure is not None
    return [[np.asarray(line.get_ydata()) for line in ax.lines] for ax in figure.axes if ax.lines]


def test_each_claim_has_a_panel_with_the_means_of_what_it_covers(base: Path) -> None:
    found = variants(siblings(base, "convergence"), "convergence")
    params = {"column": "utility", "group": ["synthetic_law"]}
    claims = {
        "vanishing": {"kind": "claim", "where": {"synthetic_law": {"not": "uncovered"}}, "params": params},
        "uncovered": {"kind": "control", "where": {"synthetic_law": "uncovered"}, "params": params},
        "bound": {"kind": "identity", "where": {}, "params": params | {"bound": "bound_sharp"}},
    }
    left, right = curves(found, claims)
    np.testing.assert_allclose(left, [[u / n for n in (100, 200, 400)] for u in (1, 2, 3)])
    np.testing.assert_allclose(right, 10 * np.array(left))


def test_the_page_holds_every_run_and_needs_nothing_else(base: Path) -> None:
    page = comparison.write(base, "convergence")
    assert page is not None
    text = page.read_text(encoding="utf-8")
    assert page == base / "variants" / "convergence.html"
    absent = "Not run here, so without a verdict: vanishing-uncovered, "
    for word in (UNMODIFIED, "factor=2", "factor=16", "because 3.0", absent):
        assert word in text
    assert "href" not in text, "nothing leads to files that are not mailed with it"
    estimates = re.findall(r">(\d\S*) \(n = 400\)", text.partition("Estimates at the largest n")[2])
    np.testing.assert_allclose(np.array(estimates[:3], float), np.array([1, 2, 3]) / 400)
    assert 'src="data:image/png;base64,' in text
    assert "<script" not in text
    assert text.count('<strong class="verdict bad">violated') == 1


def test_one_run_alone_makes_no_page(tmp_path: Path) -> None:
    run(tmp_path, {}, 1.0)
    assert comparison.write(tmp_path, "convergence") is None
