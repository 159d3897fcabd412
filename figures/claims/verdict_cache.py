"""What was concluded of an experiment, kept while its cells, its configuration and the code that judges stay the same."""

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from experiments.config.compose import NEUTRAL, Experiment, stem
from experiments.engine.code_version import fingerprint, of_modules
from experiments.engine.grid import PlannedCell
from experiments.engine.store import DamagedCell, Store, canonical, write_whole
from figures.claims.records import Claim
from figures.report import cell_means


def read(experiment: Experiment, cells: Sequence[PlannedCell], store: Store) -> list[Claim] | None:
    """Return the entries of claims.json concluded earlier from these very cells; None where anything changed since.

    Parameters
    ----------
    experiment : Experiment
        Its figure and table must still be there.
    cells : sequence of PlannedCell
        All its cells, in the store and sound.
    store : Store
        Where they lie.
    """
    note = _note(experiment)
    return note["claims"] if note.get("stamp") == _stamp(experiment, cells, store) else None


def without_data(experiment: Experiment, store: Store) -> list[Claim] | None:
    """Return the entries concluded earlier by this configuration and code, where its data are not here to plan its cells.

    Verdicts are what cells say: as long as all of them lie sound in the store, missing data change nothing.
    """
    note = _note(experiment)
    if note.get("asked") != _asked(experiment):
        return None
    return note["claims"] if all(_sound(key, store) for key in note["cells"]) else None


def write(experiment: Experiment, cells: Sequence[PlannedCell], store: Store, entries: Sequence[Claim]) -> None:
    """Keep what was concluded, once its figure and table are written."""
    note = {
        "stamp": _stamp(experiment, cells, store),
        "asked": _asked(experiment),
        "cells": [c.key for c in cells],
        "files": [p.relative_to(experiment.folder).as_posix() for p in _files(experiment) if p.is_file()],
        "claims": list(entries),
    }
    write_whole(_path(experiment), json.dumps(note, ensure_ascii=False))


def _path(experiment: Experiment) -> Path:
    return experiment.folder / "concluded" / f"{stem(experiment.name)}.json"


def _files(experiment: Experiment) -> list[Path]:
    drawn = experiment.folder / "figures" / stem(experiment.name)
    return [*(drawn.with_suffix(s) for s in (".png", ".pdf", ".json")), cell_means.path(experiment.folder, experiment.name)]


def _sound(key: str, store: Store) -> bool:
    """Tell whether a cell is whole and of the present code, and leave it where it is: it could not be made again here."""
    try:
        store.check(key)
        note = store.note(key)
    except DamagedCell:
        return False
    return note.get("code") == fingerprint(note["config"])


def _note(experiment: Experiment) -> dict[str, Any]:
    """The kept conclusion; empty where there is none, or where a file that goes with it is gone."""
    try:
        note: dict[str, Any] = json.loads(_path(experiment).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return note if all((experiment.folder / name).is_file() for name in note["files"]) else {}


def _asked(experiment: Experiment) -> str:
    """Digest of the configuration and of the code that judges and draws, comments apart."""
    config = {k: v for k, v in experiment.config.items() if k not in NEUTRAL or k == "budget"}
    rules = {f"figures.claims.rules.{claim['rule']}" for claim in experiment.config["claims"].values()}
    plots = {f"figures.plots.{experiment.config['figure']}"} if experiment.config["figure"] else set()
    code = of_modules(frozenset({"figures.claims.judge", "figures.draw", "figures.report.cell_means", *rules, *plots}))
    return hashlib.sha256(f"{canonical(config)} {experiment.command} {code}".encode()).hexdigest()


def _stamp(experiment: Experiment, cells: Sequence[PlannedCell], store: Store) -> str:
    """Digest of what `_asked` covers and of every cell's rows and labels."""
    seen = [[c.key, store.note(c.key)["sha256"], str(c.labels)] for c in cells]
    return hashlib.sha256(f"{_asked(experiment)} {json.dumps(seen)}".encode()).hexdigest()
