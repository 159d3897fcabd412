"""What the tables show without a model: shares of values and dependence of columns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from experiments.audit.encoding import Problem
from experiments.estimators.intervals import Array


def marginals(problem: Problem, columns: Sequence[str], most: int = 12) -> list[dict[str, Any]]:
    """Shares of bins or categories in the real and the synthetic table, for the columns that differ most.

    Ties are broken by the order of `columns`. Returns dictionaries of `column`, `labels`, `real`, `synthetic` (shares)
    and `distance` (half the sum of absolute differences).
    """
    schema = problem.schema
    found: list[dict[str, Any]] = []
    for j, name in enumerate(schema.names):
        real, synthetic = problem.real.features[:, j], problem.synthetic.features[:, j]
        if j < len(schema.numbers):
            labels, shares = _number_shares(real, synthetic)
        else:
            labels, shares = _category_shares(real, synthetic, schema.levels[j - len(schema.numbers)])
        distance = float(np.abs(shares[0] - shares[1]).sum() / 2)
        rounded = [[round(float(share), 4) for share in row] for row in shares]
        entry = {"column": name, "labels": labels, "distance": round(distance, 4)}
        found.append(entry | {"real": rounded[0], "synthetic": rounded[1]})
    rank = {name: i for i, name in enumerate(columns)}
    found.sort(key=lambda entry: (-float(entry["distance"]), rank.get(entry["column"], len(rank)), entry["column"]))
    return found[:most]


def _number_shares(real: Array, synthetic: Array) -> tuple[list[str], Array]:
    """Shares of about twelve bins with equal real shares, of what lies outside, and of missing values."""
    known = real[~np.isnan(real)]
    edges = np.unique(np.quantile(known, np.linspace(0, 1, 13))) if len(known) else np.zeros(1)
    # A value that fills several bins (often 0) leaves few edges; both sides of it stay.
    inner = edges[1:-1] if len(edges) > 2 else edges[:1]
    labels = [f"≤ {inner[0]:.6g}", *(f"≤ {edge:.6g}" for edge in inner[1:]), f"> {inner[-1]:.6g}", "missing"]
    places = (np.where(np.isnan(v), len(inner) + 1, np.searchsorted(inner, v)) for v in (real, synthetic))
    return labels, np.array([_shares(place, len(inner) + 2) for place in places])


def _category_shares(real: Array, synthetic: Array, levels: Sequence[str], most: int = 10) -> tuple[list[str], Array]:
    """Shares of the most frequent categories, of all others, and of missing values."""
    shown = min(most, len(levels))
    places = (np.where(np.isnan(v), shown + 1, np.minimum(np.nan_to_num(v), shown)) for v in (real, synthetic))
    return [*levels[:shown], "others", "missing"], np.array([_shares(place, shown + 2) for place in places])


def _shares(place: NDArray[Any], size: int) -> Array:
    return np.asarray(np.bincount(place.astype(int), minlength=size) / len(place))


def dependence(problem: Problem, most: int = 16) -> dict[str, Any]:
    """Strength of dependence (Cramér's V of binned columns, target included) between columns, in either table.

    Returns `columns`, and `real` and `synthetic`: square lists, 0 independent to 1 determined.
    """
    schema = problem.schema
    names = [*schema.names[: most - 1], schema.target]
    matrices = {}
    edges = [_edges(problem.real.features[:, j]) for j in range(len(names) - 1)] + [_edges(problem.real.target)]
    for table in ("real", "synthetic"):
        rows = problem.training(table)
        columns = [*rows.features.T[: len(names) - 1], rows.target]
        binned = [np.searchsorted(e, np.nan_to_num(c, nan=np.inf)) for e, c in zip(edges, columns, strict=True)]
        matrices[table] = [[round(_cramer(a, b), 3) for b in binned] for a in binned]
    return {"columns": names} | matrices


def _edges(values: Array) -> Array:
    """Inner edges of at most eight bins with about equal shares."""
    known = values[~np.isnan(values)]
    return np.unique(np.quantile(known, np.linspace(0, 1, 9)[1:-1])) if len(known) else np.zeros(1)


def _cramer(a: NDArray[np.intp], b: NDArray[np.intp]) -> float:
    """Cramér's V, corrected for bias (Bergsma 2013)."""
    rows = len(a)
    table = np.bincount(a * 16 + b, minlength=256).reshape(16, 16).astype(float)
    table = table[table.sum(1) > 0][:, table.sum(0) > 0]
    r, c = table.shape
    if min(r, c) < 2:
        return 0.0
    expected = table.sum(1, keepdims=True) * table.sum(0) / rows
    square = float(((table - expected) ** 2 / expected).sum()) / rows
    square = max(0.0, square - (r - 1) * (c - 1) / (rows - 1))
    smaller = min(r - (r - 1) ** 2 / (rows - 1), c - (c - 1) ** 2 / (rows - 1))
    return float(np.sqrt(square / max(smaller - 1, 1e-12)))
