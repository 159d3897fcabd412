"""One run from end to end: cells, claims, figures, report, verdicts on the terminal."""

import os
from collections.abc import Sequence
from pathlib import Path

from filelock import FileLock, Timeout

from experiments.config.compose import Experiment, experiments_of
from experiments.datasets.files import VARIABLE
from experiments.engine.executors import Executor
from experiments.engine.grid import PlannedCell, plan
from experiments.engine.run import Failure, collect, drop_unusable, run_cells
from experiments.engine.store import Store, sweep
from experiments.measurements.base import Unavailable
from figures.claims import judge, records, verdict_cache
from figures.draw import draw
from figures.report import audit_page, cell_means, report

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
        0 everything as expected; 1 a claim violated, or a control or identity not as expected; 3 a cell, rule or figure failed.
    """
    for experiment in experiments:
        judge.check(experiment)
    codes = [audit_page.run(e.config) for e in experiments if e.name == "audit"]
    others = [e for e in experiments if e.name != "audit"]
    return max([*codes, *([_judged(others)] if others else [])])


def _judged(experiments: Sequence[Experiment]) -> int:
    """Run experiments that have claims: cells, verdicts, figures, report."""
    output = Path(experiments[0].config["output"])
    planned = [cells_of(e) for e in experiments]
    store = Store(output / "store")
    output.mkdir(parents=True, exist_ok=True)
    lock = FileLock(output / ".lock")
    _greet(lock, output)
    failures = _compute(planned, store)
    with lock:
        return _conclude(planned, store, failures)


def cells_of(experiment: Experiment) -> Planned:
    """Return the cells of an experiment; one with `cells_of` looks at those of other experiments, under its overrides."""
    os.environ[VARIABLE] = experiment.config["data"]["dir"]
    named = experiment.config["cells_of"]
    others = [e for name in named for e in experiments_of([f"experiment={name}", *experiment.overrides])]
    try:
        cells = [cell for each in others or [experiment] for cell in plan(each.config)]
    except Unavailable as absent:
        return experiment, [], str(absent)
    return experiment, cells, ""


def _greet(lock: FileLock, output: Path) -> None:
    """Say so when another run is writing its verdicts here; cells are shared between runs in any case."""
    try:
        with lock.acquire(timeout=0):
            pass
    except Timeout:
        print(f"another run is writing its verdicts in {output}: cells are shared, ours follow when it is done")


def _compute(planned: Sequence[Planned], store: Store) -> list[Failure]:
    """Run what is missing, stale or damaged."""
    sweep(store.root)
    settings = planned[0][0].config["executor"]
    cells = list({c.key: c for _, cells, _ in planned for c in cells}.values())
    for line in drop_unusable(cells, store.root):
        print(line)
    executor = Executor(settings["kind"], settings["workers"], settings["address"])
    return run_cells(cells, store.root, executor, _title(planned))


def _conclude(planned: Sequence[Planned], store: Store, failures: Sequence[Failure]) -> int:
    """Judge, draw, report; print the verdicts and return the exit code."""
    entries, folders, undrawn, order = [], [], [], report.order()
    for experiment, cells, skipped in planned:
        fresh, trouble = _entries(experiment, cells, skipped, _trouble(cells, failures), store)
        records.merge(experiment.folder, fresh, order)
        entries += fresh
        undrawn += [trouble] if trouble else []
        folders += [experiment.folder] if experiment.folder not in folders else []
    print(records.table(entries) or "no claims: measured and drawn")
    for folder in folders:
        print(f"report: {report.write(folder, store.root)}")
    for experiment in (e for e, _, _ in planned if e.folder != e.base):
        _lay_beside(experiment)
    for failure in failures:
        last = failure.traceback.strip().splitlines()[-1]
        print(f"failed: {dict(failure.labels)}: {last} (traceback: {store.root}/failed/{failure.key}.json)")
    for trouble in undrawn:
        print(f"failed: {trouble}")
    broken = failures or undrawn or any(map(records.rule_failed, entries))
    return 3 if broken else 0 if all(map(records.as_expected, entries)) else 1


def _entries(
    experiment: Experiment, cells: Sequence[PlannedCell], skipped: str, trouble: str, store: Store
) -> tuple[list[records.Claim], str]:
    """Judge and draw an experiment, unless that was done before from the same cells; why it was not drawn, if so."""
    whole = not (skipped or trouble)
    known = verdict_cache.read(experiment, cells, store) if whole else None
    if skipped and (known := verdict_cache.without_data(experiment, store)) is not None:
        print(f"{experiment.name}: verdicts kept, its cells are finished ({skipped})")
    if known is not None:
        return known, ""
    rows = collect(experiment.name, cells, store.root)
    fresh = judge.judge(experiment, rows, trouble, skipped)
    undrawn = ""
    if not rows.empty:
        cell_means.write(experiment.folder, experiment.name, rows)
        undrawn = draw(experiment, rows)
    if whole and not undrawn and not any(map(records.rule_failed, fresh)):
        verdict_cache.write(experiment, cells, store, fresh)
    return fresh, undrawn


def _lay_beside(experiment: Experiment) -> None:
    """Lay a variant beside the other runs of its experiment."""
    # matplotlib loads here, so that mistakes on the command line are answered at once
    from figures.report import comparison

    beside = comparison.write(experiment.base, experiment.name)
    if beside is not None:
        print(f"side by side: {beside}")


def _title(planned: Sequence[Planned]) -> str:
    return planned[0][0].name if len(planned) == 1 else f"{len(planned)} experiments"


def _trouble(cells: Sequence[PlannedCell], failures: Sequence[Failure]) -> str:
    lost = {c.key for c in cells} & {f.key for f in failures}
    return f"{len(lost)} of {len(cells)} cells failed" if lost else ""
