"""Fidelity of the features: can the tables be told apart, how much could that cost at worst, and what gives it away."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from experiments.audit.encoding import EncodedTable, Problem, Schema
from experiments.audit.formatting import findings, unified
from experiments.audit.metrics import auc_values
from experiments.estimators.discriminator import cross_fitted, placements
from experiments.estimators.intervals import Array, Interval, auc_interval
from experiments.rng import stream
from theory import PairedMeasure, fidelity_constant, total_variation
from theory.empirical import lowered_roc

Columns = dict[str, NDArray[Any]]

QUESTIONS = ("features", "joint", "null", "mended")
"""Synthetic against real: features; with the target; real against real (with the target); with formats made equal."""

MOST_ROWS = 10_000
FOLDS = 5
MOST_COLUMNS = 60
SHUFFLED_FOLDS = 2

ALONE = 0.8
"""Share of the discriminator's advantage that goes with a column on which it rests almost alone."""

EXPONENTS = (1.0, 2.0, 4.0, float("inf"))
SHARES = (0.001, 0.01, 0.05, 0.1)
ODDS = 0.1 * 2.0 ** np.arange(7)
THRESHOLDS = 1 / (1 + np.exp(np.concatenate([-ODDS, [0.0], ODDS])))
"""Probabilities of being real at which the curve is lowered: log odds to ±6.4, fixed for every audit, before any data."""


@dataclass(frozen=True)
class Pool:
    """Rows of two kinds to be told apart, equally many.

    `features (2h, p)`, the target perhaps among them; `real (2h,)` tells which rows are real; `fold (2h,)`: equal rows
    share one, so that no row is recognised from its own copy.
    """

    features: Array
    real: NDArray[np.bool_]
    fold: NDArray[np.intp]
    schema: Schema


def discriminate(problem: Problem, question: str, seed: int) -> Columns:
    """Answer one of the `QUESTIONS` by cross-fitting.

    Returns `real (h,)`, `synthetic (h,)`: held-out probabilities of being real; `placed_real (h,)`, `placed_synthetic (h,)`:
    their placements within the row's own fold, since scores of different fits do not compare. For `joint` also
    `columns (c,)` and `drops (c,)`: how much AUC is lost when a column is shuffled among the held-out rows.
    """
    pool = pooled(unified(problem) if question == "mended" else problem, question, seed)
    score, placed, drops = np.full(len(pool.real), 0.5), np.full(len(pool.real), 0.5), []
    columns = _columns_to_shuffle(pool) if question == "joint" else np.arange(0)
    for held, model in cross_fitted(fitted(pool.schema, seed), pool.features, pool.real, pool.fold, FOLDS):
        if model is None:
            continue
        score[held] = model.predict_proba(pool.features[held])[:, 1]
        ours, theirs = held & pool.real, held & ~pool.real
        if ours.any() and theirs.any():
            placed[ours], placed[theirs] = placements(score[ours], score[theirs])
        fold = int(pool.fold[held][0])
        if fold < SHUFFLED_FOLDS and len(columns):
            whole = auc_values(score[held], pool.real[held]).mean()
            drops.append(whole - _shuffled(model, pool, held, columns, stream(seed, "audit/shuffle", fold)))
    found = {"real": score[pool.real], "synthetic": score[~pool.real]}
    found |= {"placed_real": placed[pool.real], "placed_synthetic": placed[~pool.real]}
    return found | ({"columns": columns, "drops": np.mean(drops, axis=0)} if question == "joint" and drops else {})


def fitted(schema: Schema, seed: int) -> Callable[[Array, NDArray[np.bool_]], Any]:
    """Return what fits the discriminator, boosting, on features and which rows are real."""
    from experiments.audit.models import boosting  # here: reading finished results never loads scikit-learn

    options = {"max_iter": 60, "learning_rate": 0.15, "random_state": seed}
    return lambda features, real: boosting(schema, True, **options).fit(features, real)


def pooled(problem: Problem, question: str, seed: int) -> Pool:
    """Draw equally many rows of both kinds; every question uses as many, so that their AUCs compare."""
    real = problem.real.stacked(problem.test)
    size = min(len(real) // 2, len(problem.synthetic), MOST_ROWS)
    order = stream(seed, "audit/pool/real").permutation(len(real))
    other = stream(seed, "audit/pool/synthetic").permutation(len(problem.synthetic))[:size]
    second = real.take(order[size : 2 * size]) if question == "null" else problem.synthetic.take(other)
    both = real.take(order[:size]).stacked(second)
    fold = (both.digests(with_target=question != "features") % np.uint64(FOLDS)).astype(np.intp)
    features, schema = (both.features, problem.schema) if question == "features" else with_target(both, problem.schema)
    return Pool(features, np.arange(2 * size) < size, fold, schema)


def with_target(table: EncodedTable, schema: Schema) -> tuple[Array, Schema]:
    """Return the features with the target among them: last of the categories, or last of the numbers."""
    if schema.classification:
        names = (*schema.categories, schema.target)
        joined = replace(schema, categories=names, levels=(*schema.levels, schema.classes))
        return np.column_stack([table.features, table.target]), joined
    split = len(schema.numbers)
    parts = [table.features[:, :split], table.target, table.features[:, split:]]
    return np.column_stack(parts), replace(schema, numbers=(*schema.numbers, schema.target))


def _shuffled(model: Any, pool: Pool, held: NDArray[np.bool_], columns: NDArray[np.intp], rng: np.random.Generator) -> Array:
    """Held-out AUC when each column in turn is shuffled."""
    # The first steps keep the order of columns and treat each by itself, so shuffling may follow them.
    features, last = model[:-1].transform(pool.features[held]), model[-1]
    areas = []
    for column in columns:
        whole = features[:, column].copy()
        features[:, column] = rng.permutation(whole)
        areas.append(auc_values(last.predict_proba(features)[:, 1], pool.real[held]).mean())
        features[:, column] = whole
    return np.array(areas)


def _columns_to_shuffle(pool: Pool) -> NDArray[np.intp]:
    """All columns, or those whose own distributions differ most where there are many."""
    number = pool.features.shape[1]
    if number <= MOST_COLUMNS:
        return np.arange(number)
    distance = [own_distance(pool.features[pool.real, j], pool.features[~pool.real, j]) for j in range(number)]
    return np.sort(np.argsort(distance)[::-1][:MOST_COLUMNS]).astype(np.intp)


def own_distance(real: Array, synthetic: Array) -> float:
    """Return the Kolmogorov distance of two samples of one column, or their difference in missing values if larger."""
    missing = abs(float(np.isnan(real).mean() - np.isnan(synthetic).mean()))
    a, b = np.sort(real[~np.isnan(real)]), np.sort(synthetic[~np.isnan(synthetic)])
    if not len(a) or not len(b):
        return missing
    grid = np.concatenate([a, b])
    gap = np.searchsorted(a, grid, side="right") / len(a) - np.searchsorted(b, grid, side="right") / len(b)
    return max(missing, float(np.abs(gap).max()))


@dataclass(frozen=True)
class Fidelity:
    """What the discriminators found.

    `auc` goes by question. `roc` is the held-out curve (shares of synthetic and of real rows), `lowered` its lowered,
    concave version; from the latter come lower estimates of the `total_variation` between the feature laws, of the least
    V with (V, d)-fidelity (`constants`; d None stands for infinity) and of the worst squared error `b` on real features
    given a squared error `a` within the synthetic world, as shares of the largest possible (`transfer`). `columns` are
    ordered by the loss of AUC when one is shuffled; `formats` are differences of formatting.
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

    @property
    def given_away_by(self) -> str | None:
        """The column without which nearly nothing tells the tables apart, where they are told apart well."""
        advantage = self.auc["joint"].value - 0.5
        if self.auc["joint"].low < 0.7 or not self.columns or self.columns[0]["drop"] < ALONE * advantage:
            return None
        return str(self.columns[0]["column"])


def fidelity_of(problem: Problem, scores: Mapping[str, Mapping[str, NDArray[Any]]], level: float) -> Fidelity:
    """Evaluate the discriminators' held-out scores.

    `scores` are the results of `discriminate`, by question; `level` is the nominal coverage of the AUCs, and the
    probability with which the lowered curve is below the score's own.
    """
    auc = {q: area(s, level) for q, s in scores.items()}
    real, synthetic = scores["features"]["real"], scores["features"]["synthetic"]
    low = lowered_roc(real, synthetic, THRESHOLDS, 1 - level)
    names, joint = with_target(problem.test, problem.schema)[1].names, scores["joint"]
    lost = zip(joint.get("columns", ()), joint.get("drops", ()), strict=True)
    columns = [{"column": names[int(j)], "drop": float(drop)} for j, drop in lost]
    # A discrete pair of laws with this very curve: a node for each segment, p its height, q its width.
    pair = PairedMeasure(np.arange(len(low.alpha) - 1.0)[:, None], np.diff(low.beta), np.diff(low.alpha))
    return Fidelity(
        auc=auc,
        roc=_thinned(*held_out_curve(real, synthetic)),
        lowered=_thinned(low.alpha, low.beta),
        total_variation=total_variation(pair),
        constants=[{"d": None if np.isinf(d) else d, "V": least_constant(pair, d)} for d in EXPONENTS],
        transfer=[{"a": a, "b": float(low.floor(a, 1.0))} for a in SHARES],
        columns=sorted(columns, key=lambda column: (-column["drop"], column["column"])),
        formats=findings(problem),
    )


def area(scores: Mapping[str, NDArray[Any]], level: float) -> Interval:
    """Area under the ROC curve with its interval, from a result of `discriminate`.

    DeLong's variance, which takes the fits as given, is doubled: fits see the rows of other folds. Where nothing tells the
    kinds apart and a score is the mean of a symmetric k(x, x') over real rows x' less that over synthetic ones, every pair
    of rows of two folds counts twice, with the same sign, and the variance is exactly twice that of fits as given.
    """
    found = auc_interval(scores["placed_real"], scores["placed_synthetic"], level)
    reach = 2**0.5 * found.half_width
    return replace(found, low=max(found.value - reach, 0.0), high=min(found.value + reach, 1.0))


def held_out_curve(real: Array, synthetic: Array) -> tuple[Array, Array]:
    """ROC curve of a score: shares of synthetic and of real rows above each threshold, thresholds falling."""
    cuts = np.unique(np.concatenate([real, synthetic]))[::-1]
    alpha, beta = (1 - np.searchsorted(np.sort(scores), cuts) / len(scores) for scores in (synthetic, real))
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
