"""The downstream models: scikit-learn pipelines of which every step is fitted on the training rows alone."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn import ensemble
from sklearn.base import BaseEstimator, clone
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.naive_bayes import CategoricalNB, GaussianNB
from sklearn.neighbors import NearestNeighbors
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, StandardScaler
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from experiments.audit.encoding import EncodedTable, Schema
from experiments.audit.options import NETWORK_STEPS, InMemory
from experiments.estimators.intervals import Array

INDICATORS = 50
"""Most indicators of one category: rarer values share one."""

LEAST_PROBABILITY = 1e-3
"""Probabilities of classes are kept at or above this, so that one row, certain and wrong, cannot dominate the log loss."""


def fit_predict(
    name: str, schema: Schema, train: EncodedTable, points: Array, seed: int, weights: Array | None = None
) -> Array:
    """Fit a model and predict.

    `name` is in the catalogue, an `InMemory` estimator, or `guess`: the majority or mean guess. `weights (n,)` of the
    training rows have mean 1; `seed` is for the learner's own randomness. Returns probabilities of all classes of the
    schema at the points (N, p), shape (N, classes), or predicted responses (N,). Where the training rows hold one class
    only, it is predicted.
    """
    if schema.classification:
        return _probabilities(name, schema, train, points, seed, weights)
    centre, spread = float(train.target.mean()), float(train.target.std())
    if name == "guess" or spread == 0:
        return np.full(len(points), centre)
    estimator = _fitted(name, schema, train.features, (train.target - centre) / spread, seed, weights)
    return np.asarray(centre + spread * np.asarray(estimator.predict(points), dtype=np.float64))


def _probabilities(name: str, schema: Schema, train: EncodedTable, points: Array, seed: int, weights: Array | None) -> Array:
    classes = np.unique(train.target).astype(int)
    made = np.zeros((len(points), len(schema.classes)))
    if name == "guess":
        made[:] = np.bincount(train.target.astype(int), minlength=made.shape[1]) / len(train)
    elif len(classes) == 1:
        made[:, classes] = 1
    else:
        estimator = _fitted(name, schema, train.features, np.searchsorted(classes, train.target), seed, weights)
        made[:, classes] = estimator.predict_proba(points)
    made = np.maximum(made, LEAST_PROBABILITY)
    return np.asarray(made / made.sum(axis=1, keepdims=True))


def _fitted(name: str, schema: Schema, x: Array, y: NDArray[Any], seed: int, weights: Array | None) -> Any:
    """Fit the pipeline of a model, weights going to its last step."""
    estimator = pipeline(name, schema, len(y), seed)
    return estimator.fit(x, y, **({} if weights is None else {f"{estimator.steps[-1][0]}__sample_weight": weights}))


def _columns(schema: Schema) -> tuple[list[int], list[int]]:
    split, columns = len(schema.numbers), list(range(len(schema.names)))
    return columns[:split], columns[split:]


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


def pipeline(name: str, schema: Schema, rows: int, seed: int) -> Any:
    """Return the unfitted pipeline of a model for so many training rows."""
    if isinstance(name, InMemory):
        return _own(name.held, schema, seed)
    classes = schema.classification
    # The fewest rows of a leaf fall with the rows, or half a small table would give stumps instead of trees.
    leaf = int(np.clip(np.sqrt(rows) / 4, 3, 20))
    match name:
        case "linear":
            return make_pipeline(_dense(schema), LogisticRegression(max_iter=300) if classes else Ridge(alpha=1.0))
        case "naive_bayes":
            bayes = MixedNaiveBayes(len(schema.numbers), [len(known) + 1 for known in schema.levels])
            return make_pipeline(_ordinal(schema), bayes)
        case "tree":
            tree = DecisionTreeClassifier if classes else DecisionTreeRegressor
            return make_pipeline(_ordinal(schema), tree(min_samples_leaf=leaf, max_depth=12, random_state=seed))
        case "neighbours":
            return make_pipeline(_dense(schema), WeightedNeighbours(15))
        case "forest":
            forest = ensemble.RandomForestClassifier if classes else ensemble.RandomForestRegressor
            options = {"min_samples_leaf": 2} if classes else {"min_samples_leaf": 3, "max_features": 0.4}
            return make_pipeline(_ordinal(schema), forest(60, random_state=seed, **options))
        case "boosting":
            return boosting(schema, classes, min_samples_leaf=leaf, random_state=seed)
        case "mlp":
            return make_pipeline(_dense(schema), _network(schema, seed))
    raise ValueError(f"name: expected a model of the catalogue, got {name!r}")


def boosting(schema: Schema, classification: bool, **options: Any) -> Any:
    """Return boosting of classes or of numbers on the features of the schema, categories taken as such.

    Where columns are many, its histograms are what takes minutes: they get fewer bins, and beyond a thousand fewer leaves.
    """
    kind = ensemble.HistGradientBoostingClassifier if classification else ensemble.HistGradientBoostingRegressor
    columns = len(schema.names)
    options |= {"max_bins": max(12_600 // columns, 16)} if columns > 200 else {}
    options |= {"max_leaf_nodes": 8} if columns > 1000 else {}
    trees = kind(categorical_features=_columns(schema)[1] or None, early_stopping=False, **options)
    return make_pipeline(_ordinal(schema), trees)


def _own(estimator: Any, schema: Schema, seed: int) -> Any:
    """An estimator of the user's own, cloned and seeded, behind numbers imputed and scaled and indicators of categories."""
    own = clone(estimator)
    seeds = [key for key in own.get_params() if key == "random_state" or key.endswith("__random_state")]
    own.set_params(**dict.fromkeys(seeds, seed))
    return Pipeline([("columns of the tables", _dense(schema)), *getattr(own, "steps", [("own", own)])])


def _network(schema: Schema, seed: int) -> Any:
    """One hidden layer, by L-BFGS: penalty and steps do not depend on the rows, so halves are trained as the table is.

    The penalty grows with the columns of the input, or a small table with many indicators would be memorised.
    """
    kind = MLPClassifier if schema.classification else MLPRegressor
    columns = len(schema.numbers) + sum(min(len(known), INDICATORS) for known in schema.levels)
    options = {"activation": "tanh", "solver": "lbfgs", "alpha": columns / 10, "max_iter": NETWORK_STEPS}
    return kind(hidden_layer_sizes=(32,), random_state=seed, **options)


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
    codes of the others, one for missing or unseen included. Numbers that take two values count as categories, and a
    hundredth of a number's variance is added within each class: a column that is constant in one class of a small table
    would otherwise decide alone.
    """

    def __init__(self, numbers: int, levels: list[int]):
        self.numbers, self.levels = numbers, levels

    def _parts(self, features: Array) -> tuple[Array, NDArray[np.int64]]:
        numbers, codes = features[:, : self.numbers], features[:, self.numbers :]
        # Scaled, or the smoothing of variances would depend on units.
        scaled = (np.where(np.isnan(numbers), self.means_, numbers) - self.means_) / self.scale_
        codes = np.where(np.isnan(codes), np.array(self.levels) - 1, codes)
        return scaled[:, ~self.binary_], np.column_stack([codes, scaled[:, self.binary_] > 0]).astype(np.int64)

    def fit(self, features: Array, target: Array, sample_weight: Array | None = None) -> MixedNaiveBayes:
        """Fit both parts."""
        numbers = features[:, : self.numbers]
        known = ~np.isnan(numbers)
        self.means_ = np.where(known, numbers, 0).sum(axis=0) / np.maximum(known.sum(axis=0), 1)
        spread = np.where(known, numbers, self.means_).std(axis=0)
        self.scale_ = np.where(spread > 0, spread, 1.0)
        self.binary_ = np.array([len(np.unique(n[k])) == 2 for n, k in zip(numbers.T, known.T)], dtype=bool)
        scaled, codes = self._parts(features)
        self.prior_ = CategoricalNB(min_categories=1).fit(np.zeros((len(target), 1)), target, sample_weight)
        self.parts_: list[tuple[Any, int, Array]] = []
        if scaled.size:
            normal = GaussianNB(var_smoothing=0.01).fit(scaled, target, sample_weight)
            self.parts_.append((normal, 0, np.log(normal.class_prior_)))
        if codes.size:
            counted = CategoricalNB(min_categories=[*self.levels, *[2] * sum(self.binary_)]).fit(codes, target, sample_weight)
            self.parts_.append((counted, 1, counted.class_log_prior_))
        return self

    def predict_proba(self, features: Array) -> Array:
        """Return the probabilities of the classes."""
        given = self._parts(features)
        # Each part brings the prior with it: count it once.
        parts = (model.predict_joint_log_proba(given[i]) - prior for model, i, prior in self.parts_)
        score = self.prior_.class_log_prior_ + sum(parts)
        score = np.exp(score - score.max(axis=1, keepdims=True))
        return np.asarray(score / score.sum(axis=1, keepdims=True))


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
