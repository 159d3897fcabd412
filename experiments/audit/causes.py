"""Why a gap: features, responses, or a model too rigid for the features to differ without harm.

In the limit a gap needs wrong responses, or features that differ *and* a model that cannot represent the regression
function (theory/README.md, misspecification); with finitely many rows, features may also simply be missing where real
ones are. So every model is trained again with real-like responses at the synthetic features, which closes a gap that
comes from the responses; with weights that turn the synthetic features into real ones, which closes a gap that comes
from a rigid model; and with both. What neither closes, where the features can be told apart, comes from regions that
the synthetic table hardly covers. These are estimates, not guarantees.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from experiments.audit.encoding import EncodedTable, Problem, Schema
from experiments.audit.fidelity import Columns, fitted
from experiments.audit.metrics import evaluate, learner_seed
from experiments.estimators.discriminator import cross_fitted
from experiments.estimators.intervals import Array, Interval, student
from experiments.rng import stream

Cause = Literal["none", "responses", "specification", "features", "responses and features", "unclear", "no answer"]

REAL, HALF, SYNTHETIC, RELABELLED, REWEIGHTED, BOTH = range(6)
"""What a model is trained on; the second is half of the real subsample: how much it still gains from more rows."""

LARGEST_WEIGHT = 30.0
FOLDS = 3

CLOSES = 0.5
"""Share of a gap that a change must close to be called its cause; half as much makes it a part of the cause."""

STILL_TO_GAIN = 3.0
"""A risk that falls as n^(-2/5) has about three times as far to fall as the last doubling of n took it."""


def prepare(problem: Problem, refits: int, seed: int) -> Columns:
    """Estimate the ratio of densities at the synthetic rows and draw real-like responses there.

    Only the training tables are used. Returns `weights (m,)` and, for each refit, `labels (refits, m)`.
    """
    return {"weights": density_ratio(problem, seed), "labels": real_like_responses(problem, refits, seed)}


def density_ratio(problem: Problem, seed: int) -> Array:
    """Estimate dP/dQ of the features at every synthetic row, from folds that did not hold it; cut, then of mean 1."""
    both = problem.real.stacked(problem.synthetic)
    real, ratio = np.arange(len(both)) < len(problem.real), np.ones(len(both))
    fold = (both.digests(with_target=False) % np.uint64(FOLDS)).astype(np.intp)
    for held, model in cross_fitted(fitted(problem.schema, seed), both.features, real, fold, FOLDS):
        odds = model.predict_proba(both.features[held])[:, 1]
        ratio[held] = odds / np.maximum(1 - odds, 1e-9) * (len(problem.synthetic) / len(problem.real))
    weights = np.minimum(ratio[~real], LARGEST_WEIGHT)
    return np.asarray(weights / weights.mean())


def real_like_responses(problem: Problem, refits: int, seed: int) -> Array:
    """Draw responses at the synthetic features from a model of the real responses: classes, or mean plus a residual."""
    real, points = problem.real, problem.synthetic.features
    rngs = [stream(seed, "audit/causes/labels", refit) for refit in range(refits)]
    model = _response_model(problem.schema, seed)
    if problem.schema.classification:
        classes = np.unique(real.target)
        chances = model.fit(real.features, np.searchsorted(classes, real.target)).predict_proba(points)
        drawn = [(rng.random((len(points), 1)) > np.cumsum(chances, axis=1)[:, :-1]).sum(axis=1) for rng in rngs]
        return np.stack([classes[d] for d in drawn])
    residuals = _held_out_residuals(problem, seed)
    mean = model.fit(real.features, real.target).predict(points)
    return np.stack([mean + rng.choice(residuals, len(points)) for rng in rngs])


def _response_model(schema: Schema, seed: int) -> Any:
    """Slow, smoothed boosting: its probabilities matter, not only their order."""
    from experiments.audit.models import boosting  # here, so that reading finished results never loads scikit-learn

    options = {"learning_rate": 0.06, "max_leaf_nodes": 16, "l2_regularization": 1.0, "random_state": seed}
    return boosting(schema, schema.classification, **options)


def _held_out_residuals(problem: Problem, seed: int) -> Array:
    """Residuals of the real responses, each from a fit that did not see its row."""
    real = problem.real
    fold = stream(seed, "audit/causes/folds").integers(0, FOLDS, len(real))
    residuals = np.empty(len(real))
    for k in range(FOLDS):
        model = _response_model(problem.schema, seed).fit(real.features[fold != k], real.target[fold != k])
        residuals[fold == k] = real.target[fold == k] - model.predict(real.features[fold == k])
    return residuals


def compute(
    problem: Problem, prepared: Columns, model: str, table: str, refit: int, rows: int, seed: int, measure: int = 0
) -> Columns:
    """Train one model on each variant of a subsample of so many `rows` of a table.

    `prepared` is the result of `prepare`, not asked for `table` real; `refit` numbers the subsample, the drawn responses and
    the learner's seed; `measure` is the risk's row. Returns `values`, its values per test row: of the real table `REAL` and
    `HALF`, shape (2, N), which are the same beside every synthetic table; of the synthetic one the others, shape (4, N).
    """
    chosen = stream(seed, f"audit/causes/{table}", refit).permutation(len(problem.training(table)))[:rows]
    given = problem.training(table).take(chosen)
    trials: list[tuple[EncodedTable, Array | None]] = [(given, None), (given.take(np.arange(rows // 2)), None)]
    if table == "synthetic":
        relabelled = EncodedTable(given.features, prepared["labels"][refit][chosen])
        weights = prepared["weights"][chosen] / prepared["weights"][chosen].mean()
        trials[1:] = [(relabelled, None), (given, weights), (relabelled, weights)]
    own = learner_seed(seed, model, "causes", refit)
    values = [evaluate(problem, model, train, own, weight)[measure] for train, weight in trials]
    return {"values": np.stack(values).astype(np.float32)}


@dataclass(frozen=True)
class Explanation:
    """Why one model has a gap.

    `gap` is that at the common size of these refits, conditional on the two tables; `relabelled`, `reweighted` and
    `both` are what each change takes off it. `rigid` is the risk of this model above that of the best one after real
    training, less `STILL_TO_GAIN` times what the last doubling of the rows took off: where above 0, no number of rows is
    expected to make up for the model's form. `cause` is the more plausible one: `none` where there is no gap to explain,
    `no answer` where there is one that these refits do not show.
    """

    gap: Interval
    relabelled: Interval
    reweighted: Interval
    both: Interval
    rigid: Interval
    cause: Cause


def explain(
    values: Mapping[str, Array], gaps: Mapping[str, Interval], told_apart: bool, level: float
) -> dict[str, Explanation]:
    """Explain the gap of every model.

    `values` are, by model, those of `compute` for both tables, as losses (refits, 6, N); `gaps` the gaps to be explained,
    where one that may be 0 is not; `told_apart` whether a discriminator tells synthetic features from real ones.
    """
    if not values:
        return {}
    best = min(values, key=lambda name: float(values[name][:, REAL].mean()))
    return {name: _explain(own, values[best], gaps[name].low > 0, told_apart, level) for name, own in values.items()}


def _explain(values: Array, best: Array, significant: bool, told_apart: bool, level: float) -> Explanation:
    def difference(first: int, second: int) -> Interval:
        return refit_interval(values[:, first] - values[:, second], level)

    gap = difference(SYNTHETIC, REAL)
    relabelled, reweighted, both = (difference(SYNTHETIC, variant) for variant in (RELABELLED, REWEIGHTED, BOTH))
    gained = values[:, HALF] - values[:, REAL]
    rigid = refit_interval(values[:, REAL] - best[:, REAL] - STILL_TO_GAIN * gained, level)
    cause = _cause(gap, (relabelled, reweighted, both), rigid, told_apart) if significant else "none"
    return Explanation(gap, relabelled, reweighted, both, rigid, cause)


def _cause(gap: Interval, taken: tuple[Interval, ...], rigid: Interval, told_apart: bool) -> Cause:
    """Name the cause: what takes at least half of the gap off, and significantly so."""
    if gap.low <= 0:
        return "no answer"
    relabelled, reweighted, both = (change.value / gap.value if change.low > 0 else 0.0 for change in taken)
    if relabelled >= CLOSES and relabelled >= reweighted:
        return "responses"
    if reweighted >= CLOSES:
        return "specification" if rigid.value > 0 else "features"
    if relabelled >= CLOSES / 2 and (both >= CLOSES or told_apart):
        return "responses and features"
    return "features" if told_apart else "unclear"


def refit_interval(differences: Array, level: float) -> Interval:
    """Interval for a mean over refits and test rows, conditional on the two tables.

    `differences (S, N)` are those of two losses at N test rows in each of S refits. Variance: that over rows of the
    means over refits, plus that over refits of the means over rows.
    """
    rows, refits = differences.mean(axis=0), differences.mean(axis=1)
    parts = [(float(rows.var(ddof=1)) / rows.size, rows.size - 1)]
    if refits.size > 1:
        parts.append((float(refits.var(ddof=1)) / refits.size, refits.size - 1))
    total = sum(part for part, _ in parts)
    spread = sum(part**2 / freedom for part, freedom in parts)
    freedom = max(total**2 / spread, 1.0) if spread > 0 else 1.0
    return student(float(rows.mean()), total, freedom, level)
