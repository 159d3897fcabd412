"""Models trained on a table, or on halves of it, and their quality as values per test row whose mean is the measure.

A loss is a mean over rows already. F1, AUC, RMSE and R² are not: their values per row are the measure plus its
influence function there, so that means are exact and variances are the delta method's. One estimator serves them all.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from experiments.audit.encoding import EncodedTable, Problem
from experiments.audit.options import METRICS, InputError
from experiments.estimators.discriminator import placements
from experiments.estimators.half_sampling import half_splits
from experiments.estimators.intervals import Array
from experiments.rng import stream


@dataclass(frozen=True)
class Measure:
    """A measure of quality: its name in reports, and whether it is a loss."""

    label: str
    smaller_is_better: bool


CLASSIFICATION = {
    "error": Measure("error rate", True),
    "log_loss": Measure("log loss", True),
    "f1": Measure("F1 (mean over classes)", False),
    "auc": Measure("AUC (mean over classes)", False),
}
REGRESSION = {
    "rmse": Measure("RMSE", True),
    "mae": Measure("MAE", True),
    "r2": Measure("R²", False),
    "mse": Measure("squared error", True),
}

RARE = 0.9
"""Share of the largest class from which a model that only guesses seems good by its error rate."""


def measures(classification: bool) -> dict[str, Measure]:
    """Return the measures of a task."""
    return CLASSIFICATION if classification else REGRESSION


@dataclass(frozen=True)
class Risk:
    """The measure that gaps, rankings and verdict are about: its name, its row among the measures, -1 for `sign` of a gain."""

    name: str
    row: int
    sign: int

    @property
    def label(self) -> str:
        """The measure's name in reports."""
        return (CLASSIFICATION | REGRESSION)[self.name].label

    def loss(self, values: NDArray[Any]) -> Array:
        """Losses per test row, shape (..., N), from the values of all measures, shape (..., measures, N)."""
        return np.asarray(self.sign * values[..., self.row, :].astype(np.float64))


FEW_CASES = 60
"""Cases below which half tables often predict none at all, and so do not tell how a count of predicted classes varies."""


def few_cases(problem: Problem, risk: Risk) -> str | None:
    """Say that cases are too few for intervals of a risk that counts predicted classes; None where they are not.

    For the error rate all rows outside the largest class count, for F1 those of the rarest class.
    """
    for name in ("real", "synthetic") if risk.name in ("error", "f1") else ():
        counts = np.bincount(problem.training(name).target.astype(int), minlength=len(problem.schema.classes))
        cases = counts.sum() - counts.max() if risk.name == "error" else counts[counts > 0].min()
        if cases < FEW_CASES:
            which = "outside the largest class" if risk.name == "error" else "of the rarest class"
            told = f"only {cases} rows of the {name} training table are {which}, too few for intervals of the {risk.label}"
            return f"{told}, so it settles nothing; audit.metric=log_loss copes with fewer"
    return None


MOST_OF_ONE = 0.1
"""Share of the variance of the test responses from which one row is said to sway means of squares."""


def swayed(problem: Problem, risk: Risk) -> str | None:
    """Say that a risk of squares hangs on one test row, as under heavy tails; None where it does not."""
    squares = (problem.test.target - problem.test.target.mean()) ** 2
    share = squares.max() / max(squares.sum(), np.finfo(float).tiny)
    if risk.name not in ("rmse", "r2") or share <= MOST_OF_ONE:
        return None
    told = f"one of {len(squares):,} test rows makes up {share:.0%} of the variance of the target"
    return f"{told}: {risk.label} hangs on it, so its intervals miss too often; use audit.metric=mae, which is less sensitive"


def risk_of(problem: Problem, metric: str) -> Risk:
    """Return the risk that `metric`, an option of the audit, asks for; `InputError` if it does not suit the task."""
    classification, known = problem.schema.classification, measures(problem.schema.classification)
    able = METRICS[classification]
    if metric == "auto":
        rare = classification and np.mean(problem.real.target == 0) >= RARE  # class 0 is the most frequent one
        name = "log_loss" if rare else next(iter(known))
    elif metric in able:
        name = able[metric]
    else:
        task = "classification" if classification else "regression"
        raise InputError(f"audit.metric: {metric} does not suit {task}; choose among {', '.join(able)}")
    return Risk(name, list(known).index(name), 1 if known[name].smaller_is_better else -1)


def evaluate(problem: Problem, model: str, train: EncodedTable, seed: int, weights: Array | None = None) -> Array:
    """Fit one model and return the values of all measures at the real test rows, shape (measures, N)."""
    from experiments.audit.models import fit_predict  # here, so that reading finished results never loads scikit-learn

    predicted = fit_predict(model, problem.schema, train, problem.test.features, seed, weights)
    if problem.schema.classification:
        return classification_values(predicted, problem.test.target.astype(np.int64))
    return regression_values(predicted, problem.test.target)


def full_fits(problem: Problem, model: str, table: str, seeds: int, seed: int) -> NDArray[np.float32]:
    """Values after training on the whole `table`, averaged over the learner's own seeds, shape (measures, N)."""
    train = problem.training(table)
    values = [evaluate(problem, model, train, learner_seed(seed, model, table, i)) for i in range(seeds)]
    return np.asarray(np.mean(values, axis=0), dtype=np.float32)


def half_fits(problem: Problem, model: str, table: str, cut: int, seed: int) -> NDArray[np.float32]:
    """Values after training on either half of random split number `cut`, shape (2, measures, N)."""
    train = problem.training(table)
    (halves,) = half_splits(len(train), 1, stream(seed, f"audit/cut/{table}", cut))
    seeds = [learner_seed(seed, model, f"{table}/{half}", 1000 + cut) for half in (0, 1)]
    values = [evaluate(problem, model, train.take(rows), own) for rows, own in zip(halves, seeds, strict=True)]
    return np.stack(values).astype(np.float32)


def learner_seed(seed: int, model: str, part: str, number: int) -> int:
    """Seed of a learner's own randomness: scikit-learn takes integers below 2^32."""
    return crc32(f"{seed}/{model}/{part}/{number}".encode())


def classification_values(probabilities: Array, classes: NDArray[np.int64]) -> Array:
    """Values per row, shape (4, N) in the order of `CLASSIFICATION`.

    `probabilities (N, K)` are the predicted ones, positive; `classes (N,)` the true classes.
    """
    predicted = probabilities.argmax(axis=1)
    log_loss = -np.log(probabilities[np.arange(len(classes)), classes])
    present = np.unique(classes)
    f1 = np.mean([f1_values(predicted == c, classes == c) for c in present], axis=0)
    auc = np.mean([auc_values(probabilities[:, c], classes == c) for c in present], axis=0)
    return np.stack([(predicted != classes).astype(np.float64), log_loss, f1, auc])


def regression_values(predicted: Array, truth: Array) -> Array:
    """Values per row, shape (4, N) in the order of `REGRESSION`, of predictions and responses, both (N,)."""
    square = (predicted - truth) ** 2
    mse, deviation = square.mean(), (truth - truth.mean()) ** 2
    rmse = np.sqrt(mse)
    rooted = rmse + (square - mse) / (2 * rmse) if rmse > 0 else np.zeros_like(square)
    spread = deviation.mean()
    r2 = 1 - mse / spread - (square - mse) / spread + mse / spread**2 * (deviation - spread)
    return np.stack([rooted, np.abs(predicted - truth), r2, square])


def f1_values(predicted: NDArray[np.bool_], truth: NDArray[np.bool_]) -> Array:
    """Values per row of F1 = 2 TP / (2 TP + FP + FN), a ratio of means."""
    hits, size = (predicted & truth).astype(np.float64), predicted.astype(np.float64) + truth
    if size.mean() == 0:
        return np.zeros(len(truth))
    f1 = 2 * hits.mean() / size.mean()
    return np.asarray(f1 + (2 * hits - f1 * size) / size.mean())


def auc_values(score: Array, truth: NDArray[np.bool_]) -> Array:
    """Values per row of the area under the ROC curve, from the placements of DeLong, DeLong, Clarke-Pearson (1988)."""
    positives, rows = int(truth.sum()), len(truth)
    if positives in (0, rows):
        return np.full(rows, 0.5)
    placement = np.empty(rows)
    placement[truth], placement[~truth] = placements(score[truth], score[~truth])
    auc = placement[truth].mean()
    return np.asarray(auc + (placement - auc) / (np.where(truth, positives, rows - positives) / rows))
