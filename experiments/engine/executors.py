"""Where cells run: in this process, in worker processes or on a Dask cluster, without influence on rows."""

import os
import traceback
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import joblib
from joblib.externals.loky import get_reusable_executor
from joblib.externals.loky.process_executor import TerminatedWorkerError

from experiments.config.registry import ConfigError
from experiments.engine.grid import PlannedCell
from experiments.engine.store import begun, unfinished

ATTEMPTS = 3
"""A cell has failed once it has raised, or its worker has died, this many times."""

KEEP = dict.fromkeys(("MALLOC_MMAP_THRESHOLD_", "MALLOC_TRIM_THRESHOLD_"), str(1 << 30))
"""Makes glibc in workers keep freed memory; otherwise two of them wait for pages, and the speed-up is 1.5 instead of 2."""

Work = Callable[[PlannedCell, Path], None]
Outcome = tuple[PlannedCell, str]
"""A cell and its traceback, empty when it is stored."""


@dataclass(frozen=True)
class Executor:
    """How cells are run: `serial`, `processes`, or `dask` with the address of a scheduler (empty: a local cluster)."""

    kind: str
    workers: int
    address: str = ""


def outcomes(cells: Sequence[PlannedCell], root: Path, executor: Executor, work: Work) -> Iterator[Outcome]:
    """Run the cells, started in the order given, and yield each with its traceback as it finishes.

    A cell that raises is tried again, up to three times. When a worker dies, every cell that was running is a suspect and
    is run again alone, so that only a cell that kills its worker by itself reaches three deaths, and has failed. `work`,
    importable by name, computes a cell and stores it in the folder `root`, which all workers share.
    """
    if executor.kind == "serial":
        yield from ((cell, _tried(cell, root, work)) for cell in cells)
        return
    waiting = {c.key: c for c in cells}
    deaths = dict.fromkeys(waiting, 0)
    os.environ.update(KEEP)
    idle = 0
    parallel = _on_dask if executor.kind == "dask" else _in_processes
    while waiting:
        before = len(waiting), sum(deaths.values())
        suspects = [cell for key, cell in waiting.items() if deaths[key]]
        together = suspects[:1] or list(waiting.values())
        try:
            for key, trouble in parallel(together, root, executor, work):
                yield waiting.pop(key), trouble
        except (TerminatedWorkerError, *_killed_on_dask()) as death:
            yield from _record_deaths(together, waiting, deaths, root, death)
            idle = idle + 1 if before == (len(waiting), sum(deaths.values())) else 0
            if idle == ATTEMPTS:
                raise OSError(f"workers die before they begin a cell ({death})") from death


def _in_processes(cells: Sequence[PlannedCell], root: Path, executor: Executor, work: Work) -> Iterator[tuple[str, str]]:
    """Run cells in worker processes of this machine."""
    jobs = (joblib.delayed(_in_worker)(cell, root, work) for cell in cells)
    yield from in_processes(jobs, executor.workers, "generator_unordered")


def in_processes(jobs: Iterable[Any], workers: int, order: str = "generator") -> Iterator[Any]:
    """Yield what `joblib.delayed` calls return, in worker processes of this machine, in this one where there is one worker.

    Whoever interrupts them ends the workers, too.
    """
    try:
        pool = joblib.Parallel(n_jobs=workers, return_as=order, batch_size=1, pre_dispatch="2*n_jobs", backend="loky")
        yield from pool(jobs)
    except (KeyboardInterrupt, GeneratorExit):
        get_reusable_executor().shutdown(wait=False, kill_workers=True)
        raise


def _on_dask(cells: Sequence[PlannedCell], root: Path, executor: Executor, work: Work) -> Iterator[tuple[str, str]]:
    """Run cells on Dask, on a local cluster unless an address is given.

    Not through joblib, which would wait forever for the cell of a dead worker; and with a new local cluster for each call,
    because one whose worker dies early may not replace it.
    """
    try:
        distributed = import_module("distributed")
    except ImportError:
        raise ConfigError("executor: dask is not installed (pip install -r requirements-extra.txt)") from None
    local: dict[str, Any] = {"n_workers": executor.workers, "threads_per_worker": 1, "dashboard_address": None}
    local |= {"scheduler_kwargs": {"allowed_failures": 0}}  # deaths are counted here
    with distributed.Client(executor.address) if executor.address else distributed.Client(**local) as client:
        try:
            client.submit(os.getpid, pure=False).result(timeout=60)
        except TimeoutError:
            raise ConfigError(f"executor.address: no worker at {executor.address or 'a local cluster'} in a minute") from None
        futures = client.map(_in_worker, cells, root=root, work=work, pure=False)
        try:
            yield from (future.result() for future in distributed.as_completed(futures))
        finally:
            client.cancel(futures)


def _in_worker(cell: PlannedCell, root: Path, work: Work) -> tuple[str, str]:
    """Run one cell under a mark on disk, which identifies the cells of a dead worker."""
    mark = unfinished(root, cell.key)
    root.mkdir(parents=True, exist_ok=True)
    mark.touch()
    try:
        return cell.key, _tried(cell, root, work)
    finally:
        mark.unlink(missing_ok=True)


def _tried(cell: PlannedCell, root: Path, work: Work) -> str:
    for _ in range(ATTEMPTS):
        try:
            work(cell, root)
        except OSError:
            raise  # a full disk or a missing permission is not the cell's fault
        except Exception:
            trouble = traceback.format_exc()
        else:
            return ""
    return trouble


def _record_deaths(
    together: Sequence[PlannedCell], waiting: dict[str, PlannedCell], deaths: dict[str, int], root: Path, death: Exception
) -> Iterator[Outcome]:
    """Count a death for every cell that was running, and give up those that have had three."""
    marks = begun(root)
    suspects = set(marks.values())
    for cell in together:
        if cell.key in waiting and cell.key in suspects:
            deaths[cell.key] += 1
            if deaths[cell.key] == ATTEMPTS:
                del waiting[cell.key]
                yield cell, f"a worker died at this cell {ATTEMPTS} times: {type(death).__name__}: {death}"
    for mark, key in marks.items():
        if key in deaths:
            mark.unlink(missing_ok=True)


def _killed_on_dask() -> tuple[type[Exception], ...]:
    """The exceptions by which Dask reports a dead worker, where Dask is installed."""
    try:
        from distributed.scheduler import KilledWorker
    except ImportError:
        return ()
    return (KilledWorker,)
