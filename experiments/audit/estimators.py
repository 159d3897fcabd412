"""Estimators that scikit-learn lacks, with its interface."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator
from sklearn.naive_bayes import CategoricalNB, GaussianNB
from sklearn.neighbors import NearestNeighbors

Array = NDArray[np.float64]


class EmptyColumnsFilled(BaseEstimator):  # type: ignore[misc]
    """Zeros for columns without any value in the training rows, which boosting cannot bin."""

    def fit(self, features: Array, target: Array | None = None) -> EmptyColumnsFilled:
        """Find the columns."""
        self.empty_ = np.isnan(features).all(axis=0)
        return self

    def transform(self, features: Array) -> Array:
        """Fill them."""
        return np.where(self.empty_, 0.0, features)


class MixedNaiveBayes(BaseEstimator):  # type: ignore[misc]
    """Naive Bayes on numbers (normal within each class) and categories (frequencies) together.

    Parameters
    ----------
    numbers : int
        The first columns are numbers; missing ones take the training mean.
    levels : list of int
        Number of codes of each of the other columns, one for missing or unseen included.
    """

    def __init__(self, numbers: int, levels: list[int]):
        self.numbers, self.levels = numbers, levels

    def _parts(self, features: Array) -> tuple[Array, NDArray[np.int64]]:
        numbers, codes = features[:, : self.numbers], features[:, self.numbers :]
        filled = np.where(np.isnan(numbers), self.means_, numbers)
        return filled, np.where(np.isnan(codes), np.array(self.levels) - 1, codes).astype(np.int64)

    def fit(self, features: Array, target: Array, sample_weight: Array | None = None) -> MixedNaiveBayes:
        """Fit both parts."""
        known = ~np.isnan(features[:, : self.numbers])
        total = np.where(known, features[:, : self.numbers], 0).sum(axis=0)
        self.means_ = total / np.maximum(known.sum(axis=0), 1)
        numbers, codes = self._parts(features)
        spread = numbers.std(axis=0)
        self.scale_ = np.where(spread > 0, spread, 1.0)
        self.prior_ = CategoricalNB(min_categories=1).fit(np.zeros((len(target), 1)), target, sample_weight)
        self.parts_: list[tuple[Any, int]] = []
        if self.numbers:
            self.parts_.append((GaussianNB(var_smoothing=1e-6).fit(self._scaled(numbers), target, sample_weight), 0))
        if self.levels:
            self.parts_.append((CategoricalNB(min_categories=self.levels).fit(codes, target, sample_weight), 1))
        return self

    def _scaled(self, numbers: Array) -> Array:
        """Scale, so that the smoothing of variances does not depend on units."""
        scaled: Array = (numbers - self.means_) / self.scale_
        return scaled

    def predict_proba(self, features: Array) -> Array:
        """Return the probabilities of the classes."""
        numbers, codes = self._parts(features)
        given = (self._scaled(numbers), codes)
        # Each part brings the prior with it: count it once.
        prior = self.prior_.class_log_prior_
        score = prior + sum(
            model.predict_joint_log_proba(given[which]) - _log_prior(model) for model, which in self.parts_
        )
        score = np.exp(score - score.max(axis=1, keepdims=True))
        probabilities: Array = score / score.sum(axis=1, keepdims=True)
        return probabilities


def _log_prior(model: Any) -> Array:
    """Return the log prior of a fitted naive Bayes part."""
    prior: Array = np.log(model.class_prior_) if isinstance(model, GaussianNB) else model.class_log_prior_
    return prior


class WeightedNeighbours(BaseEstimator):  # type: ignore[misc]
    """Nearest neighbours with weighted votes or means.

    Parameters
    ----------
    neighbours : int
        Number of neighbours; all rows where there are fewer.
    """

    def __init__(self, neighbours: int):
        self.neighbours = neighbours

    def fit(self, features: Array, target: Array, sample_weight: Array | None = None) -> WeightedNeighbours:
        """Keep the rows."""
        count = min(self.neighbours, len(target))
        self.search_ = NearestNeighbors(n_neighbors=count, algorithm="brute").fit(features.astype(np.float32))
        self.target_ = np.asarray(target)
        self.weights_ = np.ones(len(target)) if sample_weight is None else sample_weight
        return self

    def _near(self, features: Array) -> tuple[NDArray[np.intp], Array]:
        found = self.search_.kneighbors(features.astype(np.float32), return_distance=False)
        weights = self.weights_[found] + 1e-12
        return found, weights / weights.sum(axis=1, keepdims=True)

    def predict(self, features: Array) -> Array:
        """Return the weighted mean of the neighbours' responses."""
        found, weights = self._near(features)
        predicted: Array = (self.target_[found] * weights).sum(axis=1)
        return predicted

    def predict_proba(self, features: Array) -> Array:
        """Return the weighted shares of the classes among the neighbours."""
        found, weights = self._near(features)
        classes = np.arange(self.target_.max() + 1)
        return np.stack([((self.target_[found] == c) * weights).sum(axis=1) for c in classes], axis=1)
