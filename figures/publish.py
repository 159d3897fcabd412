"""Publish finished runs: of every experiment a small table, what its figure shows, an image, its claims, their provenance."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import pandas as pd

from experiments.config.compose import Experiment, experiments_of, headers, names, stem
from experiments.config.registry import ConfigError, near
from experiments.config.schema import BUDGETS
from experiments.engine.code_version import fingerprint
from experiments.engine.grid import PlannedCell
from experiments.engine.run import collect
from experiments.engine.store import Store, write_whole
from figures.claims import records
from figures.report import report
from figures.session import cells_of

if TYPE_CHECKING:
    from figures.reduction import Shown

PUBLISHED = Path(__file__).parent / "published"
"""Where published results lie in this repository."""

LARGEST = 2_000_000
"""Tables of more bytes are left out: only the image and the claims are published then."""

DPI = 110


def publish(budget: str, words: Sequence[str], target: Path = PUBLISHED) -> int:
    """Publish the complete runs of a budget, and print a line for every experiment.

    Parameters
    ----------
    budget : str
        `smoke`, `quick` or `paper`.
    words : sequence of str
        `experiment=` restricts; `output=` and `data.dir=` say where runs and real data lie.
    target : Path
        The folder to write to; what it holds of other experiments stays.

    Returns
    -------
    int
        The exit code, 0.

    Raises
    ------
    ConfigError
        For an unknown budget, or when no run is complete.
    """
    done = 0
    for experiment in _asked(budget, words):
        cells, lacking = _cells(experiment)
        if lacking:
            print(f"not published: {experiment.name}: {lacking}")
            continue
        print(f"published: {experiment.name}: {_publish(experiment, cells, target)}")
        done += 1
    if not done:
        raise ConfigError(f"publish: no complete run; make one first: python run.py budget={budget}")
    return 0


def _asked(budget: str, words: Sequence[str]) -> list[Experiment]:
    """Compose the experiments that are asked for, or all that have claims or figures."""
    if budget not in BUDGETS:
        raise ConfigError(f"publish: unknown budget {budget!r}{near(budget, BUDGETS)}")
    if not any(w.startswith("experiment=") for w in words):
        words = [f"experiment={','.join(n for n in names() if n != 'audit')}", *words]
    return experiments_of([*words, f"budget={budget}"])


def _cells(experiment: Experiment) -> tuple[list[PlannedCell], str]:
    """Return the cells of an experiment, and why it cannot be published; empty when its run is complete."""
    _, cells, lacking = cells_of(experiment)
    store = Store(Path(experiment.config["output"]) / "store")
    missing = sum(not store.has(c.key) for c in cells)
    stale = sum(store.stale(c.key, fingerprint(c.config)) for c in cells)
    if lacking or not cells:
        return cells, lacking or "nothing to measure"
    if missing or stale:
        return cells, f"of {len(cells)} cells {missing} are missing and {stale} are of another version of the code"
    if experiment.config["claims"] and not _claims(experiment):
        return cells, f"no verdicts in {experiment.base}"
    return cells, ""


def _claims(experiment: Experiment) -> list[records.Claim]:
    """Return the entries of claims.json, with commands that name no place."""
    own = [c for c in records.read(experiment.base) if c["experiment"] == experiment.name]
    command = f"python run.py experiment={experiment.name} budget={experiment.config['budget']}"
    return [c | {"command": command} for c in own]


def _publish(experiment: Experiment, cells: Sequence[PlannedCell], target: Path) -> str:
    """Write what is published of one experiment and say what it is."""
    store = Store(Path(experiment.config["output"]) / "store")
    said = "claims only, it has no figure of its own"
    if experiment.config["figure"]:
        said = _draw(experiment, collect(experiment.name, cells, store.root), target)
    records.merge(target, _claims(experiment), report.order())
    path = target / "provenance.json"
    told = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    told[experiment.name] = _provenance(experiment, cells, store) | {"published": said}
    ordered = {name: told[name] for name in report.order() if name in told}
    write_whole(path, json.dumps(ordered, indent=1, ensure_ascii=False) + "\n")
    return said


def _draw(experiment: Experiment, rows: pd.DataFrame, target: Path) -> str:
    """Write image, numbers and table of an experiment's figure, and say what was written."""
    # matplotlib loads here, so that mistakes on the command line are answered at once
    from figures import reduction, style
    from figures.draw import plot

    style.apply()
    module = plot(experiment.config["figure"])
    shown = reduction.shown(module, rows)
    base = target / stem(experiment.name)
    target.mkdir(parents=True, exist_ok=True)
    shown.figure.savefig(base.with_suffix(".png"), dpi=DPI, metadata={"Software": None}, pil_kwargs={"optimize": True})
    note = {"experiment": experiment.name, "figure": experiment.config["figure"], "title": _title(experiment)}
    tables, said = _tables(experiment, module, rows, shown, base)
    note |= {"tables": tables, "caption": shown.caption, "axes": shown.axes}
    write_whole(base.with_suffix(".json"), json.dumps(note, ensure_ascii=False) + "\n")
    return said


def _tables(
    experiment: Experiment, module: ModuleType, rows: pd.DataFrame, shown: Shown, base: Path
) -> tuple[list[str], str]:
    """Write the table that draws the figure, unless those of other experiments do; return names of tables, and in words."""
    from figures import compact, reduction

    others = [stem(name) for name in experiment.config["cells_of"]]
    there = all((base.parent / f"{name}.npz").is_file() for name in others)
    if others and there and reduction.same(module, compact.read(base.parent, others), shown):
        return others, f"drawn from the tables of {' and '.join(others)}"
    data, what = reduction.smallest(module, rows, shown, LARGEST)
    if data is None:
        base.with_suffix(".npz").unlink(missing_ok=True)
        return [], f"image only, cannot be redrawn: {what}"
    write_whole(base.with_suffix(".npz"), data)
    return [base.name], f"table of {len(data) / 1e3:,.0f} kB ({what})"


def _title(experiment: Experiment) -> str:
    return str(headers()[experiment.name].get("title", "")) or experiment.name


def _provenance(experiment: Experiment, cells: Sequence[PlannedCell], store: Store) -> dict[str, Any]:
    """When and by which versions the cells were made; nothing about where."""
    notes = [store.note(c.key)["provenance"] for c in cells]
    made = [(store.path(c.key) / "cell.json").stat().st_mtime for c in cells]
    days = [datetime.fromtimestamp(t, UTC).date().isoformat() for t in (min(made), max(made))]
    told = {key: _joined([n[key] for n in notes]) for key in ("commit", "python", "machine")}
    packages = {name: _joined([n["packages"][name] for n in notes]) for name in notes[0]["packages"]}
    return {
        "budget": experiment.config["budget"],
        "seed": experiment.config["seed"],
        "cells": len(cells),
        "seconds": round(sum(n["seconds"] for n in notes)),
        "date": " to ".join(dict.fromkeys(days)),
        **told,
        "packages": packages,
    }


def _joined(values: Sequence[str]) -> str:
    return ", ".join(sorted(set(values)))
