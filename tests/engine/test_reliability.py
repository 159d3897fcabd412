"""What must survive: dead workers, cells that raise, full disks, interruptions, other executors."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import psutil
import pytest
from joblib.externals.loky.process_executor import TerminatedWorkerError

from experiments.config.compose import experiments_of
from experiments.engine.executors import Executor
from experiments.engine.grid import PlannedCell, plan
from experiments.engine.run import compute_and_store, run_cells
from experiments.engine.store import Store, sweep, unfinished, write_whole
from experiments.measurements.base import Cell
from experiments.measurements.simulated import Simulated
from run import main
from tests.conftest import ROOT
from tests.engine.conftest import small, stored

WORDS = ["experiment=specification", "task=parabola", "budget=smoke", "executor=serial"]


def die_once(cell: PlannedCell, root: Path) -> None:
    """Kill the worker at the first cell it meets, once for the whole run."""
    fuse = root.parent / "fuse"
    try:
        fuse.touch(exist_ok=False)
    except FileExistsError:
        compute_and_store(cell, root)
    else:
        os.kill(os.getpid(), signal.SIGKILL)


def die_at_the_first(cell: PlannedCell, root: Path) -> None:
    """Kill every worker that tries one certain cell, while its neighbours take longer."""
    time.sleep(0.2)
    if cell.key == small()[0].key:
        os.kill(os.getpid(), signal.SIGKILL)
    time.sleep(0.2)
    compute_and_store(cell, root)


def test_a_worker_killed_in_a_cell_costs_nothing(
    reference: dict[str, bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("experiments.engine.run.compute_and_store", die_once)
    assert run_cells(small(), tmp_path / "store", Executor("processes", 2), "") == []
    assert (tmp_path / "fuse").exists()
    assert stored(tmp_path / "store") == reference


@pytest.mark.parametrize("kind", ["processes", "dask"])
def test_only_the_cell_that_kills_its_worker_has_failed(
    reference: dict[str, bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    if kind == "dask":
        pytest.importorskip("distributed", reason="Dask is an optional extra (requirements-extra.txt)")
    monkeypatch.setattr("experiments.engine.run.compute_and_store", die_at_the_first)
    [failure] = run_cells(small(), tmp_path, Executor(kind, 2), "")
    assert failure.key == small()[0].key
    assert "worker died" in failure.traceback
    assert stored(tmp_path) == {key: rows for key, rows in reference.items() if key != failure.key}


def test_workers_that_die_before_they_begin_end_the_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    started = []

    def dead(*_: object) -> Iterator[tuple[str, str]]:
        started.append(1)
        raise TerminatedWorkerError("killed")
        yield

    monkeypatch.setattr("experiments.engine.executors._in_processes", dead)
    with pytest.raises(OSError, match="workers die before they begin a cell"):
        run_cells(small(), tmp_path, Executor("processes", 2), "")
    assert len(started) == 3


def test_of_two_writers_of_a_cell_the_first_wins(tmp_path: Path) -> None:
    store, x = Store(tmp_path), np.arange(3.0)
    for said in ("first", "second"):
        store.write("cell", {}, "code", {"x": x}, {"by": said})
    assert store.note("cell")["provenance"] == {"by": "first"}
    assert store.triage("cell", "code") == "sound"
    assert store.triage("cell", "other code") == "stale"
    assert store.triage("cell", "code") == "absent"
    store.drop("cell")  # gone already: another run was faster
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_process_left_is_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also while its number is still taken, because nobody has asked for its end; what a living one writes stays."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    mine = unfinished(tmp_path, "mine")
    mine.touch()
    with monkeypatch.context() as patch:
        patch.setattr(os, "getpid", lambda: process.pid)
        mark, cell = unfinished(tmp_path, "mark"), unfinished(tmp_path, "cell")
    mark.touch()
    (cell / "rows").mkdir(parents=True)
    sweep(tmp_path)
    assert list(tmp_path.iterdir()) == [mine]
    mark.touch()
    write_whole(tmp_path / "page", "whole")
    assert sorted(tmp_path.iterdir()) == [mine, tmp_path / "page"]
    assert process.wait() == 0


def test_a_failed_cell_is_in_the_store_and_the_exit_code_is_3(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    tried = []

    def broken(self: Simulated, cell: Cell) -> dict[str, np.ndarray]:
        tried.append(cell.n)
        raise RuntimeError("out of luck")

    monkeypatch.setattr(Simulated, "rows", broken)
    words = [*WORDS, "learner=linear", f"output={tmp_path}"]
    assert main(words) == 3
    said = capsys.readouterr().out
    assert "3 open" in said
    assert "cells failed" in said
    cells = plan(experiments_of(words)[0].config)
    assert len(tried) == 3 * len(cells)
    for cell in cells:
        assert "out of luck" in (tmp_path / "store" / "failed" / f"{cell.key}.json").read_text()
    monkeypatch.undo()
    assert main(words) in (0, 1)
    assert not list((tmp_path / "store" / "failed").iterdir())


def test_a_figure_that_cannot_be_drawn_costs_no_verdict(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    words = [*WORDS, "learner=linear", f"output={tmp_path}"]
    assert main(words) in (0, 1)
    [figure] = tmp_path.glob("smoke/**/specification.png")
    [verdicts] = tmp_path.glob("smoke/**/claims.json")
    before = verdicts.read_bytes()
    shutil.rmtree(verdicts.parent)

    def draw(rows: pd.DataFrame) -> None:
        raise KeyError("uniform")

    capsys.readouterr()
    with monkeypatch.context() as patch:
        patch.setattr("figures.plots.specification.draw", draw)
        for _ in range(2):  # it is drawn again
            assert main(words) == 3
            said = capsys.readouterr().out.strip().splitlines()[-1]
            assert said.startswith("failed: figure of specification: KeyError: 'uniform' (traceback: ")
    assert verdicts.read_bytes() == before
    assert "KeyError" in figure.with_suffix(".txt").read_text()
    assert not figure.exists()
    assert main(words) in (0, 1)
    assert figure.exists()
    assert not figure.with_suffix(".txt").exists()


def test_a_full_disk_is_one_line_and_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    words = [*WORDS, f"output={tmp_path}"]
    original, written = Store.write, []

    def filling(self: Store, key: str, *rest: object) -> None:
        if len(written) == 3:
            raise OSError(28, "No space left on device", str(self.root))
        written.append(key)
        original(self, key, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(Store, "write", filling)
    assert main(words) == 2
    said = capsys.readouterr().err
    assert "No space left on device" in said.strip().splitlines()[-1]
    assert "Traceback" not in said
    monkeypatch.undo()
    assert sorted(stored(tmp_path / "store")) == sorted(written)
    assert main(words) in (0, 1)


def test_a_folder_that_cannot_be_written_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_text("not a folder")
    assert main([*WORDS, f"output={tmp_path / 'file' / 'outputs'}"]) == 2
    said = capsys.readouterr().err.strip()
    assert len(said.splitlines()) == 1
    assert "file" in said


def interrupt(process: subprocess.Popen[str]) -> None:
    """Ctrl-C: a terminal sends it to the workers, too."""
    os.killpg(process.pid, signal.SIGINT)


@pytest.mark.parametrize(
    ("executor", "stop", "code"),
    [
        pytest.param("serial", interrupt, 130, marks=pytest.mark.paper),
        ("processes", interrupt, 130),
        ("processes", subprocess.Popen.terminate, 143),
    ],
)
def test_interrupted_within_five_seconds(
    executor: str, stop: Callable[[subprocess.Popen[str]], None], code: int, tmp_path: Path
) -> None:
    """By Ctrl-C or a plain `kill` of the run alone; no worker outlives it."""
    words = ["experiment=convergence", "learner=knn", "budget=quick", "replicates=100"]
    words += [f"executor={executor}", f"output={tmp_path}"]
    process = subprocess.Popen(
        [sys.executable, "run.py", *words], cwd=ROOT, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL,
        text=True, start_new_session=True,
        # a shell starts what it runs in the background with the signal ignored, and children inherit that
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )  # fmt: skip
    deadline = time.monotonic() + 60
    while not stored(tmp_path / "store") and time.monotonic() < deadline:
        time.sleep(0.05)
    workers = psutil.Process(process.pid).children(recursive=True)
    stop(process)
    start = time.monotonic()
    _, said = process.communicate(timeout=30)
    assert time.monotonic() - start < 5
    assert psutil.wait_procs(workers, timeout=5)[1] == []
    assert process.returncode == code
    assert "the same command goes on from here" in said
    assert "Traceback" not in said


def test_surroundings_do_not_change_the_rows(reference: dict[str, bytes], tmp_path: Path) -> None:
    code = (
        "from pathlib import Path\n"
        "from tests.engine.conftest import Executor, run_cells, small\n"
        f"run_cells(small(), Path({str(tmp_path)!r}), Executor('serial', 1), '')\n"
    )
    odd = {"PYTHONHASHSEED": "7", "TZ": "Asia/Kathmandu", "LC_ALL": "C", "OMP_NUM_THREADS": "2", "OPENBLAS_NUM_THREADS": "2"}
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=os.environ | odd, check=True, capture_output=True)
    assert stored(tmp_path) == reference
