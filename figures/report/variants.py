"""The runs of one experiment that lie in different folders, named by what tells them apart."""

import re
import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from figures.claims import records
from figures.report import cell_means

UNMODIFIED = "as configured"


@dataclass(frozen=True)
class Variant:
    """One run: its name, folder, claims, the command that makes it and the means of its cells."""

    label: str
    folder: Path
    claims: list[records.Claim]
    command: str
    cells: pd.DataFrame


def variants(folders: Sequence[Path], experiment: str) -> list[Variant]:
    """Return the runs of `experiment` that lie in `folders`, labelled by the words of their commands that differ.

    Parameters
    ----------
    folders : sequence of Path
        Folders with a claims.json; those without entries of the experiment are left out.
    experiment : str
        Its name.

    Returns
    -------
    list of Variant
        The unmodified run first, then by label, numbers in their order.
    """
    entries = {f: [c for c in records.read(f) if c["experiment"] == experiment] for f in folders}
    commands = {f: str(own[0]["command"]) for f, own in entries.items() if own}
    names = _distinct(labels(list(commands.values())), [(entries[f][0].get("budget", ""), f) for f in commands])
    found = [
        Variant(name, folder, entries[folder], command, cell_means.read(folder, experiment))
        for name, (folder, command) in zip(names, commands.items())
    ]
    return sorted(found, key=lambda v: _order(v.label))


def siblings(base: Path, experiment: str) -> list[Path]:
    """Return a budget's folder and those of the variants of `experiment` below it."""
    pattern = f"{experiment}-" + "[0-9a-f]" * 8
    return [base, *sorted((base / "variants").glob(pattern))]


def labels(commands: Sequence[str]) -> list[str]:
    """Return for each command the words that not all of them have, without what all of those begin with.

    `learner.mlp.width=8` beside `learner.mlp.width=32` becomes `width=8`; where different keys differ, they are written
    whole.
    """
    words = [[w for w in shlex.split(c)[2:] if not w.startswith(("budget=", "executor"))] for c in commands]
    common = set.intersection(*map(set, words)) if words else set()
    own = [[w for w in each if w not in common] for each in words]
    keys = {w.partition("=")[0] for each in own for w in each}
    short = {key: key.rpartition(".")[2] for key in keys}
    unique = len(set(short.values())) == len(keys)
    return [", ".join(_shortened(w, short) if unique else w for w in each) or UNMODIFIED for each in own]


def _distinct(names: Sequence[str], origins: Sequence[tuple[str, Path]]) -> list[str]:
    """Tell runs of one name apart by their budgets, else by their folders."""
    if len(set(names)) == len(names):
        return list(names)
    budgets = [f"{name}, {budget}" for name, (budget, _) in zip(names, origins)]
    if len(set(budgets)) == len(names):
        return budgets
    return [f"{name}, {folder.as_posix()}" for name, (_, folder) in zip(names, origins)]


def _shortened(word: str, short: dict[str, str]) -> str:
    key, _, value = word.partition("=")
    return f"{short[key]}={value}"


def _order(label: str) -> tuple[bool, list[tuple[float, str]]]:
    """Numbers inside a label count as numbers."""
    parts = re.split(r"(\d+(?:\.\d+)?)", label)
    return label != UNMODIFIED, [(float(p), "") if i % 2 else (0.0, p) for i, p in enumerate(parts)]
