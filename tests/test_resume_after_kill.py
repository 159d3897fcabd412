"""Killed at any moment, a run goes on, and ends byte-equal to an undisturbed one."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tests.conftest import ROOT, Run, command
from tests.test_smoke import contents

SHORT = ["experiment=specification", "budget=smoke", "task=parabola", "replicates=100", "n=[200,400,800]", "figure="]


def start(words: list[str], output: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "run.py", *words, f"output={output}"],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def kill(process: subprocess.Popen[bytes]) -> None:
    """End a run and all its workers without a warning."""
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def cells(output: Path) -> int:
    return len(list((output / "store").glob("[!.]*/cell.json")))


def writing(output: Path) -> bool:
    return any(left.is_dir() for left in (output / "store").glob(".unfinished-*"))


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return command([*SHORT, "executor=serial"], tmp_path_factory.mktemp("undisturbed"))


MOMENTS: dict[str, tuple[str, Callable[[Path], bool]]] = {
    "at the start": ("processes", lambda output: True),
    "writing the fifth cell": ("serial", lambda output: cells(output) >= 4 and writing(output)),
    "after the cells": ("serial", lambda output: cells(output) >= 12),
}
"""When a run is killed, and by which executor it is ended."""


MIDDLE = "writing the fifth cell"


@pytest.mark.parametrize("moment", [MIDDLE, *(pytest.param(m, marks=pytest.mark.paper) for m in MOMENTS if m != MIDDLE)])
def test_killed_and_run_again(moment: str, undisturbed: Run, tmp_path: Path) -> None:
    process = start(SHORT, tmp_path)
    deadline = time.monotonic() + 60
    executor, come = MOMENTS[moment]
    while not come(tmp_path) and time.monotonic() < deadline and process.poll() is None:
        time.sleep(0.001)
    kill(process)
    again = command([*SHORT, f"executor={executor}"], tmp_path)
    assert again.code == undisturbed.code
    assert contents(tmp_path) == contents(undisturbed.output)


def test_two_runs_at_once_share_and_agree(undisturbed: Run, tmp_path: Path) -> None:
    first = start(SHORT, tmp_path)
    second = command([*SHORT, "executor=serial"], tmp_path)
    assert first.wait(timeout=120) == undisturbed.code
    assert second.code == undisturbed.code
    assert contents(tmp_path) == contents(undisturbed.output)


@pytest.mark.paper
def test_killed_at_twenty_five_random_moments(smoke: Run, tmp_path: Path) -> None:
    rng = np.random.default_rng(25)
    start_time = time.monotonic()
    command(smoke.words, tmp_path / "timed")
    whole = time.monotonic() - start_time
    for i, moment in enumerate(rng.uniform(0, whole, 25)):
        process = start(smoke.words, tmp_path / str(i))
        time.sleep(moment)
        kill(process)
        again = command(smoke.words, tmp_path / str(i))
        assert again.code == smoke.code
        assert contents(tmp_path / str(i)) == contents(smoke.output)
