"""Measures against scikit-learn, and their values per row against the jackknife."""

import numpy as np
import pytest
from sklearn import metrics

from experiments.audit.metrics import CLASSIFICATION, REGRESSION, auc_values, classification_values, regression_values


def classes():
    rng = np.random.default_rng(0)
    probabilities = rng.dirichlet([2, 2, 1], 200)
    probabilities[::7] = probabilities[0]  # ties
    return probabilities, np.array([rng.choice(3, p=p) for p in probabilities])


def responses():
    truth, noise = np.random.default_rng(1).normal(size=(2, 150))
    return truth + 0.5 * noise, truth


def test_means_are_scikit_learns():
    probabilities, truth = classes()
    predicted = probabilities.argmax(axis=1)
    theirs = {
        "error": 1 - metrics.accuracy_score(truth, predicted), "log_loss": metrics.log_loss(truth, probabilities),
        "f1": metrics.f1_score(truth, predicted, average="macro"),
        "auc": np.mean([metrics.roc_auc_score(truth == c, probabilities[:, c]) for c in range(3)]),
    }
    found = classification_values(probabilities, truth).mean(axis=1)
    assert dict(zip(CLASSIFICATION, found, strict=True)) == pytest.approx(theirs)
    predicted, truth = responses()
    names = {"rmse": "root_mean_squared_error", "mae": "mean_absolute_error", "r2": "r2_score", "mse": "mean_squared_error"}
    theirs = {name: getattr(metrics, function)(truth, predicted) for name, function in names.items()}
    assert dict(zip(REGRESSION, regression_values(predicted, truth).mean(axis=1), strict=True)) == pytest.approx(theirs)


@pytest.mark.parametrize(("data", "values"), [(classes(), classification_values), (responses(), regression_values)])
def test_standard_errors_agree_with_the_jackknife(data, values):
    """The delta method and the jackknife agree to first order: 5% at these sizes."""
    found = values(*data)
    rows = found.shape[1]
    delta = found.std(axis=1, ddof=1) / np.sqrt(rows)
    left_out = np.stack([values(*(np.delete(a, i, axis=0) for a in data)).mean(axis=1) for i in range(rows)])
    jackknife = np.sqrt((rows - 1) * left_out.var(axis=0))
    assert delta == pytest.approx(jackknife, rel=0.05)


def test_auc_at_the_ends():
    truth = np.array([True, True, False, False])
    assert auc_values(np.array([4.0, 3, 2, 1]), truth).mean() == 1
    assert auc_values(np.ones(4), truth).mean() == 0.5
    assert auc_values(np.ones(4), np.ones(4, dtype=bool)).mean() == 0.5
