"""The engine's own costs: what it adds to the cells, what a second worker brings, what reading costs."""

import multiprocessing
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any
from unittest.mock import patch

import numpy as np

from experiments.config.compose import experiments_of
from experiments.config.registry import ROOT
from experiments.engine.code_version import fingerprint
from experiments.engine.executors import Executor
from experiments.engine.grid import PlannedCell, plan
from experiments.engine.run import collect, compute, drop_unusable, run_cells
from experiments.engine.store import Store
from figures.claims.judge import judge
from tests.bench import Result, result


def cells(words: list[str]) -> list[PlannedCell]:
    return plan(experiments_of(["experiment=convergence", *words])[0].config)


def timed(work: Any) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def bench_overhead() -> list[Result]:
    """The engine on one worker against the cells it runs: grid, streams, store and scheduling must add little.

    Both are timed in one and the same run, since two runs differ by more than what is looked for.
    """
    inside = []

    def timed_cell(config: dict[str, Any]) -> Any:
        start = time.perf_counter()
        columns = compute(config)
        inside.append(time.perf_counter() - start)
        return columns

    planned = cells(["learner=knn"])
    once = timed(lambda: fingerprint(planned[0].config))
    with tempfile.TemporaryDirectory() as folder, patch("experiments.engine.run.compute", timed_cell):
        whole = timed(lambda: run_cells(planned, Path(folder), Executor("serial", 1), "overhead"))
    bare = sum(inside)
    what = f"engine adds {100 * (whole / bare - 1):.1f}% to the cells of convergence (target: under 3%)"
    what += f", and {once:.2f} s once a process, to read the version of the code"
    return [result("engine against bare cells", whole, bare, 1 / 1.03, "s", what)]


def bench_two_workers() -> list[Result]:
    """Two workers against one on the cells of convergence, beside what two independent numpy loops reach."""
    planned = cells(["learner=knn"])
    seconds = {}
    for workers in (1, 2):
        with tempfile.TemporaryDirectory() as folder:
            run_cells(planned[:2], Path(folder) / "warm", Executor("processes", workers), "warm")
            seconds[workers] = timed(
                lambda w=workers, f=folder: run_cells(planned, Path(f) / "cold", Executor("processes", w), "workers")
            )
    alone = timed(lambda: _spin(0))
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        pool.map(_spin, [0, 1])
        both = timed(lambda: pool.map(_spin, [0, 1]))
    reachable = 2 * alone / both
    target = min(1.7, 0.9 * reachable)
    return [result("two workers against one", seconds[2], seconds[1], target, "s", f"two numpy loops reach {reachable:.2f}x")]


def bench_startup() -> list[Result]:
    """A mistake on the command line, and `--help`, against importing hydra and numpy: processor time of fresh processes."""
    bare = _processor("-c", "import hydra, numpy")
    found = []
    for words in (["--help"], ["learner=kn"], ["replicats=3"], ["experiment=convergence", "replicates=abc"]):
        ours = _processor("run.py", *words)
        what = f"{' '.join(words)} takes {ours / bare:.1f} times what importing hydra and numpy takes (target: at most 3)"
        found.append(result(f"start-up: {words[-1]}", ours, bare, 1 / 3, "s", what))
    return found


def _processor(*words: str) -> float:
    """Median processor seconds of seven runs of Python with these words."""
    seconds = []
    for _ in range(7):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([sys.executable, *words], cwd=ROOT, capture_output=True, check=False)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        seconds.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return median(seconds)


def _spin(seed: int) -> float:
    values = np.random.default_rng(seed).random((20, 2000))
    return sum(float(np.sort(values + i, axis=1)[:, 0].sum()) for i in range(600))


def bench_reading() -> list[Result]:
    """A store of a million rows: checked, read, and summarised by a claim."""
    [experiment] = experiments_of(["experiment=convergence", "learner=knn"])
    planned = plan(experiment.config)
    template = compute(cells(["learner=knn", "n=60", "replicates=4", "synthetic_law=uniform"])[0].config)
    rows = -(-1_000_000 // len(planned))
    columns = {k: np.resize(v, rows) for k, v in template.items()} | {"replicate": np.arange(rows)}
    with tempfile.TemporaryDirectory() as folder:
        store = Store(Path(folder))
        for cell in planned:
            store.write(cell.key, cell.config, "", columns, {"seconds": 1.0})
        read = timed(lambda: judge(experiment, collect("convergence", planned, store.root)))
        checked = timed(lambda: drop_unusable(planned[:0], store.root) or [store.check(c.key) for c in planned])
    total = rows * len(planned)
    return [
        result("a million rows read and judged", read, 2.0, 1.0, "s", f"{total:,} rows in {read:.2f} s (target: under 2 s)"),
        result("a million rows checked", checked, 20.0, 1.0, "s", f"checksums in {checked:.2f} s (target: under 20 s)"),
    ]
