"""How time and memory grow with n, with replicates and with the number of cells: exponents on doubling grids."""

import json
import subprocess
import sys
import tempfile

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
words = ["experiment=convergence", "learner=knn", "budget=quick", *sys.argv[2:]]
cells = plan(experiments_of(words)[0].config)
start = time.perf_counter()
run_cells(cells, Path(sys.argv[1]) / "store", Executor("serial", 1), "growth")
seconds = time.perf_counter() - start
print(json.dumps([seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024]))
"""

GRIDS = {
    "n": [[f"n={n}", "replicates=50", "synthetic_law=beta"] for n in (4000, 8000, 16000, 32000)],
    "replicates": [["n=4000", f"replicates={r}", "synthetic_law=beta"] for r in (400, 800, 1600)],
    "cells": [[f"n={list(range(1000, 1000 + c))}", "replicates=20", "synthetic_law=uniform"] for c in (5, 10, 20)],
}


def bench_growth() -> list[Result]:
    """One row per axis: the fitted exponent of time, and the peak memory at both ends of the grid."""
    results = []
    for axis, runs in GRIDS.items():
        measured = []
        for words in runs:  # each in a process of its own
            with tempfile.TemporaryDirectory() as folder:
                line = [sys.executable, "-c", PROBE, folder, *words]
                done = subprocess.run(line, cwd=ROOT, capture_output=True, text=True, check=True)
            measured.append(json.loads(done.stdout.splitlines()[-1]))
        seconds, mib = np.transpose(measured)
        exponent = float(np.polyfit(np.arange(len(runs)) * np.log(2), np.log(seconds), 1)[0])
        what = f"time grows as {axis}^{exponent:.2f} over {len(runs) - 1} doublings of {axis}; "
        what += f"peak {mib[0]:.0f} to {mib[-1]:.0f} MiB"
        results.append(result(f"growth with {axis}", exponent, 1.0, None, "exponent", what))
    return results
