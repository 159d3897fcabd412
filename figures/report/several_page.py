"""The audit of several synthetic tables: a few lines for the terminal, and one page with a row per table."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from experiments.audit.core import as_json
from experiments.audit.metrics import measures
from experiments.audit.options import CATALOGUE
from experiments.audit.several import SeveralResult
from experiments.audit.utility import plain
from experiments.engine.store import write_whole
from figures.report import vector
from figures.report.report import render


def terminal(result: SeveralResult, page: Path | None = None) -> str:
    """Return what the command prints: which table to take, a line per table, where the page is if there is one."""
    found, some, labels = result.to_dict(), next(iter(result.tables.values())), _labels(result)
    lines = ["", result.training.sentence, result.choosing.sentence]
    lines += [*(f"note: {told}" for told in _told(result, "notes")), ""]
    lines.append(f"gap in {_label(result)} on {some.tables['test_rows']:,} real test rows, {some.options.level:.0%} intervals")
    width = max(map(len, ["table", *found["tables"]])) + 2
    lines.append(f"  {'table':<{width}}{'train':<11}{'gap':<34}{'choose':<11}{'picks':<20}{'told apart':<12}copies")
    for name, own in found["tables"].items():
        verdict, gap = own["verdict"], own["gap"]
        written = f"{plain(gap['value'], '+')} [{plain(gap['low'], '+')}, {plain(gap['high'], '+')}]"
        picks, auc = labels.get(own["chosen"], ""), own["auc"]["features"]["value"]
        rest = f"{verdict['choose']:<11}{picks:<20}{f'AUC {auc:.2f}':<12}{own['copies']['share']['value']:.1%}"
        lines.append(f"  {name:<{width}}{verdict['train']:<11}{written:<34}{rest}")
    warned = [f"warning: {told}" for told in _told(result, "warnings")]
    lines += ["", *warned] if warned else []
    return "\n".join([*lines, *([f"report: {page}"] if page else [])])


def _told(result: SeveralResult, kind: str) -> list[str]:
    """Return the `notes` or `warnings` of all tables, each once, with the tables that it is about unless it is all of them."""
    lines: dict[str, list[str]] = {}
    for name, own in result.tables.items():
        for line in getattr(own, kind):
            lines.setdefault(line, []).append(name)
    return [line if len(names) == len(result.tables) else f"{', '.join(names)}: {line}" for line, names in lines.items()]


def _labels(result: SeveralResult) -> dict[str, str]:
    return {model.name: CATALOGUE[model.name].label for model in next(iter(result.tables.values())).models}


def _label(result: SeveralResult) -> str:
    tables = next(iter(result.tables.values())).tables
    return measures(tables["task"] == "classification")[tables["risk"]].label


def write(result: SeveralResult, folder: Path) -> Path:
    """Write as `audit_page.write` does; each table's own page lies in the folder of its name."""
    path = folder / "audit.html"
    write_whole(folder / "audit.json", as_json(result))
    write_whole(path, html(result))
    return path


def html(result: SeveralResult) -> str:
    """Return the page."""
    return render("several.html.jinja", context(result), {"plain": plain})


def context(result: SeveralResult) -> dict[str, Any]:
    """Return what the template needs: the numbers, labels, and drawings."""
    some, label = next(iter(result.tables.values())), _label(result)
    factor, unit = (100, "points of error rate") if some.tables["risk"] == "error" else (1, label)
    gaps = []
    for name, own in result.tables.items():
        found = own.best.measures[some.tables["risk"]]
        inner = factor * found.gap_given.low, factor * found.gap_given.high
        gaps.append({"label": name, "inner": inner} | _ends(found.gap, factor))
    differences = [
        {"label": f"{pair.first} − {pair.second}", "inner": (factor * pair.training.value,) * 2} | _ends(pair.training, factor)
        for pair in result.pairs
    ]
    gap_axis = f"{label} of the best model: synthetic minus real training, {unit}"
    difference_axis = f"gap of the first minus gap of the second, {unit}"
    return result.to_dict() | {
        "some": some,
        "unit": unit if factor == 100 else label,
        "labels": _labels(result),
        "notes": _told(result, "notes"),
        "warnings": _told(result, "warnings"),
        "drawings": {
            "gaps": vector.intervals(gaps, f"Gap of each table in {unit}", gap_axis),
            "differences": vector.intervals(differences, "Differences between the tables' gaps", difference_axis)
            if differences
            else "",
        },
    }


def _ends(interval: Any, factor: float) -> dict[str, float]:
    return {end: factor * getattr(interval, end) for end in ("value", "low", "high")}
