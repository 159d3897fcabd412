"""One run from end to end: cells, claims, figures, report, verdicts on the terminal."""

import os
from collections.abc import Sequence
from pathlib import Path

from experiments.compose import Experiment
from experiments.engine import Executor, Failure, collect, drop_unusable, run_cells
from experiments.grid import PlannedCell, plan
from experiments.measurements.base import Unavailable
from experiments.settings import VARIABLE
from experiments.store import Store
from figures import claims, report
from figures.drawing import draw

Planned = tuple[Experiment, list[PlannedCell], str]


def run(experiments: Sequence[Experiment]) -> int:
    """Run experiments and return the exit code.

    Parameters
    ----------
    experiments : Sequence[Experiment]
        Composed; all of one output folder, budget and executor.

    Returns
    -------
    int
        0 everything as expected; 1 a claim violated, or a control or identity not as expected; 3 a cell failed.
    """
    os.environ[VARIABLE] = experiments[0].config["data"]["dir"]
    planned = [_plan(e) for e in experiments]
    store = Store(Path(experiments[0].config["output"]) / "store")
    store.sweep()
    failures = _compute(planned, store)
    entries, folders = [], []
    for experiment, cells, skipped in planned:
        rows = collect(experiment.name, cells, store.root)
        fresh = claims.judge(experiment, rows, _trouble(cells, failures), skipped)
        claims.merge(experiment.folder, fresh, report.order())
        if not rows.empty:
            draw(experiment, rows)
        entries += fresh
        folders += [experiment.folder] if experiment.folder not in folders else []
    print(claims.table(entries))
    for folder in folders:
        print(f"report: {report.write(folder, store.root)}")
    for failure in failures:
        print(f"failed: {dict(failure.labels)}: {failure.traceback.strip().splitlines()[-1]}")
    return 3 if failures else 0 if all(map(claims.as_expected, entries)) else 1


def _plan(experiment: Experiment) -> Planned:
    try:
        return experiment, plan(experiment.config), ""
    except Unavailable as absent:
        return experiment, [], str(absent)


def _compute(planned: Sequence[Planned], store: Store) -> list[Failure]:
    """Run what is missing, stale or damaged."""
    settings = planned[0][0].config["executor"]
    cells = list({c.key: c for _, cells, _ in planned for c in cells}.values())
    for line in drop_unusable(cells, store.root):
        print(line)
    return run_cells(cells, store.root, Executor(settings["kind"], settings["workers"]), _title(planned))


def _title(planned: Sequence[Planned]) -> str:
    return planned[0][0].name if len(planned) == 1 else f"{len(planned)} experiments"


def _trouble(cells: Sequence[PlannedCell], failures: Sequence[Failure]) -> str:
    lost = {c.key for c in cells} & {f.key for f in failures}
    return f"{len(lost)} of {len(cells)} cells failed" if lost else ""
