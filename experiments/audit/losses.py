"""Measures of quality, each as values per test row whose mean is the measure.

A loss is a mean over rows already. F1, AUC, RMSE and R² are not: their values per row are the measure plus its
influence function there, so that means are exact and variances are the delta method's. One estimator serves them all.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Measure:
    """A measure of quality.

    Parameters
    ----------
    label : str
        How reports call it.
    smaller_is_better : bool
        Whether it is a loss.
    """

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


def measures(classification: bool) -> dict[str, Measure]:
    """Return the measures of a task; the first is the risk that gaps and rankings are about."""
    return CLASSIFICATION if classification else REGRESSION


def classification_values(probabilities: Array, classes: NDArray[np.int64]) -> Array:
    """Values per row of the measures of classification.

    Parameters
    ----------
    probabilities : ndarray, shape (N, K)
        Predicted probabilities, positive.
    classes : ndarray of int, shape (N,)
        True classes.

    Returns
    -------
    ndarray, shape (4, N)
        In the order of `CLASSIFICATION`.
    """
    predicted = probabilities.argmax(axis=1)
    log_loss = -np.log(probabilities[np.arange(len(classes)), classes])
    present = np.unique(classes)
    f1 = np.mean([f1_values(predicted == c, classes == c) for c in present], axis=0)
    auc = np.mean([auc_values(probabilities[:, c], classes == c) for c in present], axis=0)
    return np.stack([(predicted != classes).astype(np.float64), log_loss, f1, auc])


def regression_values(predicted: Array, truth: Array) -> Array:
    """Values per row of the measures of regression.

    Parameters
    ----------
    predicted, truth : ndarray, shape (N,)
        Predictions and responses.

    Returns
    -------
    ndarray, shape (4, N)
        In the order of `REGRESSION`.
    """
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
    values: Array = f1 + (2 * hits - f1 * size) / size.mean()
    return values


def auc_values(score: Array, truth: NDArray[np.bool_]) -> Array:
    """Values per row of the area under the ROC curve, from the placements of DeLong, DeLong, Clarke-Pearson (1988)."""
    positives, rows = int(truth.sum()), len(truth)
    if positives in (0, rows):
        return np.full(rows, 0.5)
    ranks, own = rankdata(score), np.empty(rows)
    own[truth], own[~truth] = rankdata(score[truth]), rankdata(score[~truth])
    others = np.where(truth, rows - positives, positives)
    below = (ranks - own) / others  # share of the other class below this row, ties half
    placement = np.where(truth, below, 1 - below)
    auc = placement[truth].mean()
    share = np.where(truth, positives, rows - positives) / rows
    values: Array = auc + (placement - auc) / share
    return values
