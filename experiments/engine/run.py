"""From cells to rows: missing cells are computed, one thread per cell, and stored; finished ones are left alone."""

import os
import platform
import subprocess
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from experiments.config.compose import Experiment, experiments_of
from experiments.config.registry import build
from experiments.datasets.files import VARIABLE
from experiments.engine.code_version import fingerprint
from experiments.engine.executors import Executor, outcomes
from experiments.engine.grid import PlannedCell, assemble, plan
from experiments.engine.progress import Bar, expected_seconds
from experiments.engine.store import State, Store
from experiments.measurements.base import Columns, Unavailable
from experiments.measurements.checkpoints import kept_by

PACKAGES = ("numpy", "scipy", "scikit-learn", "torch", "pandas", "joblib")


PlannedExperiment = tuple[Experiment, list[PlannedCell], str]
"""An experiment, its cells, and why they cannot be computed here (empty: they can)."""


def planned_cells(experiment: Experiment) -> PlannedExperiment:
    """Plan an experiment; one with `cells_of` looks at the cells of other experiments, under its overrides."""
    os.environ[VARIABLE] = experiment.config["data"]["dir"]
    named = experiment.config["cells_of"]
    others = [e for name in named for e in experiments_of([f"experiment={name}", *experiment.overrides])]
    try:
        cells = [cell for each in others or [experiment] for cell in plan(each.config)]
    except Unavailable as absent:
        return experiment, [], str(absent)
    return experiment, cells, ""


@dataclass(frozen=True)
class Failure:
    """A cell that could not be computed."""

    key: str
    labels: Mapping[str, Any]
    traceback: str

    def __str__(self) -> str:
        return f"{dict(self.labels)}: {self.traceback.strip().splitlines()[-1]}"


def compute(config: Mapping[str, Any]) -> Columns:
    """Compute one cell on one thread and return its columns, all of one length."""
    measurement, cell = assemble(config)
    with threadpool_limits(1):
        columns = measurement.rows(cell)
    lengths = {len(c) for c in columns.values()}
    if len(lengths) != 1:
        raise ValueError(f"columns of different lengths {sorted(lengths)}")
    return columns


def run_cells(cells: Sequence[PlannedCell], root: Path, executor: Executor, title: str) -> list[Failure]:
    """Compute the cells missing from the store in folder `root`, under a progress bar, and return those that failed.

    The order of the cells and the executor have no influence on rows.
    """
    store = Store(root)
    missing = [c for c in cells if not store.has(c.key)]
    if not missing:
        return []
    seconds = expected_seconds(missing, store)
    missing.sort(key=lambda cell: seconds[cell.key], reverse=True)
    failures = []
    with Bar(sum(seconds.values()), title) as bar:
        for cell, trouble in outcomes(missing, root, executor, compute_and_store):
            bar.update(min(seconds[cell.key], bar.total - bar.n))
            if trouble:
                failures.append(Failure(cell.key, cell.labels, trouble))
                store.write_failure(cell.key, cell.config, trouble)
    return failures


def compute_and_store(cell: PlannedCell, root: Path) -> None:
    """Compute one cell and write it to the store, its parts in between; runs in the workers."""
    start, store, code = time.perf_counter(), Store(root), fingerprint(cell.config)
    with kept_by(partial(store.part, cell.key, code)):
        columns = compute(cell.config)
    store.write(cell.key, cell.config, code, columns, {"seconds": time.perf_counter() - start} | provenance())


@cache
def provenance() -> dict[str, Any]:
    """Return where rows come from: versions of Python and packages, commit, processor family."""
    versions = {name: version(name) for name in PACKAGES}
    return {"python": platform.python_version(), "packages": versions, "commit": commit(), "machine": platform.machine()}


@cache
def commit() -> str:
    """Return the commit of the source, `unknown` outside a repository, with `+` where files differ from it."""
    here = Path(__file__).parent
    command = ["git", "describe", "--always", "--dirty=+", "--exclude=*"]
    return subprocess.run(command, cwd=here, capture_output=True, text=True, check=False).stdout.strip() or "unknown"


def drop_unusable(cells: Sequence[PlannedCell], root: Path) -> list[str]:
    """Drop cells of another version of the code, set damaged ones aside, and return one line about each of the two."""
    store = Store(root)
    states = Counter(store.triage(cell.key, fingerprint(cell.config)) for cell in cells)
    said: dict[State, str] = {
        "stale": "are of another version of the code: computed again",
        "damaged": f"are damaged: set aside in {root}/.damaged-*, computed again",
    }
    return [f"{states[state]} cells {text}" for state, text in said.items() if states[state]]


def collect(experiment: str, cells: Sequence[PlannedCell], root: Path) -> pd.DataFrame:
    """Read the rows of those cells of an experiment that are in the store, as one long table.

    Its columns: `experiment`, labels of the axes, `n`, `m`, `cell`, `replicate` and what was measured, condensed where the
    measurement does so.
    """
    store = Store(root)
    there = [cell for cell in cells if store.has(cell.key)]
    if not there:
        return pd.DataFrame()
    joint = {k for cell in there for k, v in cell.labels.items() if isinstance(v, tuple)}
    names = {k: sorted({str(name) for cell in there for name in cell.labels.get(k, ())}) for k in joint}
    measurements = [build("measurement", cell.config["measurement"]) for cell in there]
    frames = [_measured(c, m.condensed(store.read(c.key)), names) for c, m in zip(there, measurements)]
    heads, sizes = [_head(experiment, cell) for cell in there], [len(frame) for frame in frames]
    own = {k for frame in frames for k in frame}
    frames = [f.assign(**{k: v for k, v in head.items() if k in own and k not in f}) for f, head in zip(frames, heads)]
    shared = [k for k in dict.fromkeys(k for head in heads for k in head) if k not in own]
    labels = {k: _repeated([head.get(k) for head in heads], sizes) for k in shared}
    return pd.concat([pd.DataFrame(labels), pd.concat(frames, ignore_index=True)], axis=1)


def _measured(
    cell: PlannedCell, columns: Mapping[str, np.ndarray[Any, Any]], names: Mapping[str, list[str]]
) -> pd.DataFrame:
    """The rows of one cell; positions on a joint axis become its labels, categories among the `names` of all cells."""
    coded = [k for k in names if k in columns]
    named = {k: pd.Categorical.from_codes(columns[k], list(cell.labels[k])).set_categories(names[k]) for k in coded}
    return pd.DataFrame({**columns, **named})


def _head(experiment: str, cell: PlannedCell) -> dict[str, Any]:
    """The columns that are constant in a cell."""
    head: dict[str, Any] = {"experiment": experiment, "cell": cell.key}
    head |= {k: v for k, v in cell.labels.items() if not isinstance(v, tuple)}
    return head | ({"m": round(head.get("ratio", 1.0) * head["n"])} if "n" in head else {})


def _repeated(values: Sequence[Any], sizes: Sequence[int]) -> Any:
    """One value for each cell, repeated for its rows: names as categories in alphabetical order, None as missing."""
    if not any(isinstance(value, str) for value in values):
        return np.repeat(np.array([np.nan if value is None else value for value in values]), sizes)
    names = sorted({str(value) for value in values if value is not None})
    codes = [-1 if value is None else names.index(str(value)) for value in values]
    return pd.Categorical.from_codes(np.repeat(codes, sizes), names)
