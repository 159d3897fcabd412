"""Hydra's own flags and launchers, as Hydra users know them."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import FEW, ROOT, command

PLUGINS = {"PYTHONPATH": str(Path(__file__).with_name("plugins"))}


def ran(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "run.py", *words], cwd=ROOT, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("launcher", [pytest.param("basic", marks=pytest.mark.paper), "elsewhere"])
def test_exit_codes_are_the_same_under_every_launcher(launcher: str, tmp_path: Path) -> None:
    """In one job of two an identity is turned round, bound <= U; a mistake that only planning sees is 2."""
    words = ["-m", *FEW, "figure=", f"hydra/launcher={launcher}", "replicates=3"]
    serial = [*words, "executor=serial"]
    columns = "claims.bound.params.column=utility,bound_two_sided"
    bad = command([*serial, columns, "claims.bound.params.bound=utility"], tmp_path, PLUGINS)
    assert bad.code == 1, bad.printed + bad.complained
    good = command([*words, "claims.bound.params.column=utility"], tmp_path, PLUGINS)
    assert good.code == 0, good.printed + good.complained
    mistake = command([*serial, "learner.linear.degree=1,-1"], tmp_path, PLUGINS)
    assert mistake.code == 2
    assert "learner.linear.degree" in mistake.complained
    assert "Traceback" not in mistake.complained
    assert not list(tmp_path.glob(".exit-codes*"))


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        (["--cfg", "job", "experiment=convergence", "budget=smoke", "n=50"], "name: convergence"),
        (["experiment=convergence", "--cfg", "job", "--resolve", "replicates=7"], "replicates: 7"),
        (["experiment=convergence", "-c", "hydra"], "hydra:"),
        (["--cfg", "job", "--package", "executor"], "kind: processes"),
        pytest.param(["--cfg", "job", "-p", "executor", "executor=serial"], "kind: serial", marks=pytest.mark.paper),
        (["--info", "searchpath", "experiment=convergence"], "Config search path"),
        (["--hydra-help"], "--multirun"),
        (["--version"], "Hydra 1."),
    ],
)
def test_flags_that_show(words: list[str], shown: str) -> None:
    done = ran(*words)
    assert (done.returncode, done.stderr) == (0, "")
    assert shown in done.stdout


def test_options_of_a_users_own_folder(tmp_path: Path) -> None:
    (tmp_path / "learner").mkdir()
    (tmp_path / "learner" / "mine.yaml").write_text("mine: {kind: poly, degree: 2}\n")
    words = ["--config-dir", str(tmp_path), *FEW[:2], "learner=mine", *FEW[3:], "figure=", "executor=serial"]
    done = command([*words, "replicates=3"], tmp_path / "out")
    assert done.code in (0, 1), done.complained
    kept = [json.loads(p.read_text())["config"]["parts"]["learner"] for p in tmp_path.glob("out/store/*/cell.json")]
    assert kept
    assert all(learner == {"kind": "poly", "degree": 2} for learner in kept)


SWEEP = ["-m", "experiment=convergence", "budget=smoke"]


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        (["--cfg", "job", "learner=kn"], "learner: unknown learner 'kn' (did you mean 'knn'?)"),
        (["--resolve", "experiment=convergence"], "--resolve: goes with --cfg, as in --cfg job --resolve"),
        ([*SWEEP, "learner.knn.fctor=1,2"], "learner.knn.fctor: no such key (did you mean 'factor'?)"),
        ([*SWEEP, "replicates=3,abc"], "replicates: Value 'abc' of type 'str' could not be converted to Integer, got abc"),
    ],
)
def test_mistakes_beside_flags_are_one_line_before_the_first_job(words: list[str], answer: str, tmp_path: Path) -> None:
    done = command(words, tmp_path)
    assert (done.code, done.complained.strip()) == (2, f"error: {answer}")
    assert not (tmp_path / "store").exists()


def test_nobody_reads_the_help_to_its_end() -> None:
    line = f"{sys.executable} run.py --help | head -1"
    done = subprocess.run(["bash", "-o", "pipefail", "-c", line], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("usage: ")


def test_outside_the_environment_one_line_says_what_to_do() -> None:
    done = subprocess.run([sys.executable, "-S", "run.py"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "error: hydra is not installed here: source .venv/bin/activate (`make reproduce` makes .venv)\n"


def test_heavy_packages_stay_out_of_mistakes_and_help() -> None:
    heavy = "{'torch', 'sklearn', 'scipy', 'pandas', 'matplotlib', 'joblib'}"
    for words in (["--help"], ["learner=kn"], ["replicats=3"], ["experiment=convergence", "replicates=abc"]):
        code = f"import sys, run; run.main({words}); sys.exit(len({heavy} & set(sys.modules)))"
        done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
        assert done.returncode == 0, words
