"""The downstream models: scikit-learn pipelines of which every step is fitted on the training rows alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn import ensemble
from sklearn.base import BaseEstimator
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.naive_bayes import CategoricalNB, GaussianNB
from sklearn.neighbors import NearestNeighbors
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, StandardScaler
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from experiments.audit.encoding import EncodedTable, Schema
from experiments.audit.options import CATALOGUE, NETWORK_STEPS

Array = NDArray[np.float64]

WIDE = 200
"""Columns above which a table is wide."""

INDICATORS = 50
"""Most indicators of one category: rarer values share one."""

LEAST_PROBABILITY = 1e-3
"""Probabilities of classes are kept at or above this, so that one row, certain and wrong, cannot dominate the log loss."""


def fit_predict(
    name: str, schema: Schema, train: EncodedTable, points: Array, seed: int, weights: Array | None = None
) -> Array:
    """Fit a model and predict.

    `name` is one of `MAKERS`, or `guess`: the majority or mean guess. `weights (n,)` of the training rows have mean 1;
    `seed` is for the learner's own randomness. Returns probabilities of all classes of the schema at the points (N, p),
    shape (N, classes), or predicted responses (N,). Where the training rows hold one class only, it is predicted.
    """
    if schema.classification:
        return _probabilities(name, schema, train, points, seed, weights)
    centre, spread = float(train.target.mean()), float(train.target.std())
    if name == "guess" or spread == 0:
        return np.full(len(points), centre)
    estimator = MAKERS[name](schema, len(train), seed)
    _fit(estimator, train.features, (train.target - centre) / spread, weights)
    return np.asarray(centre + spread * np.asarray(estimator.predict(points), dtype=np.float64))


def _probabilities(
    name: str, schema: Schema, train: EncodedTable, points: Array, seed: int, weights: Array | None
) -> Array:
    classes = np.unique(train.target).astype(int)
    made = np.zeros((len(points), len(schema.classes)))
    if name == "guess":
        made[:] = np.bincount(train.target.astype(int), minlength=made.shape[1]) / len(train)
    elif len(classes) == 1:
        made[:, classes] = 1
    else:
        estimator = MAKERS[name](schema, len(train), seed)
        _fit(estimator, train.features, np.searchsorted(classes, train.target), weights)
        made[:, classes] = estimator.predict_proba(points)
    made = np.maximum(made, LEAST_PROBABILITY)
    return np.asarray(made / made.sum(axis=1, keepdims=True))


def _fit(estimator: Any, features: Array, target: NDArray[Any], weights: Array | None) -> None:
    """Fit a pipeline, weights going to its last step."""
    step = estimator.steps[-1][0]
    estimator.fit(features, target, **({} if weights is None else {f"{step}__sample_weight": weights}))


def _columns(schema: Schema) -> tuple[list[int], list[int]]:
    split = len(schema.numbers)
    return list(range(split)), list(range(split, split + len(schema.categories)))


def _dense(schema: Schema) -> ColumnTransformer:
    """Numbers imputed and scaled, categories as indicators (rare and unseen ones together)."""
    numbers, categories = _columns(schema)
    imputer = SimpleImputer(strategy="median", add_indicator=True, keep_empty_features=True)
    options = {"handle_unknown": "infrequent_if_exist", "max_categories": INDICATORS, "sparse_output": False}
    indicators = OneHotEncoder(dtype=np.float32, **options)
    scaled = make_pipeline(imputer, StandardScaler())
    return ColumnTransformer([("numbers", scaled, numbers), ("categories", indicators, categories)])


def _ordinal(schema: Schema) -> Any:
    """Numbers as they are, categories as codes of the training rows; missing and unseen are NaN, which trees take."""
    numbers, categories = _columns(schema)
    unknown = {"handle_unknown": "use_encoded_value", "unknown_value": np.nan, "encoded_missing_value": np.nan}
    codes = OrdinalEncoder(max_categories=60, **unknown)
    columns = ColumnTransformer([("numbers", "passthrough", numbers), ("categories", codes, categories)])
    return make_pipeline(columns, EmptyColumnsFilled())


def _linear(schema: Schema, rows: int, seed: int) -> Any:
    last = LogisticRegression(max_iter=300) if schema.classification else Ridge(alpha=1.0)
    return make_pipeline(_dense(schema), last)


def _naive_bayes(schema: Schema, rows: int, seed: int) -> Any:
    return make_pipeline(_ordinal(schema), MixedNaiveBayes(len(schema.numbers), [len(k) + 1 for k in schema.levels]))


def _tree(schema: Schema, rows: int, seed: int) -> Any:
    kind = DecisionTreeClassifier if schema.classification else DecisionTreeRegressor
    return make_pipeline(_ordinal(schema), kind(min_samples_leaf=_leaf(rows), max_depth=12, random_state=seed))


def _neighbours(schema: Schema, rows: int, seed: int) -> Any:
    return make_pipeline(_dense(schema), WeightedNeighbours(15))


def _forest(schema: Schema, rows: int, seed: int) -> Any:
    if schema.classification:
        last: Any = ensemble.RandomForestClassifier(60, min_samples_leaf=2, random_state=seed)
    else:
        last = ensemble.RandomForestRegressor(60, min_samples_leaf=3, max_features=0.4, random_state=seed)
    return make_pipeline(_ordinal(schema), last)


def _boosting(schema: Schema, rows: int, seed: int) -> Any:
    options = {"max_bins": bins(schema), "min_samples_leaf": _leaf(rows), "random_state": seed}
    return boosting(schema, schema.classification, **options)


def boosting(schema: Schema, classification: bool, **options: Any) -> Any:
    """Return boosting of classes or of numbers on the features of the schema, categories taken as such."""
    kind = ensemble.HistGradientBoostingClassifier if classification else ensemble.HistGradientBoostingRegressor
    trees = kind(categorical_features=_columns(schema)[1] or None, early_stopping=False, **options)
    return make_pipeline(_ordinal(schema), trees)


def _leaf(rows: int) -> int:
    """Fewest rows of a leaf: it falls with the rows, or half a small table would give stumps instead of trees."""
    return int(np.clip(np.sqrt(rows) / 4, 3, 20))


def bins(schema: Schema) -> int:
    """Bins of boosting: fewer where columns are many, or its histograms take minutes."""
    return 255 if len(schema.names) <= WIDE else 63


def _mlp(schema: Schema, rows: int, seed: int) -> Any:
    """One hidden layer, by L-BFGS: penalty and steps do not depend on the rows, so halves are trained as the table is.

    The penalty grows with the columns of the input, or a small table with many indicators would be memorised.
    """
    kind = MLPClassifier if schema.classification else MLPRegressor
    columns = len(schema.numbers) + sum(min(len(known), INDICATORS) for known in schema.levels)
    options = {"activation": "tanh", "solver": "lbfgs", "alpha": columns / 10, "max_iter": NETWORK_STEPS, "random_state": seed}
    return make_pipeline(_dense(schema), kind(hidden_layer_sizes=(32,), **options))


_FUNCTIONS = (_linear, _naive_bayes, _tree, _neighbours, _forest, _boosting, _mlp)
MAKERS: dict[str, Callable[[Schema, int, int], Any]] = dict(zip(CATALOGUE, _FUNCTIONS, strict=True))
"""(schema, training rows, seed) to a pipeline, for every name in the catalogue."""


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

    The first `numbers` columns are numbers, of which missing ones take the training mean; `levels` are the numbers of
    codes of the others, one for missing or unseen included.
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
        return np.asarray((numbers - self.means_) / self.scale_)

    def predict_proba(self, features: Array) -> Array:
        """Return the probabilities of the classes."""
        numbers, codes = self._parts(features)
        given = (self._scaled(numbers), codes)
        # Each part brings the prior with it: count it once.
        parts = (model.predict_joint_log_proba(given[i]) - _log_prior(model) for model, i in self.parts_)
        score = self.prior_.class_log_prior_ + sum(parts)
        score = np.exp(score - score.max(axis=1, keepdims=True))
        return np.asarray(score / score.sum(axis=1, keepdims=True))


def _log_prior(model: Any) -> Array:
    """Return the log prior of a fitted naive Bayes part."""
    return np.asarray(np.log(model.class_prior_) if isinstance(model, GaussianNB) else model.class_log_prior_)


class WeightedNeighbours(BaseEstimator):  # type: ignore[misc]
    """Nearest neighbours with weighted votes or means; all rows where there are fewer than `neighbours`."""

    def __init__(self, neighbours: int):
        self.neighbours = neighbours

    def fit(self, features: Array, target: Array, sample_weight: Array | None = None) -> WeightedNeighbours:
        """Keep the rows."""
        count = min(self.neighbours, len(target))
        self.search_ = NearestNeighbors(n_neighbors=count, algorithm="brute").fit(features.astype(np.float32))
        self.target_ = np.asarray(target)
        self.weights_ = np.ones(len(target)) if sample_weight is None else sample_weight
        return self

    def _found(self, features: Array) -> tuple[NDArray[np.intp], Array]:
        found = self.search_.kneighbors(features.astype(np.float32), return_distance=False)
        weights = self.weights_[found] + 1e-12
        return found, weights / weights.sum(axis=1, keepdims=True)

    def predict(self, features: Array) -> Array:
        """Return the weighted mean of the neighbours' responses."""
        found, weights = self._found(features)
        return np.asarray((self.target_[found] * weights).sum(axis=1))

    def predict_proba(self, features: Array) -> Array:
        """Return the weighted shares of the classes among the neighbours."""
        found, weights = self._found(features)
        classes = np.arange(self.target_.max() + 1)
        return np.stack([((self.target_[found] == c) * weights).sum(axis=1) for c in classes], axis=1)
