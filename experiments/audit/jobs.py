"""What an audit computes, as jobs: pure functions of a small description and the arrays, one result each on disk.

A finished job is not done again. The cells of other experiments run in processes (`experiments.engine.executors`), but
here jobs share large arrays, wait for each other and take milliseconds: threads, which share no code with that pool.
"""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from experiments.audit import causes, fidelity, metrics, next_steps
from experiments.audit.encoding import Problem
from experiments.audit.fidelity import Columns
from experiments.audit.options import CATALOGUE, NETWORK_STEPS, InputError
from experiments.engine.code_version import of_modules
from experiments.engine.progress import Bar
from experiments.engine.run import provenance
from experiments.engine.store import Store, cell_hash, sweep

CAUSE_ROWS = 10_000
CAUSE_REFITS = 3
QUICK_ROWS = 2_500
"""Most rows of a table for which causes are asked where `audit.repeats` is 1: by one refit, on all of them."""

HARMLESS = (f"lbfgs failed to converge after {NETWORK_STEPS} ", "Found unknown categories", "Skipping features without")
"""How warnings begin that are ignored: networks take a fixed number of steps, halves may lack a category or a value."""


@contextmanager
def without_harmless_warnings() -> Iterator[None]:
    """Do not show them, in any thread: filters get lost where threads save and restore them in turn."""
    shown = warnings.showwarning

    def show(message: Warning | str, *rest: Any, **more: Any) -> None:
        if not str(message).startswith(HARMLESS):
            shown(message, *rest, **more)

    with warnings.catch_warnings():
        warnings.showwarning = show
        yield


VALUES: dict[str, Callable[..., NDArray[Any]]] = {
    "fit": metrics.full_fits, "halves": metrics.half_fits, "parts": next_steps.part_fits, "mix": next_steps.mixed_fits
}
TABLED: dict[str, Callable[..., Columns]] = {"discriminator": fidelity.discriminate, "weights": causes.prepare}


@dataclass(frozen=True, eq=False)
class Job:
    """One piece of work.

    `config` says what to do: `kind` and its arguments, plain values; with the data's hash it names the result on disk.
    `seconds` is a rough cost, for the order of jobs and the progress bar; `stepwise` as in `options.Model`; `after` the
    job whose result this one needs.
    """

    config: dict[str, Any]
    seconds: float
    stepwise: bool = False
    after: Job | None = None

    @property
    def weight(self) -> int:
        """Cost in whole milliseconds, so that sums are exact."""
        return max(round(1000 * self.seconds), 1)


def compute(config: Mapping[str, Any], problem: Problem, needed: Columns | None = None) -> Columns:
    """Do one job: its `config` on the arrays, with the result of the job that it comes after."""
    kind, arguments = config["kind"], {name: value for name, value in config.items() if name != "kind"}
    if kind == "causes":
        return causes.compute(problem, needed or {}, **arguments)
    if kind in TABLED:
        return TABLED[kind](problem, **arguments)
    return {"values": VALUES[kind](problem, **arguments)}


def training_jobs(models: list[str], sizes: Mapping[str, int], columns: int, repeats: int, seed: int) -> list[Job]:
    """Jobs for utility and ranking: full fits, and `repeats` splits into halves where there is more than one.

    `models` are names in the catalogue, `sizes` the rows of the `real` and `synthetic` training tables; these and the
    number of feature `columns` give the estimate of time.
    """
    guesses = [{"kind": "fit", "seeds": 1, "model": "guess", "table": table, "seed": seed} for table in sizes]
    jobs = [Job(config, 0.01) for config in guesses]
    for model in models:
        for table, rows in sizes.items():
            seconds, stepwise = _seconds(model, rows, columns), CATALOGUE[model].stepwise
            seeds = 1 if repeats == 1 else CATALOGUE[model].seeds
            base = {"model": model, "table": table, "seed": seed}
            jobs.append(Job({"kind": "fit", "seeds": seeds} | base, seconds * seeds, stepwise))
            if repeats > 1:
                jobs += [Job({"kind": "halves", "cut": cut} | base, seconds, stepwise) for cut in range(repeats)]
    return jobs


def _seconds(model: str, rows: int, columns: int) -> float:
    """Rough time of a fit."""
    felt = max(rows, 10_000) if CATALOGUE[model].stepwise else rows
    return CATALOGUE[model].seconds * felt / 10_000 * (0.5 + columns / 30)


def fidelity_jobs(columns: int, rows: int, formats: bool, seed: int) -> list[Job]:
    """Jobs for fidelity and, last, what causes need; `rows` of both tables; `formats`: some can be made equal."""
    scale = 0.5 + columns / 30
    seconds, questions = 1.1 * scale * min(rows, 20_000) / 20_000, ["features", "joint", "null", *["mended"] * formats]
    jobs = [Job({"kind": "discriminator", "question": q, "seed": seed}, seconds, stepwise=True) for q in questions]
    weights = {"kind": "weights", "refits": CAUSE_REFITS, "seed": seed}
    return [*jobs, Job(weights, 2.5 * scale * rows / 50_000, stepwise=True)]


def cause_jobs(models: list[str], columns: int, rows: int, repeats: int, seed: int, measure: int, after: Job) -> list[Job]:
    """Jobs that ask for the cause of each model's gap: three refits on at most `CAUSE_ROWS` rows; with a single repeat one
    refit where it can use all `rows`, and none for larger tables.

    `measure` is the row of the risk among the measures. Those on synthetic rows come `after` the last of `fidelity_jobs`.
    """
    size, refits = min(rows, CAUSE_ROWS), CAUSE_REFITS if repeats > 1 else int(rows <= QUICK_ROWS)
    base = {"kind": "causes", "rows": size, "seed": seed} | ({"measure": measure} if measure else {})
    return [
        Job(base | {"model": m, "table": t, "refit": i}, k * _seconds(m, size, columns), CATALOGUE[m].stepwise, needed)
        for m in models
        for i in range(refits if CATALOGUE[m].weighable else 0)
        for t, k, needed in (("real", 1.5, None), ("synthetic", 4, after))
    ]


def next_jobs(model: str, sizes: Mapping[str, int], columns: int, repeats: int, seed: int) -> list[Job]:
    """Jobs that ask for one model what more synthetic rows and mixes would do; arguments as for `training_jobs`."""
    base, stepwise, many = {"model": model, "seed": seed}, CATALOGUE[model].stepwise, sizes["synthetic"]
    seconds = _seconds(model, many, columns)  # with repeats, the halves are there already
    jobs = [Job(base | {"kind": "halves", "table": "synthetic", "cut": cut}, seconds, stepwise) for cut in range(repeats)]
    for parts in (p for p in (4, 8, 16) if many // p >= next_steps.LEAST_PART):
        jobs.append(Job(base | {"kind": "parts", "parts": parts}, parts * _seconds(model, many // parts, columns), stepwise))
    rows, cuts = min(*sizes.values(), next_steps.MIX_ROWS), next_steps.MIX_CUTS if repeats > 1 else 0
    mix = base | {"kind": "mix", "rows": rows, "cuts": cuts}
    return [*jobs, *(Job(mix | {"share": s}, (1 + cuts) * seconds, stepwise) for s in next_steps.SHARES)]


class JobsFailed(RuntimeError):
    """Jobs that failed, one line each in `args`; the others are in the store."""


class Runner:
    """Runs one audit's jobs on `workers` threads, without influence on results, and keeps these in the store at `root`."""

    def __init__(self, root: Path, problem: Problem, workers: int, progress: bool = True):
        if not isinstance(workers, int) or workers < 1:
            raise InputError(f"workers: expected an integer >= 1, got {workers!r}")
        self.store, self.problem, self.workers, self.progress = Store(root), problem, workers, progress
        self.content, self.real_content = problem.content(), problem.content("real", "test")
        self.code = of_modules(frozenset({"experiments.audit.jobs"}))

    def _described(self, job: Job) -> dict[str, Any]:
        # What is trained on real rows alone is the same beside every synthetic table.
        content = self.real_content if job.config.get("table") == "real" else self.content
        return {"data": content} | job.config

    def read(self, job: Job) -> Columns:
        """Return the result of a finished job."""
        return self.store.read(cell_hash(self._described(job)))

    def missing(self, jobs: Sequence[Job]) -> list[Job]:
        """Return the jobs without a sound result by the present code; other results are put away."""
        sweep(self.store.root)
        return [job for job in jobs if self.store.triage(cell_hash(self._described(job)), self.code) != "sound"]

    def run(self, jobs: Sequence[Job]) -> None:
        """Do the jobs that the store lacks, under a progress bar; `JobsFailed` at the end if any failed."""
        missing, failures = self.missing(jobs), []
        bar = Bar(sum(job.weight for job in missing), "audit", disable=not (missing and self.progress))
        with bar, threadpool_limits(1), without_harmless_warnings():
            for job, trouble in self._done(missing):
                bar.update(job.weight)
                failures += [trouble] if trouble else []
        if failures:
            raise JobsFailed(*failures)

    def _done(self, jobs: Sequence[Job]) -> Iterator[tuple[Job, str]]:
        """Do the jobs and yield each with what went wrong, or nothing; what comes after a failed one is left out."""
        left, running = list(jobs), dict[Future[str], Job]()
        # Threads, not processes: scikit-learn's loops run outside Python's lock, and the libraries load once.
        with ThreadPoolExecutor(self.workers) as pool:
            while True:
                while len(running) < self.workers and (job := next_job(left, running.values())):
                    left.remove(job)
                    running[pool.submit(self._one, job)] = job
                if not running:
                    return
                for future in wait(running, return_when=FIRST_COMPLETED).done:
                    job, trouble = running.pop(future), future.result()
                    left = [one for one in left if not trouble or one.after is not job]
                    yield job, trouble

    def _one(self, job: Job) -> str:
        """Do one job and store its result; return what went wrong, or nothing."""
        start = time.perf_counter()
        try:
            with threadpool_limits(1):
                columns = compute(job.config, self.problem, self.read(job.after) if job.after else None)
        except Exception as error:
            what = " ".join(str(job.config[k]) for k in ("kind", "model", "question", "table") if k in job.config)
            return f"{what}: {type(error).__name__}: {' '.join(str(error).split())[:200]}"
        note = {"seconds": time.perf_counter() - start} | provenance()
        described = self._described(job)
        self.store.write(cell_hash(described), described, self.code, columns, note)
        return ""


def next_job(left: Sequence[Job], running: Collection[Job]) -> Job | None:
    """Return the job to start next, None where every one left comes after another that is not done.

    Stepwise jobs and others run side by side as far as there are both; of either the longest is first.
    """
    open_jobs = {*left, *running}
    stepwise = 2 * sum(job.stepwise for job in running) <= len(running)
    ready = (job for job in left if job.after not in open_jobs)
    return min(ready, key=lambda job: (job.stepwise != stepwise, -job.seconds), default=None)
