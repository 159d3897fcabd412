"""The smoke run of every experiment, made once, in a process of its own."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import settings

import run  # noqa: F401  before numpy loads: one thread, for threads of two workers on two cores wait for each other

ROOT = Path(__file__).resolve().parent.parent
FEW = ["experiment=specification", "budget=smoke", "learner=linear", "task=parabola", "synthetic_law=beta", "n=[50,100]"]
"""A run of few cells."""

settings.register_profile("default", max_examples=20, deadline=None)
settings.register_profile("thorough", max_examples=500, deadline=None)  # make test-paper
settings.load_profile("default")

FIRST = ("test_smoke.py", "test_launch.py", "test_resume_after_kill.py", "test_random_configurations.py", "test_reliability.py")
"""The longest files, begun first so that the workers end together."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: FIRST.index(item.path.name) if item.path.name in FIRST else len(FIRST))


@dataclass(frozen=True)
class Run:
    """A finished run of run.py: what it printed, its exit code, its output folder."""

    words: list[str]
    code: int
    printed: str
    complained: str
    output: Path


def command(words: list[str], output: Path, env: dict[str, str] | None = None) -> Run:
    """Run `python run.py` with the words and an output folder."""
    line = [sys.executable, "run.py", *words, f"output={output}"]
    done = subprocess.run(line, cwd=ROOT, capture_output=True, text=True, env=os.environ | (env or {}), check=False)
    return Run(words, done.returncode, done.stdout, done.stderr, output)


@pytest.fixture(scope="session")
def smoke(tmp_path_factory: pytest.TempPathFactory) -> Run:
    words = ["experiment=all,related", "budget=smoke", "executor=serial", "verbose=true"]
    return command(words, tmp_path_factory.mktemp("smoke"))
