"""The audit as a whole: command, files, invariances, resume."""

import json
import re
import shutil
import subprocess
import sys
from dataclasses import asdict, replace

import numpy as np
import pandas as pd
import pytest

from experiments.audit.columns import Warnings
from experiments.audit.core import load
from experiments.audit.encoding import limited
from experiments.audit.options import AuditOptions
from figures.report.audit_page import context, terminal
from figures.report.audit_page import write as write_page
from run import main
from tests.audit.conftest import audit, write
from tests.audit.worlds import problem
from tests.conftest import ROOT


def numbers(result):
    """Everything that must not depend on the order of rows and columns or on names."""
    found = result.to_dict()
    return {key: found[key] for key in ("models", "ranking", "guess", "causes", "copies")} | {
        "auc": found["fidelity"]["auc"],
        "curve": found["fidelity"]["lowered"],
        "drops": [entry["drop"] for entry in found["fidelity"]["columns"]],
    }


def test_command_prints_writes_and_never_imports_torch(tmp_path):
    paths = write(tmp_path, "regression", "responses", rows=200)
    words = ["experiment=audit", "audit.target=y", "audit.models=[linear,tree,mlp]", "audit.repeats=1"]
    words += [f"audit.real={paths['real']}", f"audit.synthetic={paths['synthetic']}", f"output={tmp_path}/out"]
    program = (
        "import sys; from run import main; code = main(sys.argv[1:]); "
        "assert 'torch' not in sys.modules, 'torch was imported'; sys.exit(code)"
    )
    command = [sys.executable, "-c", program, *words]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    assert "Warning" not in done.stderr
    folder = next((tmp_path / "out" / "audit").iterdir())
    found = json.loads((folder / "audit.json").read_text())
    assert found["tables"]["conditional"]
    assert found["verdict"]["train_sentence"] in done.stdout
    assert "conditional on these two tables" in done.stdout
    assert str(folder / "audit.html") in done.stdout


def test_a_mistake_is_one_line_and_exit_code_2(tmp_path, capsys):
    paths = write(tmp_path, "classification", rows=100)
    words = ["experiment=audit", f"audit.real={paths['real']}", f"audit.synthetic={paths['synthetic']}"]
    for extra in (["audit.target=income"], ["audit.target=y", "audit.repeats=0"], ["audit.target=y", "audit.tsk=auto"]):
        assert main([*words, *extra, f"output={tmp_path}/out"]) == 2
        told = capsys.readouterr().err.strip()
        assert told.startswith("error: audit.")
        assert "\n" not in told


def test_the_result_says_what_is_wrong_with_wrong_responses(base):
    result = base[2]
    assert result.verdict.train == "no"
    assert {result.causes[m.name].cause for m in result.models} == {"responses"}
    assert not result.fidelity.told_apart


def test_order_of_rows_and_columns_and_names_of_labels_change_nothing(base, tmp_path):
    paths, _, result = base
    rng = np.random.default_rng(1)
    for name, path in paths.items():
        table = pd.read_csv(path).sample(frac=1, random_state=3).replace({"y": {"no": 1, "yes": 0}})
        table[rng.permutation(table.columns)].to_csv(tmp_path / f"{name}.csv", index=False)
    other = audit({name: tmp_path / f"{name}.csv" for name in paths}, tmp_path)
    assert numbers(other) == numbers(result)


def test_two_workers_and_a_second_run_give_the_same_bytes(base, tmp_path):
    paths, folder, _ = base
    first = (folder / "audit.json").read_bytes()
    audit(paths, tmp_path, workers=2)
    assert (tmp_path / "audit.json").read_bytes() == first
    cells = sorted((tmp_path / "store").iterdir())
    before = {p.name: (p / "cell.json").stat().st_mtime_ns for p in cells}
    for p in cells[::2]:  # as if killed half way
        shutil.rmtree(p)
    (cells[1] / "rows.npz").write_bytes(b"damaged")
    audit(paths, tmp_path, workers=2)
    assert (tmp_path / "audit.json").read_bytes() == first
    assert all((p / "cell.json").stat().st_mtime_ns == before[p.name] for p in cells[3::2])


def test_another_seed_is_another_split(base, tmp_path):
    paths, _, result = base
    assert numbers(audit(paths, tmp_path, seed=7, repeats=1)) != numbers(result)


def test_page_is_self_contained_and_escapes_what_comes_from_data(tmp_path):
    evil = "<script>alert(1)</script>"
    paths = write(tmp_path, "classification", rows=150)
    for path in paths.values():
        table = pd.read_csv(path).rename(columns={"x1": f"x{evil}", "kind": f'"><img src=x onerror=1>{evil}'})
        table.iloc[:, 3] = table.iloc[:, 3].replace("a", f"a{evil}")
        table["y"] = table["y"].replace("no", evil)
        table.to_csv(path, index=False)
    result = audit(paths, tmp_path, repeats=1)
    result = replace(result, warnings=[*result.warnings, evil])
    page = write_page(result, tmp_path).read_text()
    for absent in ("<script", "<img", 'src="http', "@import"):
        assert absent not in page
    for present in ("&lt;script&gt;", "prefers-color-scheme: dark", "conditional on these two tables"):
        assert present in page
    assert not re.search(r"\bnan\b", page.replace(evil, "").lower().split("<body>")[1])


def test_terminal_and_page_show_every_model(base):
    _, folder, result = base
    told = terminal(result, folder / "audit.html")
    n, m = (result.tables[f"{rows}_rows"] for rows in ("real_training", "synthetic"))
    assert f"{n / (n + m):.0%} of the rows real" in told
    assert f"at most {(n + m) / n:.1f} times that in the joint table" in told
    assert f"at most {(n + m) / n:.1f} times that over the features" in write_page(result, folder).read_text()
    drawn = context(result)["drawings"]
    for label in ("linear model", "single tree"):
        assert label in told
        assert label in drawn["gaps"]
        assert label in drawn["places"]


def test_copies_are_counted_and_warned_of(tmp_path):
    paths = write(tmp_path, "regression", rows=400)
    real, synthetic = (pd.read_csv(path) for path in paths.values())
    pd.concat([synthetic, real.head(50)]).to_csv(paths["synthetic"], index=False)
    result = audit(paths, tmp_path, repeats=1)
    assert result.copies.of_training + result.copies.of_test == 50
    assert result.copies.by_chance.value == 0
    assert any("50 synthetic rows are copies" in line for line in result.warnings)


def test_a_model_that_only_guesses_is_called_so(tmp_path):
    rng = np.random.default_rng(2)
    paths = {name: tmp_path / f"{name}.csv" for name in ("real", "synthetic")}
    for path in paths.values():
        table = pd.DataFrame({"x": rng.normal(size=200), "y": np.where(rng.random(200) < 0.2, "yes", "no")})
        table.to_csv(path, index=False)
    result = audit(paths, tmp_path, repeats=1)
    assert result.verdict.train == "undecided"
    assert "nothing can be said" in result.verdict.train_sentence
    assert any("no better than a plain guess" in line for line in result.warnings)


def test_a_separate_test_table_is_used_whole(tmp_path):
    paths = write(tmp_path, "classification", rows=120)
    other = write(tmp_path / "other", "classification", rows=40, seed=1)
    other["real"].rename(tmp_path / "test.csv")
    names = {name: str(path) for name, path in paths.items()}
    loaded = load(AuditOptions(**names, target="y", test=str(tmp_path / "test.csv")), Warnings())
    assert (len(loaded.real), len(loaded.test)) == (120, 40)


def test_many_columns_are_met_by_fewer_rows():
    small = limited(problem(np.random.default_rng(3), "regression", rows=2000), 4 * 700)
    assert len(small.real) == len(small.synthetic) == 700
    assert len(small.test) == 300


def test_options_name_what_is_out_of_range():
    good = {"real": "a", "synthetic": "b", "target": "c"}
    assert asdict(AuditOptions(**good))["repeats"] == 10
    bad = {"task": "x", "models": ["x"], "repeats": 0, "seed": -1, "rows": 5, "level": 1, "tolerance": 0}
    for key, value in bad.items():
        with pytest.raises(ValueError, match=f"audit.{key}"):
            AuditOptions(**good | {key: value})
