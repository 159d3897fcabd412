"""The plain command line: options from the schema, any path and name, mistakes answered at once, make."""

import json
import os
import shlex
import subprocess
import sys
from dataclasses import asdict, fields
from functools import partial

import pandas as pd
import pytest

from experiments.audit.__main__ import main, options_of
from experiments.audit.options import EXAMPLE, AuditOptions
from experiments.config.command_line import described
from experiments.config.compose import experiments_of
from experiments.config.process import answered
from tests.audit.conftest import write
from tests.conftest import ROOT

TABLES = ["real.csv", "synthetic.csv", "--target", "income"]
GIVEN = {"real": "real.csv", "synthetic": "synthetic.csv", "target": "income"}
ODD = ["Größe", "my real (1).csv", "real,v=2.csv", "~/r.csv", "Income (k$), gross", "it's", 'a "b"', "a=b", "[x]", "{y}"]


def test_options_are_those_of_the_schema(capsys):
    assert options_of(TABLES)[0] == AuditOptions(**GIVEN)
    with pytest.raises(SystemExit):
        options_of(["--help"])
    shown = "".join(capsys.readouterr().out.split())
    for option in fields(AuditOptions)[2:]:
        assert (f"--no-{option.name}" if option.type == "bool" else f"--{option.name}X") in shown
        assert "".join(described(AuditOptions)[option.name].split()) in shown
    assert "gainsovertheplainguess.(default:0.1)" in shown


@pytest.mark.parametrize(
    ("words", "changed"),
    [
        (["--repeats", "1", "--level=0.9"], {"repeats": 1, "level": 0.9}),
        (["--models", "linear", "tree", "--test", "t.csv"], {"models": ["linear", "tree"], "test": "t.csv"}),
        (["--ignore", "Income (k$), gross", "id"], {"ignore": ["Income (k$), gross", "id"]}),
        (["audit.repeats=1", "audit.models=[linear, tree]"], {"repeats": 1, "models": ["linear", "tree"]}),
        (["audit.keep=id"], {"keep": ["id"]}),
        (['audit.test="my test.csv"'], {"test": "my test.csv"}),
    ],
)
@pytest.mark.parametrize("before", [True, False])
def test_options_are_read_before_and_after_the_tables(words, changed, before):
    asked = AuditOptions(**GIVEN | changed)
    assert options_of([*words, *TABLES[2:], *TABLES[:2]] if before else [*TABLES, *words])[0] == asked


def test_several_tables_and_a_folder_of_them(tmp_path):
    for name in ("b.csv", "a.csv"):
        (tmp_path / name).touch()
    for tables in ([tmp_path], [tmp_path / "a.csv", tmp_path / "b.csv"]):
        options, rest = options_of(["real.csv", *map(str, tables), *TABLES[2:], "--next"])
        assert rest["synthetic"] == [f"{tmp_path}/a.csv", f"{tmp_path}/b.csv"]
        assert options == AuditOptions(**GIVEN | {"synthetic": f"{tmp_path}/a.csv", "next": True})


@pytest.mark.parametrize("name", ODD)
def test_any_path_and_name_is_taken_as_it_is(name):
    words = [name, name, "--target", name, "--test", name, "--keep", name]
    assert options_of(words)[0] == AuditOptions(real=name, synthetic=name, target=name, test=name, keep=[name])


def test_an_audit_of_odd_paths_from_another_folder(tmp_path):
    paths = write(tmp_path, "classification", rows=150)
    names = {"real": "my real (1).csv", "synthetic": "Größe,v=2.csv"}
    for table, path in paths.items():
        pd.read_csv(path).rename(columns={"y": "Income (k$), gross"}).to_csv(tmp_path / names[table], index=False)
    words = ["~/my real (1).csv", names["synthetic"], "--target", "Income (k$), gross", "--models", "linear", "--repeats", "1"]
    command = [sys.executable, "-m", "experiments.audit", *words, "--folder", "found"]
    env = os.environ | {"PYTHONPATH": str(ROOT), "HOME": str(tmp_path)}
    done = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found = json.loads((tmp_path / "found" / "audit.json").read_text(encoding="utf-8"))
    assert found["tables"]["target"] == "Income (k$), gross"
    assert found["verdict"]["train_sentence"] in done.stdout
    assert (tmp_path / "outputs" / "store").is_dir()


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ([], "two tables are needed"),
        (TABLES[:2], "--target: missing"),
        ([*TABLES, "--repets", "3"], "did you mean 'repeats'?"),
        ([*TABLES, "--repeats", "z"], "argument --repeats: invalid int value: 'z'"),
        ([*TABLES, "--repeats", "0"], "audit.repeats: expected an integer >= 1"),
        ([*TABLES, "audit.tsk=auto"], "audit.tsk: no such option (did you mean 'task'?)"),
        ([EXAMPLE["real"], EXAMPLE["synthetic"], "other.csv", "--target", "income"], "synthetic table other.csv: no such file"),
        ([*TABLES, "--example"], "--example: brings its own tables"),
        (TABLES, "real table real.csv: no such file"),
        ([EXAMPLE["real"], EXAMPLE["synthetic"], "--target", "incme"], "did you mean 'income'?"),
        ([EXAMPLE["real"], EXAMPLE["synthetic"], "--target", "income", "--ignore", "agee"], "did you mean 'age'?"),
    ],
)
def test_a_mistake_is_one_line_and_exit_code_2(words, told, capsys):
    assert answered(partial(main, words)) == 2
    line = capsys.readouterr().err.strip()
    assert line.startswith("error: ")
    assert told in line
    assert "\n" not in line


def test_mistakes_are_answered_before_anything_heavy_is_imported(tmp_path):
    pd.read_csv(EXAMPLE["real"]).head(40).to_csv(tmp_path / "few.csv", index=False)
    program = f"""
import sys
from experiments.audit.__main__ import main as audit
from experiments.config.process import answered
def loaded(*names):
    return set(names) & {{name.split(".")[0] for name in sys.modules}}
assert answered(lambda: audit({[*TABLES, "--repeats", "0"]})) == 2
assert not loaded("numpy", "pandas", "hydra"), loaded("numpy", "pandas", "hydra")
wrong = ["{EXAMPLE["real"]}", "{EXAMPLE["synthetic"]}", "incme"]
assert answered(lambda: audit([*wrong[:2], "--target", wrong[2]])) == 2
assert not loaded("hydra")
from run import main
assert main(["experiment=audit", *map("{{}}={{}}".format, ("audit.real", "audit.synthetic", "audit.target"), wrong)]) == 2
heavy = loaded("scipy", "sklearn", "matplotlib", "joblib", "torch", "figures")
assert not heavy, heavy
assert answered(lambda: audit(["{tmp_path}/few.csv", wrong[1], "--target", "income"])) == 2
assert not loaded("sklearn", "matplotlib", "torch"), loaded("sklearn", "matplotlib", "torch")
"""
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("did you mean 'income'?") == 2
    assert "40 rows are too few" in done.stderr


def made(*variables):
    line = ["make", "-n", "-o", ".venv/installed", "audit", *variables]
    inherited = ("MAKEFLAGS", "MAKELEVEL", "MFLAGS")  # from `make test`
    alone = {name: value for name, value in os.environ.items() if name not in inherited}
    return shlex.split(subprocess.run(line, cwd=ROOT, env=alone, capture_output=True, text=True, check=True).stdout)[3:]


@pytest.mark.parametrize("name", ODD)
def test_make_passes_paths_and_names_as_they_are(name):
    words = made(f"REAL={name}", f"SYNTHETIC={name}", f"TARGET={name}", "ARGS=--repeats 1 'audit.models=[linear,tree]'")
    assert options_of(words)[0] == AuditOptions(name, name, name, repeats=1, models=["linear", "tree"])


def test_make_without_words_shows_the_bundled_pair():
    assert made() == ["--example"]
    assert made("ARGS=--repeats 1") == ["--example", "--repeats", "1"]
    assert asdict(options_of(["--example"])[0]) == asdict(AuditOptions(**EXAMPLE))


def test_the_hydra_spelling_takes_single_names_for_lists():
    words = [f"audit.{name}={value}" for name, value in GIVEN.items()]
    [experiment] = experiments_of(["experiment=audit", *words, "audit.keep=id", "audit.models=tree"])
    assert AuditOptions(**experiment.config["audit"]) == AuditOptions(**GIVEN, keep=["id"], models=["tree"])
