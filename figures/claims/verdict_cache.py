"""The verdicts on an experiment, kept while its cells, its configuration and the code that judges stay the same."""

import hashlib
import json
from collections.abc import Sequence, Set
from pathlib import Path
from typing import Any

import joblib
from joblib.externals.loky.process_executor import TerminatedWorkerError

from experiments.config.changes import APART
from experiments.config.compose import Experiment, stem
from experiments.engine.code_version import fingerprint, of_modules
from experiments.engine.executors import in_processes
from experiments.engine.grid import PlannedCell
from experiments.engine.progress import Bar
from experiments.engine.run import PlannedExperiment, collect
from experiments.engine.store import DamagedCell, Store, canonical, write_whole
from figures.claims import judge
from figures.claims.records import Claim, rule_failed
from figures.draw import draw
from figures.report import variants

Concluded = tuple[list[Claim], str]
"""The entries of claims.json for an experiment, and why there is no figure, empty where there is one."""


def concluded(planned: Sequence[PlannedExperiment], failed: Set[str], store: Store, workers: int) -> list[Concluded]:
    """Judge and draw experiments, in `workers` processes, unless that was done before from the same cells.

    `failed` are the keys of cells that could not be computed.
    """
    asked = [(*each, _trouble(each[1], failed), store) for each in planned]
    kept = [_kept(*each) for each in asked]
    jobs = [joblib.delayed(_conclude)(*each) for each, known in zip(asked, kept) if known is None]
    fresh: list[Concluded] = []
    try:
        with Bar(len(jobs), "claims and figures", disable=len(jobs) < 2) as bar:
            for each in in_processes(jobs, min(workers, len(jobs)) or 1):
                fresh.append(each)
                bar.update()
    except TerminatedWorkerError as death:
        raise OSError(f"a worker died while it judged or drew (executor=serial needs less memory): {death}") from death
    rest = iter(fresh)
    return [known or next(rest) for known in kept]


def _trouble(cells: Sequence[PlannedCell], failed: Set[str]) -> str:
    """Why rows are incomplete, empty where they are not."""
    lost = {c.key for c in cells} & failed
    return f"{len(lost)} of {len(cells)} cells failed" if lost else ""


def _kept(experiment: Experiment, cells: Sequence[PlannedCell], skipped: str, trouble: str, store: Store) -> Concluded | None:
    known = without_data(experiment, store) if skipped else None if trouble else read(experiment, cells, store)
    if skipped and known is not None:
        print(f"{experiment.name}: verdicts kept, its cells are finished ({skipped})")
    return None if known is None else (known, "")


def _conclude(experiment: Experiment, cells: Sequence[PlannedCell], skipped: str, trouble: str, store: Store) -> Concluded:
    rows = collect(experiment.name, cells, store.root)
    entries = judge.judge(experiment, rows, trouble, skipped)
    variants.write(experiment, rows)
    undrawn = "" if rows.empty else draw(experiment, rows)
    if not (skipped or trouble or undrawn or any(map(rule_failed, entries))):
        write(experiment, cells, store, entries)
    return entries, undrawn


def read(experiment: Experiment, cells: Sequence[PlannedCell], store: Store) -> list[Claim] | None:
    """Return the entries of claims.json judged earlier from these very cells; None where anything changed since.

    Its figure and table must still be there, and all its cells in the store and sound.
    """
    note = _note(experiment)
    return note["claims"] if note and note["stamp"] == _stamp(experiment, cells, store) else None


def without_data(experiment: Experiment, store: Store) -> list[Claim] | None:
    """Return the entries judged earlier by this configuration and code, where its data are missing, so that no cell is planned.

    Verdicts are what cells say: as long as all of them lie sound in the store, missing data change nothing.
    """
    note = _note(experiment)
    if not note or note["asked"] != _asked(experiment):
        return None
    return note["claims"] if all(_sound(key, store) for key in note["cells"]) else None


def write(experiment: Experiment, cells: Sequence[PlannedCell], store: Store, entries: Sequence[Claim]) -> None:
    """Keep the verdicts, once figure and table are written."""
    drawn = experiment.folder / "figures" / stem(experiment.name)
    tables = variants.table_path(experiment.folder, experiment.name), experiment.folder / "changes.json"
    files = [*(drawn.with_suffix(s) for s in (".png", ".svg", ".json")), *tables]
    note = {
        "stamp": _stamp(experiment, cells, store),
        "asked": _asked(experiment),
        "cells": [c.key for c in cells],
        "files": [p.relative_to(experiment.folder).as_posix() for p in files if p.is_file()],
        "claims": list(entries),
    }
    write_whole(_path(experiment), json.dumps(note, ensure_ascii=False))


def _path(experiment: Experiment) -> Path:
    return experiment.folder / "concluded" / f"{stem(experiment.name)}.json"


def _sound(key: str, store: Store) -> bool:
    """Return whether a cell is whole and of the present code; it stays where it is, as it could not be computed again here."""
    try:
        store.check(key)
        note = store.note(key)
    except DamagedCell:
        return False
    return note.get("code") == fingerprint(note["config"])


def _note(experiment: Experiment) -> dict[str, Any]:
    """The kept verdicts; empty where there are none, or where a file that goes with them is gone."""
    try:
        note: dict[str, Any] = json.loads(_path(experiment).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return note if all((experiment.folder / name).is_file() for name in note["files"]) else {}


def _asked(experiment: Experiment) -> str:
    """Digest of the configuration and of the code that judges and draws, comments apart."""
    config = {k: v for k, v in experiment.config.items() if k not in APART or k == "budget"}
    rules = {judge.known_rules()[claim["rule"]].__module__ for claim in experiment.config["claims"].values()}
    plots = {f"figures.plots.{experiment.config['figure']}"} if experiment.config["figure"] else set()
    code = of_modules(frozenset({"figures.claims.judge", "figures.draw", "figures.report.variants", *rules, *plots}))
    return hashlib.sha256(f"{canonical(config)} {experiment.command} {code}".encode()).hexdigest()


def _stamp(experiment: Experiment, cells: Sequence[PlannedCell], store: Store) -> str:
    """Digest of what `_asked` covers and of every cell's rows and labels."""
    seen = [[c.key, store.note(c.key)["sha256"], str(c.labels)] for c in cells]
    return hashlib.sha256(f"{_asked(experiment)} {json.dumps(seen)}".encode()).hexdigest()
