"""How time and memory grow with n, with replicates and with the number of cells: exponents on doubling grids."""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

from tests.bench import Result, result
from tests.conftest import ROOT

PROBE = """
import json, resource, sys, time
from pathlib import Path
from experiments.config.compose import experiments_of
from experiments.engine.run import run_cells
from experiments.engine.executors import Executor
from experiments.engine.grid import plan
cells = plan(experiments_of(json.loads(sys.argv[1]))[0].config)
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
start = time.perf_counter()
run_cells(cells, Path(sys.argv[2]), Executor("serial", 1), "growth")
seconds = time.perf_counter() - start
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(json.dumps({"seconds": seconds, "mib": peak / 1024, "before": before / 1024, "cells": len(cells)}))
"""

BASE = ["experiment=convergence", "learner=knn", "budget=quick"]
SIZES = {count: ",".join(str(1000 + i) for i in range(count)) for count in (5, 10, 20)}
GRIDS = {
    "n": [[f"n={n}", "replicates=50", "synthetic_law=beta"] for n in (4000, 8000, 16000, 32000)],
    "replicates": [["n=4000", f"replicates={r}", "synthetic_law=beta"] for r in (400, 800, 1600)],
    "cells": [[f"n=[{sizes}]", "replicates=20", "synthetic_law=uniform"] for sizes in SIZES.values()],
}


def probe(words: list[str]) -> dict[str, float]:
    """Seconds and peak MiB of one run in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        line = [sys.executable, "-c", PROBE, json.dumps([*BASE, *words]), str(Path(folder) / "store")]
        done = subprocess.run(line, cwd=ROOT, capture_output=True, text=True, check=True)
    measured: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return measured


def bench_growth() -> list[Result]:
    """One row per axis: the fitted exponent of time, and the peak memory at both ends of the grid."""
    results = []
    for axis, runs in GRIDS.items():
        measured = [probe(words) for words in runs]
        seconds = np.array([m["seconds"] for m in measured])
        exponent = np.polyfit(np.arange(len(seconds)) * np.log(2), np.log(seconds), 1)[0]
        ends = f"peak {measured[0]['mib']:.0f} to {measured[-1]['mib']:.0f} MiB"
        what = f"time grows as {axis}^{exponent:.2f} over {len(seconds) - 1} doublings of {axis}; {ends}"
        results.append(result(f"growth with {axis}", exponent, 1.0, None, "exponent", what))
    return results
