"""Simulated tables for the audit's tests: real law, and synthetic laws with one fault each."""

import numpy as np
import pandas as pd

from experiments.audit.encoding import EncodedTable, Problem, Schema

NAMES = ("x1", "x2", "x3")
LEVELS = ("a", "b", "c")
FAULTS = ("none", "responses", "features", "rigid")


def draw(rng, rows, task, fault="none"):
    """Rows of one law: three numbers, one category, a target.

    `responses`: the effect of x1 is turned round. `features`: x1 in (-0.5, 1.5) hardly ever occurs. `rigid`: x1 is
    shifted, wholly covered; a model with straight lines only then fits another line.
    """
    x = rng.normal(size=(rows, 3))
    if fault == "features":
        x[:, 0] = np.where((x[:, 0] > -0.5) & (x[:, 0] < 1.5) & (rng.random(rows) < 0.99), x[:, 0] + 4, x[:, 0])
    if fault == "rigid":
        x[:, 0] = 1.1 + 1.1 * x[:, 0]
    code = rng.integers(0, 3, rows)
    sign = -1 if fault == "responses" else 1
    signal = signal_of(x, code, sign)
    if task == "classification":
        y = (rng.random(rows) < 1 / (1 + np.exp(-2.5 * signal))).astype(float)
    else:
        y = signal + 0.5 * rng.normal(size=rows)
    return EncodedTable(np.column_stack([x, code.astype(float)]), y)


def signal_of(x, code, sign=1):
    return sign * 1.5 * np.sin(1.8 * x[:, 0]) + 0.5 * x[:, 1] + 0.4 * (code == 1)


def schema(task):
    classes = ("no", "yes") if task == "classification" else ()
    return Schema(NAMES, ("kind",), (LEVELS,), classes, "y")


def problem(rng, task, fault="none", rows=300, synthetic_rows=None, tests=300):
    tables = [draw(rng, rows, task), draw(rng, synthetic_rows or rows, task, fault), draw(rng, tests, task)]
    return Problem(schema(task), *tables)


def frame(table, task):
    """The same rows as a data frame with words."""
    columns = {name: table.features[:, j] for j, name in enumerate(NAMES)}
    columns["kind"] = [LEVELS[int(c)] for c in table.features[:, 3]]
    columns["y"] = np.where(table.target > 0, "yes", "no") if task == "classification" else table.target
    return pd.DataFrame(columns)
