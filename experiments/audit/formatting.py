"""Differences that are mere formatting: rounding, float precision, spelling, sets of categories."""

from __future__ import annotations

from typing import Any

import numpy as np

from experiments.audit.dtypes import spelling
from experiments.audit.encoding import EncodedTable, Problem
from experiments.estimators.intervals import Array

POWERS = range(-9, 7)
NEARLY_ALL = 0.99


def grid(values: Array) -> float:
    """Return the largest power of ten of which nearly all values are multiples, 0 where there is none.

    1 for whole numbers, 0.01 for two decimals, 100 for hundreds; 0 for finer than 1e-9 or for no value but 0. NaN are
    left out.
    """
    known = values[~np.isnan(values) & (values != 0)]
    if not len(known):
        return 0.0
    for power in reversed(POWERS):
        multiples = known / 10.0**power
        off = np.abs(multiples - np.round(multiples))
        # A decimal number is off a multiple by rounding only; the largest value sets how much that may be.
        if np.mean(off <= 1e-6 + 4e-16 * np.abs(multiples)) >= NEARLY_ALL and np.mean(np.abs(multiples) < 1e9) > 0.5:
            return 10.0**power
    return 0.0


def single_precision(values: Array) -> bool:
    """Whether nearly all fractions among the values are exact in 32 bits, as those of a network's output are."""
    known = values[~np.isnan(values) & (values != np.round(values))]
    return len(known) > 0 and bool(np.mean(known == known.astype(np.float32)) >= NEARLY_ALL)


def findings(problem: Problem) -> list[dict[str, Any]]:
    """List columns that the `real` and the `synthetic` table write differently, `mendable` where `unified` helps."""
    schema = problem.schema
    found: list[dict[str, Any]] = []
    for name, (real, synthetic) in zip((*schema.numbers, schema.target), _number_columns(problem), strict=False):
        ours, theirs = _format(real), _format(synthetic)
        if ours != theirs:
            found.append({"column": name, "real": ours, "synthetic": theirs, "mendable": True})
    for j, name in enumerate(schema.categories):
        codes = [np.unique(t.features[:, len(schema.numbers) + j]) for t in (problem.real, problem.synthetic)]
        found += _category_findings(name, *({schema.levels[j][int(c)] for c in k[~np.isnan(k)]} for k in codes))
    return found


def _number_columns(problem: Problem) -> list[tuple[Array, Array]]:
    """Return the number columns, and last a numeric target, of the real and of the synthetic table."""
    real, synthetic, numbers = problem.real, problem.synthetic, range(len(problem.schema.numbers))
    columns = [(real.features[:, j], synthetic.features[:, j]) for j in numbers]
    return columns if problem.schema.classification else [*columns, (real.target, synthetic.target)]


def _category_findings(name: str, real: set[str], synthetic: set[str]) -> list[dict[str, Any]]:
    shapes = {spelling(level): level for level in real}
    twins = sorted(level for level in synthetic - real if spelling(level) in shapes)
    strange, lacking, own = sorted(synthetic - real - set(twins)), sorted(real - synthetic), f"{len(real)} categories"
    found = []
    if twins:
        found.append((repr(shapes[spelling(twins[0])]), f"spelled {twins[0]!r}", True))
    if strange:
        found.append((own, f"{len(strange)} others ({', '.join(map(repr, strange[:3]))})", False))
    if lacking:
        found.append((own, f"lacks {len(lacking)} ({', '.join(map(repr, lacking[:3]))})", False))
    return [{"column": name, "real": a, "synthetic": b, "mendable": mendable} for a, b, mendable in found]


def _format(values: Array) -> str:
    """Describe how a column of numbers is written."""
    step = grid(values)
    if step == 0:
        return "single-precision fractions" if single_precision(values) else "unrounded fractions"
    if step == 1:
        return "whole numbers"
    return f"multiples of {step:g}" if step > 1 else f"{-round(np.log10(step))} decimals"


def unified(problem: Problem) -> Problem:
    """Return the problem with formats made equal: numbers rounded to the coarser grid, spellings and precision unified.

    If the tables can be told apart as well as before, it was not the format that gave the synthetic one away.
    """
    schema = problem.schema
    steps = [max(grid(real), grid(synthetic)) for real, synthetic in _number_columns(problem)]
    split = len(schema.numbers)
    maps = [_respelled(levels, problem.real.features[:, split + j]) for j, levels in enumerate(schema.levels)]
    tables = []
    for table in (problem.real, problem.synthetic, problem.test):
        features = table.features.copy()
        for j, step in enumerate(steps[:split]):
            features[:, j] = _rounded(features[:, j], step)
        for j, codes in enumerate(maps, split):
            known = ~np.isnan(features[:, j])
            features[known, j] = codes[features[known, j].astype(int)]
        target = table.target if schema.classification else _rounded(table.target, steps[-1])
        tables.append(EncodedTable(features, target))
    return Problem(schema, *tables)


def _respelled(levels: tuple[str, ...], real: Array) -> Array:
    """Map codes that the real table lacks to the real code with the same spelling."""
    known = set(real[~np.isnan(real)].astype(int))
    shapes = {spelling(levels[code]): code for code in sorted(known, reverse=True)}
    codes = [c if c in known else shapes.get(spelling(level), c) for c, level in enumerate(levels)]
    return np.array(codes, dtype=float)


def _rounded(values: Array, step: float) -> Array:
    """Round to multiples of `step`; to single precision where there is no step."""
    return np.round(values / step) * step if step > 0 else values.astype(np.float32).astype(np.float64)
