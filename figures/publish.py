"""Publish finished runs as source data, and draw the published figures again from that data alone."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import joblib
import yaml

from experiments.config.compose import CONF, Experiment, asked, experiments_of, names, stem
from experiments.config.registry import ConfigError, near
from experiments.config.schema import BUDGETS
from experiments.engine.code_version import fingerprint
from experiments.engine.grid import PlannedCell
from experiments.engine.run import collect, planned_cells
from experiments.engine.store import Store, write_whole
from figures.claims import records
from figures.report import report

PUBLISHED = Path(__file__).parent / "published"
"""The published results of this repository."""


def publish(budget: str, words: Sequence[str], target: Path = PUBLISHED) -> int:
    """Publish the complete runs of a budget, print one line per experiment, and return the exit code, 0.

    For each figure: its estimates (CSV), its images (SVG, PNG), its caption (JSON), the resolved configuration (YAML). What
    `target` holds of other experiments stays. Of the command line, `experiment=` restricts, `output=` and `data.dir=` say
    where runs and real data lie. A ConfigError when no run is complete.
    """
    done = 0
    for experiment in chosen(budget, words):
        cells, lacking = complete_cells(experiment)
        if lacking:
            print(f"not published: {experiment.name}: {lacking}")
            continue
        print(f"published: {experiment.name}: {_publish(experiment, cells, target)}")
        done += 1
    if not done:
        raise ConfigError(f"publish: no complete run; make one first: python run.py budget={budget}")
    return 0


def redraw(what: str, words: Sequence[str], source: Path = PUBLISHED) -> int:
    """Write <output>/published/<experiment>.png for every figure of `source`, print the published claims, and return 0.

    `what` is `published`. Of the command line, `experiment=` restricts, `output=` says where to draw. A ConfigError when
    nothing is published.
    """
    if what != "published":
        raise ConfigError(f"draw: expected published, got {what!r}{near(what, ['published'])}")
    figures = {note["experiment"]: note for note in notes(source)}
    published = records.read(source)
    known = dict.fromkeys([*figures, *(c["experiment"] for c in published)])
    restricted = any(w.startswith("experiment=") for w in words)
    chosen = [name for name in known if not restricted or name in asked(words)]
    if not chosen:
        raise ConfigError("draw: none of this is published; publish finished runs: python run.py publish=paper")
    places = [w for w in words if w.startswith("output=")]
    output = Path(str(experiments_of([f"experiment={chosen[0]}", *places])[0].config["output"])) / "published"
    jobs = [joblib.delayed(_redraw)(figures[name], source, output) for name in chosen if name in figures]
    for line in joblib.Parallel(n_jobs=min(len(jobs), joblib.cpu_count()) or 1, return_as="generator")(jobs):
        print(line)
    print(records.table([c for c in published if c["experiment"] in chosen]))
    return 0


def _redraw(note: dict[str, str], source: Path, output: Path) -> str:
    """Draw one figure from its published estimates and say where it is."""
    # matplotlib loads here, so that mistakes on the command line are answered at once
    from figures import draw, style

    style.apply()
    name = stem(note["experiment"])
    estimates = draw.from_csv((source / f"{name}.csv").read_text(encoding="utf-8"))
    style.save(draw.plot(note["figure"]).draw(estimates), output / name, vector=False)
    return f"drawn: {output / name}.png"


def notes(source: Path = PUBLISHED) -> list[dict[str, str]]:
    """Return experiment, figure, title and caption of every published figure."""
    return [json.loads(p.with_suffix(".json").read_text(encoding="utf-8")) for p in sorted(source.glob("*.csv"))]


def chosen(budget: str, words: Sequence[str]) -> list[Experiment]:
    """Compose the experiments that the command line names, or all that have claims or figures."""
    if budget not in BUDGETS:
        raise ConfigError(f"publish: unknown budget {budget!r}{near(budget, BUDGETS)}")
    if not any(w.startswith("experiment=") for w in words):
        words = [f"experiment={','.join(n for n in names() if n != 'audit')}", *words]
    return experiments_of([*words, f"budget={budget}"])


def complete_cells(experiment: Experiment) -> tuple[list[PlannedCell], str]:
    """Return the cells of an experiment, and why it cannot be published; empty when its run is complete."""
    _, cells, lacking = planned_cells(experiment)
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
    """Publish one experiment and say in words what was written."""
    store = Store(Path(experiment.config["output"]) / "store")
    written = "claims only, it has no figure of its own"
    if experiment.config["figure"]:
        # matplotlib loads here, so that mistakes on the command line are answered at once
        from figures import style
        from figures.draw import from_csv, plot, to_csv

        style.apply()
        figure, base = plot(experiment.config["figure"]), target / stem(experiment.name)
        text = to_csv(figure.estimates(collect(experiment.name, cells, store.root)))
        estimates = from_csv(text)
        note = {"experiment": experiment.name, "figure": experiment.config["figure"]}
        note |= {"title": experiment.config["title"] or experiment.name, "caption": figure.caption(estimates)}
        places = ("output", "data", "executor", "verbose")  # where and how an experiment is run is not published
        config = {key: value for key, value in experiment.config.items() if key not in places}
        style.save(figure.draw(estimates), base)
        write_whole(base.with_suffix(".csv"), text)
        write_whole(base.with_suffix(".json"), json.dumps(note, indent=1, ensure_ascii=False) + "\n")
        write_whole(base.with_suffix(".yaml"), yaml.safe_dump(config, sort_keys=False, allow_unicode=True, width=120))
        written = f"{text.count(chr(10)) - 1:,} estimates"
    records.merge(target, _claims(experiment), report.order())
    path = target / "provenance.json"
    provenance = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    provenance[experiment.name] = _provenance(experiment, cells, store)
    ordered = {name: provenance[name] for name in report.order() if name in provenance}
    write_whole(path, json.dumps(ordered, indent=1, ensure_ascii=False) + "\n")
    return written


def _provenance(experiment: Experiment, cells: Sequence[PlannedCell], store: Store) -> dict[str, Any]:
    """When and with which versions the cells were computed; nothing about where."""
    notes = [store.note(c.key)["provenance"] for c in cells]
    times = [(store.path(c.key) / "cell.json").stat().st_mtime for c in cells]
    days = [datetime.fromtimestamp(t, UTC).date().isoformat() for t in (min(times), max(times))]
    return {
        "budget": experiment.config["budget"],
        "seed": experiment.config["seed"],
        "cells": len(cells),
        "seconds": round(sum(n["seconds"] for n in notes)),
        "date": " to ".join(dict.fromkeys(days)),
        "form": form(experiment.name),
        **{key: _joined(n[key] for n in notes) for key in ("commit", "python", "machine")},
        "packages": {name: _joined(n["packages"][name] for n in notes) for name in notes[0]["packages"]},
    }


def form(name: str) -> str:
    """Return a fingerprint of what the file of an experiment says."""
    return hashlib.sha256((CONF / "experiment" / f"{name}.yaml").read_bytes()).hexdigest()[:12]


def earlier(source: Path = PUBLISHED) -> list[str]:
    """Return the experiments whose files have changed since they were published: rules, sizes, controls or words."""
    path = source / "provenance.json"
    provenance = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    return [name for name, note in provenance.items() if name in names() and note["form"] != form(name)]


def _joined(values: Iterable[str]) -> str:
    return ", ".join(sorted(set(values)))
