"""The target: classes or numbers, and the same ones in every table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from experiments.audit.errors import InputError
from experiments.audit.kinds import as_float, as_text, kind_of, shown, spelling
from experiments.audit.options import AuditOptions

MOST_CLASSES = 100


def task_of(real: pd.Series, options: AuditOptions) -> str:
    """Decide between classes and numbers, from the real target alone."""
    if options.task != "auto":
        return options.task
    if kind_of(real) != "number":
        return "classification"
    values = as_float(real).dropna().unique()
    return "classification" if len(values) <= 20 and np.all(values == np.round(values)) else "regression"


def responses(series: Mapping[str, pd.Series], column: str) -> dict[str, pd.Series]:
    """Numeric targets, all finite, none constant."""
    made = {name: as_float(s) for name, s in series.items()}
    for name, values in made.items():
        where = f"column {column!r} (the target)"
        bad = ~np.isfinite(values)
        if bad.any():
            example = shown(series[name][bad].iloc[0])
            raise InputError(
                f"{where}: {int(bad.sum()):,} values of the {name} table are no finite numbers (such as "
                f"{example}); mend them, or set audit.task=classification"
            )
        if values.nunique() < 2:
            raise InputError(f"{where}: constant in the {name} table; nothing can be learned, check the table")
    return made


def labels_of(series: Mapping[str, pd.Series], column: str) -> dict[str, pd.Series]:
    """Class labels as text, spelled as in the real table."""
    made = {name: as_text(s) for name, s in series.items()}
    where, real = f"column {column!r} (the target)", sorted(set(made["real"]))
    if len(real) > MOST_CLASSES:
        raise InputError(
            f"{where}: {len(real):,} classes are more than {MOST_CLASSES}; group them, or set audit.task=regression"
        )
    for name, labels in made.items():
        classes = sorted(set(labels))
        _check_spelling(where, name, classes, real)
        if len(classes) < 2:
            raise InputError(
                f"{where}: only the class {classes[0]!r} in the {name} table; give a table with at least two classes"
            )
    return made


def _check_spelling(where: str, name: str, classes: Sequence[str], real: Sequence[str]) -> None:
    known = {spelling(label): label for label in real}
    for label in classes:
        if label not in real and spelling(label) in known:
            raise InputError(
                f"{where}: spelled {label!r} in the {name} table and {known[spelling(label)]!r} in the real one; "
                "use one spelling"
            )
    if not set(classes) & set(real):
        ours, theirs = (", ".join(map(repr, labels[:4])) for labels in (real, classes))
        raise InputError(
            f"{where}: no label in common, {ours} in the real table and {theirs} in the {name} one; rename them"
        )
