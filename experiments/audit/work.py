"""Units of work to results on disk: what is there is left alone, the rest is done on all workers."""

from __future__ import annotations

import time
import warnings
from collections.abc import Collection, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from pathlib import Path
from typing import Any

from threadpoolctl import threadpool_limits
from tqdm import tqdm

from experiments.audit.encoding import Problem
from experiments.audit.models import STEPS
from experiments.audit.units import Columns, Unit, compute
from experiments.engine.code_version import of_modules
from experiments.engine.run import BAR, provenance
from experiments.engine.store import Store, cell_hash, sweep

EXPECTED = (
    f"lbfgs failed to converge after {STEPS} ",
    "Found unknown categories",
    "Skipping features without",
)
"""Warnings of scikit-learn that mean nothing here: a network takes `STEPS` steps, halves may lack a category or a value."""

VERSION = 1
"""Raise when a unit's meaning changes: old results are then left alone."""


class WorkFailed(RuntimeError):
    """Units that could not be done; the others are in the store.

    Parameters
    ----------
    failures : list of str
        One line for each.
    """

    def __init__(self, failures: list[str]):
        super().__init__("; ".join(failures))
        self.failures = failures


class Results:
    """The results of one audit's units, in the project's store.

    Parameters
    ----------
    root : Path
        The store's folder.
    problem : Problem
        The data, part of every result's name.
    workers : int
        Threads. No influence on results.
    """

    def __init__(self, root: Path, problem: Problem, workers: int):
        self.store, self.problem, self.workers = Store(root), problem, workers
        self.content = problem.content()
        self.code = of_modules(frozenset({"experiments.audit.units"}))

    def described(self, unit: Unit) -> dict[str, Any]:
        """Return what the store hashes."""
        return {"audit": VERSION, "data": self.content} | unit.config

    def key(self, unit: Unit) -> str:
        """Return the unit's name in the store."""
        return cell_hash(self.described(unit))

    def read(self, unit: Unit) -> Columns:
        """Return the result of a finished unit."""
        return self.store.read(self.key(unit))

    def missing(self, units: Sequence[Unit]) -> list[Unit]:
        """Return the units without a sound result by the present code; other results are put away."""
        sweep(self.store.root)
        return [unit for unit in units if self.store.triage(self.key(unit), self.code) != "sound"]

    def run(self, units: Sequence[Unit], bar: tqdm[Any]) -> None:
        """Do the units and move the bar by their costs; `WorkFailed` at the end if any could not be done."""
        failures = []
        with threadpool_limits(1), warnings.catch_warnings():
            for message in EXPECTED:
                warnings.filterwarnings("ignore", message=message)
            for unit, trouble in self._done(units):
                bar.update(_weight(unit))
                failures += [trouble] if trouble else []
        if failures:
            raise WorkFailed(failures)

    def _done(self, units: Sequence[Unit]) -> Iterator[tuple[Unit, str]]:
        """Do the units and yield each with what went wrong, or nothing; what comes after a failed one is left out."""
        left, running = list(units), dict[Future[str], Unit]()
        # Threads, not processes: scikit-learn's loops run outside Python's lock, and the libraries load once.
        with ThreadPoolExecutor(self.workers) as pool:
            while True:
                while len(running) < self.workers and (unit := next_unit(left, running.values())):
                    left.remove(unit)
                    running[pool.submit(self._one, unit)] = unit
                if not running:
                    return
                for future in wait(running, return_when=FIRST_COMPLETED).done:
                    unit, trouble = running.pop(future), future.result()
                    left = [one for one in left if not trouble or one.after is not unit]
                    yield unit, trouble

    def _one(self, unit: Unit) -> str:
        """Do one unit and store its result; return what went wrong, or nothing."""
        start = time.perf_counter()
        try:
            with threadpool_limits(1):
                columns = compute(unit.config, self.problem, self.read(unit.after) if unit.after else None)
        except Exception as error:
            what = " ".join(
                str(unit.config[key]) for key in ("kind", "model", "question", "table") if key in unit.config
            )
            return f"{what}: {type(error).__name__}: {' '.join(str(error).split())[:200]}"
        note = {"seconds": time.perf_counter() - start} | provenance()
        self.store.write(self.key(unit), self.described(unit), self.code, columns, note)
        return ""


def next_unit(left: Sequence[Unit], running: Collection[Unit]) -> Unit | None:
    """Return the unit to start next, None where every one left comes after another that is not done.

    Stepwise units and others run side by side as far as there are both; of either the longest is first.
    """
    open_units = {*left, *running}
    stepwise = 2 * sum(unit.stepwise for unit in running) <= len(running)
    ready = (unit for unit in left if unit.after not in open_units)
    return min(ready, key=lambda unit: (unit.stepwise != stepwise, -unit.seconds), default=None)


def progress(units: Sequence[Unit], title: str) -> tqdm[Any]:
    """Return a progress bar over the units' costs."""
    return tqdm(total=sum(map(_weight, units)), desc=title, disable=not units, **BAR)


def _weight(unit: Unit) -> int:
    """Whole milliseconds, so that the sum is exact."""
    return max(round(1000 * unit.seconds), 1)
