"""The audit from Python: tables in any form, estimators of one's own, frames, sentences and pages."""

import json
import re
import sys
import zipfile

import numpy as np
import pandas as pd
import pytest
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC

from experiments.audit import api, audit, example
from experiments.audit.core import as_json
from experiments.audit.models import pipeline
from experiments.audit.options import CATALOGUE, EXAMPLE, InMemory, InputError, synthetic_tables
from experiments.audit.reading import read_table
from experiments.datasets.files import BUNDLED
from tests.audit.conftest import write
from tests.audit.worlds import schema
from tests.conftest import ROOT

QUICK = {"target": "y", "models": ["linear", "tree"], "repeats": 1, "progress": False}


@pytest.fixture(scope="module")
def tables(tmp_path_factory):
    paths = write(tmp_path_factory.mktemp("tables"), "classification", "responses", rows=200)
    return paths, {name: pd.read_csv(path) for name, path in paths.items()}


@pytest.fixture(scope="module")
def found(tables):
    return audit(*tables[1].values(), **QUICK)


def test_files_and_frames_are_audited_alike(tables, found):
    of_files = audit(*tables[0].values(), **QUICK)
    for name in ("utility", "ranking", "fidelity", "causes"):
        pd.testing.assert_frame_equal(getattr(of_files, name), getattr(found, name))
    assert of_files.verdict == found.verdict


def test_types_of_columns_are_those_of_a_file(tables):
    real, synthetic = tables[1].values()
    dates = pd.date_range("2020-01-01", periods=len(real))
    plain = [t.assign(old=t.x1 > 0, day=dates, count=(t.x2 * 3).round().where(t.x3 > -1)) for t in (real, synthetic)]
    typed = [t.astype({"kind": "category", "y": "category", "count": "Int64"}).set_index(dates) for t in plain]
    files = [tables[0]["real"].parent / f"{name}.csv" for name in ("plain", "plainer")]
    for table, path in zip(plain, files, strict=True):
        table.to_csv(path, index=False)
    of_frames, of_files = (audit(*pair, **QUICK | {"models": "tree"}) for pair in (typed, files))
    pd.testing.assert_frame_equal(of_frames.utility, of_files.utility)
    assert of_frames.details.tables["number_columns"] == ["count", "day", "old", "x1", "x2", "x3"]


@pytest.mark.parametrize(
    ("task", "estimator"),
    [
        ("classification", LogisticRegression(max_iter=300)),
        ("regression", Ridge()),
        ("regression", make_pipeline(StandardScaler(with_mean=False, with_std=False), Ridge())),
    ],
)
def test_an_estimator_of_ones_own_is_fitted_as_the_same_one_of_the_catalogue(task, estimator, tmp_path):
    paths = write(tmp_path, task, "responses", rows=150)
    found = audit(*paths.values(), **QUICK | {"models": {"own": estimator, "linear": "linear"}, "repeats": 2})
    for frame in (found.utility, found.causes[found.causes["quantity"] != "rigid"]):
        own, ours = (frame[frame["model"] == name].drop(columns=["model"]).reset_index(drop=True) for name in ("own", "linear"))
        pd.testing.assert_frame_equal(own, ours)
    assert not hasattr(estimator, "n_features_in_")


def test_estimators_of_ones_own_are_seeded_and_without_weights_have_no_causes(tables):
    forest = InMemory("mine", RandomForestClassifier(random_state=1))
    assert pipeline(forest, schema("classification"), 100, 7)[-1].random_state == 7
    assert forest.held.random_state == 1
    assert CATALOGUE[forest].weighable
    found = audit(*tables[1].values(), **QUICK | {"models": {"near": KNeighborsClassifier(), "tree": "tree"}, "repeats": 2})
    assert set(found.causes["model"]) == {"tree"}
    assert "near" in set(found.utility["model"])
    assert "near" in repr(found)


class Unrepresentable:
    """Neither a table nor an estimator."""


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"repeat": 3}, "no option 'repeat' (did you mean 'repeats'?)"),
        ({"repeats": 0}, "audit.repeats: expected an integer >= 1"),
        ({"repeats": "3"}, "audit.repeats: expected int, got '3'"),
        ({"seed": None}, "audit.seed: expected int, got None"),
        ({"target": 5}, "audit.target: expected str, got 5"),
        ({"ignore": "kind"}, "audit.ignore: expected a list, got 'kind'"),
        ({"level": "inf"}, "audit.level: expected a number in (0, 1), got 'inf'"),
        ({"repeats": True}, "audit.repeats: expected int, got True"),
        ({"ignore": [0]}, "audit.ignore: expected str, got 0"),
        ({"workers": "2"}, "workers: expected an integer >= 1, got '2'"),
        ({"workers": 0}, "workers: expected an integer >= 1, got 0"),
        ({"models": LogisticRegression()}, "expected names, or estimators by name, got LogisticRegression()"),
        ({"real": pd.DataFrame([[1, 2]], columns=["y", " y"])}, "column 'y' appears more than once"),
        ({"target": "income"}, "audit.target: no column 'income'"),
        ({"models": ["forrest"]}, "audit.models: expected names among"),
        ({"models": {"forest": LogisticRegression()}}, "forest is a name of the audit's own"),
        ({"models": {"mine": LogisticRegression}}, "mine: expected a scikit-learn estimator"),
        ({"models": {"mine": Ridge()}}, "mine: expected a classifier with predict_proba, got Ridge"),
        ({"models": {"mine": LinearSVC()}}, "mine: expected a classifier with predict_proba, got LinearSVC"),
        ({"test": Unrepresentable()}, "expected a data frame or the path of a table, got Unrepresentable"),
        ({"synthetic": "nowhere.csv"}, "synthetic table nowhere.csv: no such file"),
        ({"synthetic": ["a.csv", "b.csv"]}, "synthetic table a.csv: no such file"),
        ({"synthetic": []}, "audit.synthetic: missing"),
        ({"synthetic": {"../a": "a.csv"}}, "names that could be those of folders, got '../a'"),
        ({"synthetic": [pd.DataFrame({"y": []}), "b.csv"]}, "table 1: column 'kind': missing in the synthetic table"),
        ({"real": pd.DataFrame([[1, 2]], columns=["y", "y"])}, "column 'y' appears more than once"),
    ],
)
def test_a_mistake_is_one_line(tables, change, told):
    with pytest.raises(InputError, match=re.escape(told)) as error:
        audit(**tables[1] | QUICK | change)
    assert "\n" not in str(error.value)


def test_several_tables_are_compared(tables, tmp_path):
    """As files and as frames, and of a fresh table and one with responses turned round the former is taken."""
    real, faulty = tables[1].values()
    fresh = pd.read_csv(write(tmp_path, "classification", rows=200, seed=4)["synthetic"])
    found = audit(real, {"fresh": fresh, "faulty": faulty}, **QUICK)
    assert found.best["training"] == "fresh"
    assert "for training" in found.training
    assert found.training in repr(found)
    assert list(found.tables) == ["fresh", "faulty"]
    assert found.pairs.groupby("about").size().to_dict() == {"training": 1, "choosing": 1}
    page = found.save(tmp_path / "page.html").read_text(encoding="utf-8")
    assert 'href="faulty/audit.html"' in page
    assert (tmp_path / "faulty" / "audit.html").is_file()
    (tmp_path / "other").mkdir()
    paths = [tmp_path / "other" / f"{name}.csv" for name in ("fresh", "faulty")]
    for table, path in zip((fresh, faulty), paths, strict=True):
        table.to_csv(path, index=False)
    of_files = audit(real, paths, **QUICK)
    pd.testing.assert_frame_equal(of_files.pairs, found.pairs)
    alone = audit(real, [fresh], **QUICK)
    assert list(alone.tables) == ["table 1"]
    assert alone.pairs.empty
    assert "Differences between" not in alone.save(tmp_path / "alone.html").read_text(encoding="utf-8")


def test_frames_are_tidy_and_agree_with_the_details(found):
    models = ["best", "linear", "tree"]
    assert found.utility.groupby("model").size().to_dict() == dict.fromkeys(models, 4)
    row = found.utility.query("model == 'tree' and measure == 'error'").iloc[0]
    assert row["gap"] == pytest.approx(row["synthetic"] - row["real"], abs=1e-6)
    assert row["low"] < row["gap"] < row["high"]
    assert list(found.ranking[["first", "second"]].iloc[0]) == ["linear", "tree"]
    assert set(found.fidelity["quantity"]) == {"AUC", "total variation at least", "AUC lost without"}
    assert set(found.causes["quantity"]) == {"gap", "relabelled", "reweighted", "both", "rigid"}
    assert found.answers["train"] == found.details.verdict.train
    for sentence in ("train_sentence", "choose_sentence", "new_rows_sentence"):
        assert getattr(found.details.verdict, sentence) in found.verdict


def test_it_is_saved_shown_and_escaped(tables, tmp_path):
    evil = "<script>alert(1)</script>"
    real, synthetic = (t.rename(columns={"y": evil}) for t in tables[1].values())
    found = audit(real, synthetic, **QUICK | {"target": evil, "models": {evil: LogisticRegression()}})
    assert found.ranking.empty
    for shown in (found._repr_html_(), found.save(tmp_path / "deep" / "audit.html").read_text()):
        assert "<script" not in shown
        assert "&lt;script&gt;" in shown
    assert found.save(str(tmp_path / "audit.json")).read_text() == as_json(found.details)
    with pytest.raises(InputError, match=r"\.html or \.json"):
        found.save("audit.pdf")


def test_progress_can_be_turned_off_and_finished_fits_be_kept(tables, tmp_path, capsys):
    loud = audit(*tables[1].values(), **QUICK | {"progress": True}, output=tmp_path)
    assert "100%" in capsys.readouterr().err
    cells = {path: path.stat().st_mtime_ns for path in (tmp_path / "store").glob("*/cell.json")}
    quiet = audit(*tables[1].values(), **QUICK, output=tmp_path)
    assert capsys.readouterr().err == ""
    assert {path: path.stat().st_mtime_ns for path in (tmp_path / "store").glob("*/cell.json")} == cells != {}
    assert loud.verdict == quiet.verdict


def test_the_bundled_pair_is_made_as_its_readme_says(tmp_path, monkeypatch):
    made = re.search(r"```python\n(.*?)```", (BUNDLED / "README.md").read_text(encoding="utf-8"), flags=re.S)
    monkeypatch.chdir(tmp_path)
    exec(made[1], {})
    for name in ("real", "synthetic"):
        assert (tmp_path / f"{name}.csv").read_bytes() == (BUNDLED / "audit" / f"{name}.csv").read_bytes()
    assert sum(path.stat().st_size for path in (BUNDLED / "audit").iterdir()) <= 300_000
    real, synthetic = example()
    assert real.columns.equals(synthetic.columns)
    assert EXAMPLE["target"] in real
    assert np.all(real.notna())


def test_the_cells_of_the_notebook_run(tmp_path, monkeypatch):
    cells = json.loads((ROOT / "docs" / "audit.ipynb").read_text(encoding="utf-8"))["cells"]
    asked = []

    def small(*tables, **options):
        asked.append(audit(*tables, **{"rows": 200, "models": ["linear"]} | options))
        return asked[-1]

    monkeypatch.setattr(api, "audit", small)
    monkeypatch.chdir(tmp_path)
    exec("\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"), {})
    assert ["separate" in found.details.tables["test"] for found in asked] == [False, False, True]
    assert {path.name for path in tmp_path.iterdir()} == {"audit.html", "audit.json"}


def damaged(path):
    """A file that begins as a table of its kind does."""
    path.write_bytes(b"PAR1 and nothing else")
    if path.suffix == ".xlsx":
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("xl/workbook.xml", "<workbook/>")
    return path


READERS = {"xlsx": ("Excel", "openpyxl"), "parquet": ("Parquet", "pyarrow")}


@pytest.mark.parametrize("kind", READERS)
def test_a_table_without_its_reader_is_answered_in_one_line(tables, tmp_path, monkeypatch, kind):
    name, reader = READERS[kind]
    monkeypatch.setitem(sys.modules, reader, None)
    with pytest.raises(InputError, match=f"synthetic table .*: {name} needs {reader}; pip install {reader}, or save"):
        audit(tables[1]["real"], damaged(tmp_path / f"table.{kind}"), **QUICK)


@pytest.mark.parametrize("kind", READERS)
def test_a_table_is_read_where_its_reader_is_installed(tables, tmp_path, kind):
    pytest.importorskip(READERS[kind][1])
    path, frame = tmp_path / f"table.{kind}", tables[1]["real"]

    def write(written):
        written.to_excel(path, index=False) if kind == "xlsx" else written.to_parquet(path)

    write(frame.astype({"kind": "category"}))
    pd.testing.assert_frame_equal(read_table(str(path), "real", 1000).frame, frame, check_dtype=False)
    assert list(synthetic_tables(str(tmp_path)).values()) == [str(path)]
    write(frame.head(0))
    with pytest.raises(InputError, match="0 rows below the header"):
        audit(frame, path, **QUICK)
    with pytest.raises(InputError, match=f"not a readable {READERS[kind][0]} file"):
        read_table(str(damaged(path)), "real", 1000)
