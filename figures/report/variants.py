"""The runs of one experiment that lie in different folders: what each changes, its claims, the means of its cells."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from experiments.config.compose import Experiment, stem
from experiments.engine.store import write_whole
from figures.claims import records

UNMODIFIED = "as configured"
SIZES = ("n", "ratio", "m")
WITHIN = ("generation", "share", "synthetic_per_real", "sets", "update", "added", "scale", "round", "step", "ascent")
"""Numbers that tell rows of one replicate apart, where a cell measures along an axis of its own."""


@dataclass(frozen=True)
class Variant:
    """One run: its name, folder, claims, the command that makes it and the means of its cells."""

    label: str
    folder: Path
    claims: list[records.Claim]
    command: str
    cells: pd.DataFrame


def write(experiment: Experiment, rows: pd.DataFrame) -> None:
    """Write what a comparison reads beside claims.json: the means of an experiment's cells, and what its run changes.

    Rows that are not replicates have no means.
    """
    if experiment.changes:
        text = json.dumps(experiment.changes, indent=1, ensure_ascii=False) + "\n"
        write_whole(experiment.folder / "changes.json", text)
    if "replicate" in rows:
        table = cell_means(rows).to_csv(index=False, float_format="%.6g")
        write_whole(table_path(experiment.folder, experiment.name), table)


def table_path(folder: Path, experiment: str) -> Path:
    """Return the place of an experiment's means below a folder of verdicts."""
    return folder / "tables" / f"{stem(experiment)}.csv"


def variants(folders: Sequence[Path], experiment: str) -> list[Variant]:
    """Return the runs of `experiment` that lie in `folders`, labelled by what tells them apart.

    Folders without entries of the experiment are left out. The unmodified run comes first, then by label, numbers in their
    order.
    """
    entries = {f: [c for c in records.read(f) if c["experiment"] == experiment] for f in folders}
    entries = {f: own for f, own in entries.items() if own}
    changes = [f / "changes.json" for f in entries]
    changed = [json.loads(p.read_text(encoding="utf-8")) if p.is_file() else {} for p in changes]
    names = _distinct(labels(changed), [(own[0].get("budget", ""), f) for f, own in entries.items()])
    found = []
    for name, (folder, own) in zip(names, entries.items()):
        table = table_path(folder, experiment)
        cells = pd.read_csv(table) if table.is_file() else pd.DataFrame()
        found.append(Variant(name, folder, own, str(own[0]["command"]), cells))
    return sorted(found, key=lambda v: _order(v.label))


def siblings(base: Path, experiment: str) -> list[Path]:
    """Return a budget's folder and those of the variants of `experiment` below it."""
    pattern = f"{experiment}-" + "[0-9a-f]" * 8
    return [base, *sorted((base / "variants").glob(pattern))]


def labels(changes: Sequence[dict[str, Any]]) -> list[str]:
    """Return for each run the changes that not all of them share.

    `learner.mlp.width=8` beside `learner.mlp.width=32` becomes `width=8`; keys whose last words agree are written whole.
    """
    own = [{k: _written(v) for k, v in each.items()} for each in changes]
    keys = {k for each in own for k in each if any(other.get(k) != each[k] for other in own)}
    short = {key: key.rpartition(".")[2] for key in keys if not key.startswith("~")}
    unique = len(set(short.values())) == len(short)
    word = {k: k if k not in short else f"{short[k] if unique else k}=" for k in keys}
    return [", ".join(word[k] + each[k] * (k in short) for k in each if k in keys) or UNMODIFIED for each in own]


def _written(value: Any) -> str:
    return f"[{','.join(map(_written, value))}]" if isinstance(value, list) else "null" if value is None else str(value)


def _distinct(names: Sequence[str], origins: Sequence[tuple[str, Path]]) -> list[str]:
    """Tell runs of one name apart by their budgets, else by their folders."""
    if len(set(names)) == len(names):
        return list(names)
    budgets = [f"{name}, {budget}" for name, (budget, _) in zip(names, origins)]
    if len(set(budgets)) == len(names):
        return budgets
    return [f"{name}, {folder.as_posix()}" for name, (_, folder) in zip(names, origins)]


def _order(label: str) -> tuple[bool, list[tuple[float, str]]]:
    """Numbers inside a label count as numbers."""
    parts = re.split(r"(\d+(?:\.\d+)?)", label)
    return label != UNMODIFIED, [(float(p), "") if i % 2 else (0.0, p) for i, p in enumerate(parts)]


def cell_means(rows: pd.DataFrame) -> pd.DataFrame:
    """Return one line for each combination of labels: `replicates`, and the mean of every other number."""
    keys = [c for c in axes(rows) if c not in ("experiment", "cell")]
    numbers = [c for c in rows.select_dtypes("number") if c not in (*keys, "replicate")]
    cells = rows.groupby(keys, observed=True, sort=False, dropna=False)
    counted = cells["replicate"].nunique().rename("replicates").to_frame()
    return counted.join(cells[numbers].mean()).reset_index()


def axes(rows: pd.DataFrame) -> list[str]:
    """Return the columns that say where a row was measured: all columns of words, the sizes, the axes within a cell."""
    return [*rows.select_dtypes(exclude="number"), *(c for c in (*SIZES, *WITHIN) if c in rows)]
