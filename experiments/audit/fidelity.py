"""Fidelity of the features: can the tables be told apart, how much could that cost at worst, and what gives it away."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from experiments.audit.encoding import Problem, Schema
from experiments.audit.formatting import findings
from experiments.audit.losses import auc_values
from experiments.estimators.intervals import Interval, mean_interval
from theory import PairedMeasure, fidelity_constant, total_variation
from theory.empirical import lowered_roc

Array = NDArray[np.float64]

EXPONENTS = (1.0, 2.0, 4.0, float("inf"))
SHARES = (0.001, 0.01, 0.05, 0.1)


@dataclass(frozen=True)
class Fidelity:
    """What the discriminators found.

    Parameters
    ----------
    auc : dict of Interval
        By question: `features`, `joint` (with the target), `null` (real against real), and, where formats differ,
        `mended` (formats made equal).
    roc, lowered : list of list of float
        The held-out curve (share of synthetic, share of real rows) and its lowered, concave version.
    total_variation : float
        Lower estimate of the total variation between the feature laws.
    constants : list of dict
        `d` (None stands for infinity) and the lower estimate of the least V with (V, d)-fidelity.
    transfer : list of dict
        `a`, a squared error within the synthetic world, and `b`, the lower estimate of the worst squared error on real
        features, both as shares of the largest possible.
    columns : list of dict
        `column` and `drop`: loss of AUC when that column is shuffled, largest first.
    formats : list of dict
        Differences of formatting.
    """

    auc: dict[str, Interval]
    roc: list[list[float]]
    lowered: list[list[float]]
    total_variation: float
    constants: list[dict[str, float | None]]
    transfer: list[dict[str, float]]
    columns: list[dict[str, Any]]
    formats: list[dict[str, Any]]

    @property
    def told_apart(self) -> bool:
        """Whether synthetic features are told from real ones beyond what real against real shows."""
        return self.auc["features"].low > max(self.auc["null"].high, 0.5)


def fidelity(problem: Problem, scores: Mapping[str, Mapping[str, NDArray[Any]]], level: float) -> Fidelity:
    """Evaluate the discriminators' held-out scores.

    Parameters
    ----------
    problem : Problem
        The tables.
    scores : mapping
        Results of the discriminator's units, by question.
    level : float
        Nominal coverage of the AUCs, and probability with which the lowered curve is below the score's own.
    """
    auc = {question: area(found["real"], found["synthetic"], level) for question, found in scores.items()}
    real, synthetic = scores["features"]["real"], scores["features"]["synthetic"]
    low = lowered_roc(real, synthetic, 1 - level)
    # A discrete pair of laws with this very curve: a node for each segment, p its height, q its width.
    pair = PairedMeasure(np.arange(len(low.alpha) - 1.0)[:, None], np.diff(low.beta), np.diff(low.alpha))
    return Fidelity(
        auc=auc,
        roc=_thinned(*held_out_curve(real, synthetic)),
        lowered=_thinned(low.alpha, low.beta),
        total_variation=total_variation(pair),
        constants=[{"d": None if np.isinf(d) else d, "V": least_constant(pair, d)} for d in EXPONENTS],
        transfer=[{"a": a, "b": float(low.floor(a, 1.0))} for a in SHARES],
        columns=_give_aways(problem.schema, scores["joint"]),
        formats=findings(problem),
    )


def area(real: Array, synthetic: Array, level: float) -> Interval:
    """Area under the ROC curve of scores that should be higher for real rows, with DeLong's interval."""
    truth = np.arange(len(real) + len(synthetic)) < len(real)
    return mean_interval(auc_values(np.concatenate([real, synthetic]), truth), level)


def held_out_curve(real: Array, synthetic: Array) -> tuple[Array, Array]:
    """ROC curve of a score: shares of synthetic and of real rows above each threshold, thresholds falling."""
    cuts = np.unique(np.concatenate([real, synthetic]))[::-1]
    alpha = 1 - np.searchsorted(np.sort(synthetic), cuts) / len(synthetic)
    beta = 1 - np.searchsorted(np.sort(real), cuts) / len(real)
    return alpha, beta


def least_constant(pair: PairedMeasure, d: float) -> float:
    """Lower estimate of the least V for which the laws are (V, d)-faithful, from a curve below theirs.

    V′ = sup β(α) α^(-d/(d+1)) grows with the curve, and tail (V, d) implies V′ ≤ ((d+1)/d)^(d/(d+1)) V^(1/(d+1)); so
    V ≥ (d/(d+1))^d V′^(d+1). For d = ∞ the steepest slope.
    """
    constant = float(fidelity_constant(pair, d, reading="exponent"))
    return constant if np.isinf(d) else (d / (d + 1)) ** d * constant ** (d + 1)


def _thinned(alpha: Array, beta: Array, most: int = 200) -> list[list[float]]:
    chosen = np.unique(np.linspace(0, len(alpha) - 1, min(most, len(alpha))).round().astype(int))
    return [[round(float(a), 5), round(float(b), 5)] for a, b in zip(alpha[chosen], beta[chosen], strict=True)]


def _give_aways(schema: Schema, joint: Mapping[str, NDArray[Any]]) -> list[dict[str, Any]]:
    """Columns by how much the discriminator loses without them."""
    if "columns" not in joint:
        return []
    # Where the target stands among the columns: see `discriminator.with_target`.
    numbers = schema.numbers if schema.classification else (*schema.numbers, schema.target)
    names = [*numbers, *schema.categories, *([schema.target] if schema.classification else [])]
    found = [
        {"column": names[int(j)], "drop": float(drop)} for j, drop in zip(joint["columns"], joint["drops"], strict=True)
    ]
    return sorted(found, key=lambda entry: (-entry["drop"], entry["column"]))


def marginals(problem: Problem, columns: Sequence[str], most: int = 12) -> list[dict[str, Any]]:
    """Shares of bins or categories in the real and the synthetic table, for the columns that differ most.

    Parameters
    ----------
    problem : Problem
        The tables.
    columns : sequence of str
        Columns to show first.
    most : int
        Most columns.

    Returns
    -------
    list of dict
        `column`, `labels`, `real`, `synthetic` (shares), `distance` (half the sum of absolute differences).
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
        found.append({"column": name, "labels": labels, "distance": round(distance, 4)} | _both(shares))
    rank = {name: i for i, name in enumerate(columns)}
    found.sort(key=lambda entry: (-float(entry["distance"]), rank.get(entry["column"], len(rank)), entry["column"]))
    return found[:most]


def _both(shares: Array) -> dict[str, list[float]]:
    return {name: [round(float(s), 4) for s in row] for name, row in zip(("real", "synthetic"), shares, strict=True)}


def _number_shares(real: Array, synthetic: Array) -> tuple[list[str], Array]:
    """Shares of about twelve bins with equal real shares, of what lies outside, and of missing values."""
    known = real[~np.isnan(real)]
    edges = np.unique(np.quantile(known, np.linspace(0, 1, 13))) if len(known) else np.zeros(1)
    # A value that fills several bins (often 0) leaves few edges; both sides of it stay.
    inner = edges[1:-1] if len(edges) > 2 else edges[:1]
    labels = [f"≤ {inner[0]:.6g}", *(f"≤ {edge:.6g}" for edge in inner[1:]), f"> {inner[-1]:.6g}", "missing"]
    shares = []
    for values in (real, synthetic):
        place = np.where(np.isnan(values), len(inner) + 1, np.searchsorted(inner, values))
        shares.append(np.bincount(place.astype(int), minlength=len(inner) + 2) / len(values))
    return labels, np.array(shares)


def _category_shares(real: Array, synthetic: Array, levels: Sequence[str], most: int = 10) -> tuple[list[str], Array]:
    """Shares of the most frequent categories, of all others, and of missing values."""
    shown = min(most, len(levels))
    shares = []
    for values in (real, synthetic):
        place = np.where(np.isnan(values), shown + 1, np.minimum(np.nan_to_num(values), shown))
        shares.append(np.bincount(place.astype(int), minlength=shown + 2) / len(values))
    return [*levels[:shown], "others", "missing"], np.array(shares)


def dependence(problem: Problem, most: int = 16) -> dict[str, Any]:
    """Strength of dependence (Cramér's V of binned columns, target included) between columns, in either table.

    Returns
    -------
    dict
        `columns`, and `real` and `synthetic`: square lists, 0 independent to 1 determined.
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
