"""The learner of docs/extending.md is one new file: it is listed, goes through the contract tests, and runs in experiments."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from experiments.config.compose import headers
from tests.conftest import ROOT

[EXAMPLE] = re.findall(r"```python\n(.*?)```", (ROOT / "docs" / "extending.md").read_text(encoding="utf-8"), flags=re.S)
SHARED = ("theory", "experiments", "figures", "conf", "tests", "run.py", "pyproject.toml")
EXPERIMENTS = tuple(
    name
    for name, header in headers().items()
    if header["suite"] == "main"
    and "override /learner" in str(header.get("defaults"))
    and not name.startswith(("deep", "better_than_real"))
)
"""Those in which any learner can be trained: the others need networks, or least squares."""
RUN = ("convergence", "classification")


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project with the example put among the learners, and nothing else touched."""
    folder = tmp_path_factory.mktemp("project")
    for name in SHARED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, folder / name)
    (folder / "experiments" / "learners" / "shrunken_mean.py").write_text(EXAMPLE, encoding="utf-8")
    return folder


def ran(project: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *words], cwd=project, capture_output=True, text=True, check=False,
        env=os.environ | {"PYTHONPATH": str(project), "OMP_NUM_THREADS": "1"},
    )  # fmt: skip


def test_it_is_listed_with_its_options_and_a_bad_one_is_named(project: Path) -> None:
    line = next(line for line in ran(project, "run.py", "--help").stdout.splitlines() if "shrunken_mean" in line)
    assert "shrinkage=0.0" in line
    done = ran(project, "run.py", "experiment=sample_sizes", "learner=shrunken_mean", "learner.shrunken_mean.shrinkage=-1")
    assert done.returncode == 2
    assert "learner.shrunken_mean.shrinkage: expected a number in [0, 1], got -1" in done.stderr


def test_it_goes_through_the_contract_tests(project: Path) -> None:
    words = ["-q", "-p", "no:cacheprovider", "tests/learners/test_learners.py", "-k", "shrunken_mean"]
    done = ran(project, "-m", "pytest", *words)
    assert done.returncode == 0, done.stdout  # pytest gives 5 where it finds no test


PLAN = """
from experiments.config.compose import experiments_of
from experiments.engine.grid import plan
for experiment in experiments_of(["experiment=" + {names!r}, "learner=[linear,knn,shrunken_mean]", "budget=smoke"]):
    planned = plan(experiment.config)
    print(experiment.name, sum(c.config["parts"]["learner"]["kind"] == "shrunken_mean" for c in planned))
"""


def test_it_is_planned_in_every_experiment(project: Path) -> None:
    done = ran(project, "-c", PLAN.format(names=",".join(EXPERIMENTS)))
    counts = dict(line.split() for line in done.stdout.splitlines())
    assert tuple(counts) == EXPERIMENTS, done.stderr
    assert all(int(count) > 0 for count in counts.values()), counts


def test_it_runs_in_experiments_of_every_kind(project: Path) -> None:
    words = ["learner=[linear,knn,shrunken_mean]", "synthetic_law=[uniform,beta]", "n=[40]", "replicates=2", "ratio=[1]"]
    words += ["budget=smoke", "executor=serial", "output=out"]
    done = ran(project, "run.py", f"experiment={','.join(RUN)}", *words)
    assert "Traceback" not in done.stderr, done.stderr[-2000:]
    assert done.returncode in (0, 1), done.stdout
    assert "failed:" not in done.stdout
    notes = [json.loads(note.read_text()) for note in (project / "out" / "store").glob("*/cell.json")]
    assert "shrunken_mean" in {note["config"]["parts"]["learner"]["kind"] for note in notes}
    assert len(list((project / "out" / "smoke" / "variants").glob("*/figures/*.png"))) == len(RUN)
