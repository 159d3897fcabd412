"""Where cells run: in this process, in worker processes, on a Dask cluster; no influence on rows."""

import os
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import joblib
from joblib.externals.loky import get_reusable_executor
from joblib.externals.loky.process_executor import TerminatedWorkerError

from experiments.grid import PlannedCell
from experiments.registry import ConfigError

KINDS = ("serial", "processes", "dask")

ATTEMPTS = 3
"""A cell that raises, or whose worker dies, this many times has failed."""

KEEP = dict.fromkeys(("MALLOC_MMAP_THRESHOLD_", "MALLOC_TRIM_THRESHOLD_"), str(1 << 30))
"""Tells glibc in workers to keep freed memory: else two of them queue for pages, and gain 1.5 instead of 2."""

Work = Callable[[PlannedCell, Path], None]
Outcome = tuple[PlannedCell, str]
"""A cell and its traceback, empty when all went well."""


@dataclass(frozen=True)
class Executor:
    """How cells are run: `serial`, `processes`, or `dask` with the address of a scheduler (empty: a local cluster)."""

    kind: str
    workers: int
    address: str = ""


def outcomes(cells: Sequence[PlannedCell], root: Path, executor: Executor, work: Work) -> Iterator[Outcome]:
    """Run the cells and yield each as it finishes.

    A cell that raises is tried again, up to three times. When a worker dies, the cells it and its fellows were at are run
    again; a cell at which a worker died three times has failed.

    Parameters
    ----------
    cells : Sequence[PlannedCell]
        In the order in which they should start.
    root : Path
        The store's folder, shared by all workers.
    executor : Executor
        Where to run.
    work : callable
        `(cell, root) -> None`, importable by name: computes and stores the cell.

    Yields
    ------
    tuple
        The cell and its traceback, empty when it is stored.
    """
    if executor.kind == "serial" or (executor.kind == "processes" and len(cells) <= 1):
        yield from ((cell, _tried(cell, root, work)) for cell in cells)
        return
    waiting = {c.key: c for c in cells}
    deaths = dict.fromkeys(waiting, 0)
    for cell in cells:
        _mark(cell, root).unlink(missing_ok=True)
    os.environ.update(KEEP)
    idle = 0
    with _cluster(executor):
        while waiting:
            before = len(waiting), sum(deaths.values())
            try:
                for key, trouble in _parallel(list(waiting.values()), root, executor, work):
                    yield waiting.pop(key), trouble
            except (TerminatedWorkerError, *_killed_on_dask()) as death:
                yield from _bury(waiting, deaths, root, death)
                idle = idle + 1 if before == (len(waiting), sum(deaths.values())) else 0
                if idle == ATTEMPTS:
                    raise OSError(f"workers die before they begin a cell ({death})") from death


def _parallel(cells: list[PlannedCell], root: Path, executor: Executor, work: Work) -> Iterator[tuple[str, str]]:
    pool = joblib.Parallel(n_jobs=executor.workers, return_as="generator_unordered", batch_size=1, pre_dispatch="2*n_jobs")
    try:
        yield from pool(joblib.delayed(_in_worker)(cell, root, work) for cell in cells)
    except (KeyboardInterrupt, GeneratorExit):
        if executor.kind == "processes":
            get_reusable_executor().shutdown(wait=False, kill_workers=True)
        raise


def _in_worker(cell: PlannedCell, root: Path, work: Work) -> tuple[str, str]:
    """Run one cell with a mark on disk that says so, by which the cells of a dead worker are known."""
    mark = _mark(cell, root)
    mark.parent.mkdir(parents=True, exist_ok=True)
    mark.write_text(str(os.getpid()))
    try:
        return cell.key, _tried(cell, root, work)
    finally:
        mark.unlink(missing_ok=True)


def _mark(cell: PlannedCell, root: Path) -> Path:
    return root / f".running-{cell.key}"


def _tried(cell: PlannedCell, root: Path, work: Work) -> str:
    for _ in range(ATTEMPTS):
        try:
            work(cell, root)
        except OSError:
            raise  # a full disk or a folder without permission: not the cell's fault
        except Exception:
            trouble = traceback.format_exc()
        else:
            return ""
    return trouble


def _bury(waiting: dict[str, PlannedCell], deaths: dict[str, int], root: Path, death: Exception) -> Iterator[Outcome]:
    """Count a death for every cell that was being run, and give up those that have had three."""
    for key, cell in list(waiting.items()):
        mark = _mark(cell, root)
        if mark.exists():
            mark.unlink()
            deaths[key] += 1
        if deaths[key] >= ATTEMPTS:
            yield waiting.pop(key), f"a worker died at this cell {ATTEMPTS} times: {type(death).__name__}: {death}"


def _cluster(executor: Executor) -> AbstractContextManager[Any]:
    """The joblib backend: Dask for `dask`, else the default one."""
    if executor.kind != "dask":
        return nullcontext()
    try:
        from distributed import Client
    except ImportError:
        raise ConfigError("executor: dask is not installed (pip install -r requirements-extra.txt)") from None
    return _DaskBackend(Client, executor)


class _DaskBackend(AbstractContextManager[None]):
    """A Dask client, local unless an address is given, as joblib's backend."""

    def __init__(self, client: Any, executor: Executor) -> None:
        local = {"n_workers": executor.workers, "threads_per_worker": 1, "dashboard_address": None}
        self._client = client(executor.address) if executor.address else client(**local)
        self._backend = joblib.parallel_config(backend="dask", wait_for_workers_timeout=60)

    def __enter__(self) -> None:
        self._backend.__enter__()

    def __exit__(self, *raised: Any) -> None:
        self._backend.__exit__(*raised)
        self._client.shutdown() if self._client.cluster is not None else self._client.close()


def _killed_on_dask() -> tuple[type[Exception], ...]:
    """The exceptions by which Dask says that a worker died, when Dask is installed."""
    try:
        from distributed.scheduler import KilledWorker
    except ImportError:
        return ()
    return (KilledWorker,)
