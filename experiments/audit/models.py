"""The downstream models of the audit: scikit-learn pipelines whose every step is fitted on the training rows alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import (
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, StandardScaler
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from experiments.audit.encoding import Schema, Table
from experiments.audit.estimators import EmptyColumnsFilled, MixedNaiveBayes, WeightedNeighbours

Array = NDArray[np.float64]

WIDE = 200
"""Columns above which a table is wide."""

INDICATORS = 50
"""Most indicators of one category: rarer values share one."""

STEPS = 50
"""Steps of a network by L-BFGS; after so many it is trained."""

LEAST_PROBABILITY = 1e-3
"""Probabilities of classes are kept at or above this, so that one sure and wrong row cannot rule the log loss."""


def fit_predict(
    name: str, schema: Schema, train: Table, points: Array, seed: int, weights: Array | None = None
) -> Array:
    """Fit a model and predict.

    Parameters
    ----------
    name : str
        A name in `MAKERS`, or `guess`: the majority or mean guess.
    schema : Schema
        Meaning of the columns.
    train : Table
        Training rows; one class only is predicted as such.
    points : ndarray, shape (N, p)
        Features to predict at.
    seed : int
        Seed of a learner's own randomness.
    weights : ndarray, shape (n,), optional
        Weights of the training rows, mean 1.

    Returns
    -------
    ndarray, shape (N, classes) or (N,)
        Probabilities of all classes of the schema, or predicted responses.
    """
    if schema.classification:
        return _probabilities(name, schema, train, points, seed, weights)
    centre, spread = float(train.target.mean()), float(train.target.std())
    if name == "guess" or spread == 0:
        return np.full(len(points), centre)
    estimator = MAKERS[name](schema, len(train), seed)
    _fit(estimator, train.features, (train.target - centre) / spread, weights)
    predicted: Array = centre + spread * np.asarray(estimator.predict(points), dtype=np.float64)
    return predicted


def _probabilities(name: str, schema: Schema, train: Table, points: Array, seed: int, weights: Array | None) -> Array:
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
    normalised: Array = made / made.sum(axis=1, keepdims=True)
    return normalised


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
    scaled = make_pipeline(
        SimpleImputer(strategy="median", add_indicator=True, keep_empty_features=True), StandardScaler()
    )
    indicators = OneHotEncoder(
        handle_unknown="infrequent_if_exist", max_categories=INDICATORS, sparse_output=False, dtype=np.float32
    )
    return ColumnTransformer([("numbers", scaled, numbers), ("categories", indicators, categories)])


def _ordinal(schema: Schema) -> Any:
    """Numbers as they are, categories as codes of the training rows; missing and unseen are NaN, which trees take."""
    numbers, categories = _columns(schema)
    codes = OrdinalEncoder(
        handle_unknown="use_encoded_value", unknown_value=np.nan, encoded_missing_value=np.nan, max_categories=60
    )
    columns = ColumnTransformer([("numbers", "passthrough", numbers), ("categories", codes, categories)])
    return make_pipeline(columns, EmptyColumnsFilled())


def _linear(schema: Schema, rows: int, seed: int) -> Any:
    last = LogisticRegression(max_iter=300) if schema.classification else Ridge(alpha=1.0)
    return make_pipeline(_dense(schema), last)


def _naive_bayes(schema: Schema, rows: int, seed: int) -> Any:
    return make_pipeline(
        _ordinal(schema), MixedNaiveBayes(len(schema.numbers), [len(known) + 1 for known in schema.levels])
    )


def _tree(schema: Schema, rows: int, seed: int) -> Any:
    kind = DecisionTreeClassifier if schema.classification else DecisionTreeRegressor
    return make_pipeline(_ordinal(schema), kind(min_samples_leaf=_leaf(rows), max_depth=12, random_state=seed))


def _neighbours(schema: Schema, rows: int, seed: int) -> Any:
    return make_pipeline(_dense(schema), WeightedNeighbours(15))


def _forest(schema: Schema, rows: int, seed: int) -> Any:
    if schema.classification:
        last: Any = RandomForestClassifier(60, min_samples_leaf=2, random_state=seed)
    else:
        last = RandomForestRegressor(60, min_samples_leaf=3, max_features=0.4, random_state=seed)
    return make_pipeline(_ordinal(schema), last)


def _boosting(schema: Schema, rows: int, seed: int) -> Any:
    kind = HistGradientBoostingClassifier if schema.classification else HistGradientBoostingRegressor
    categories = _columns(schema)[1] or None  # taken as such, not as numbers
    options = {"categorical_features": categories, "early_stopping": False, "max_bins": _bins(schema)}
    options["min_samples_leaf"] = _leaf(rows)
    return make_pipeline(_ordinal(schema), kind(random_state=seed, **options))


def ordinal_columns(schema: Schema) -> tuple[Any, list[int]]:
    """Return the step that makes ordinal columns, and which of its columns are categories."""
    return _ordinal(schema), _columns(schema)[1]


def discriminator(schema: Schema, seed: int) -> Any:
    """Return the pipeline that tells synthetic rows from real ones: boosting, on the features of the schema."""
    kind = HistGradientBoostingClassifier(
        categorical_features=_columns(schema)[1] or None,
        max_iter=60,
        learning_rate=0.15,
        early_stopping=False,
        max_bins=_bins(schema),
        random_state=seed,
    )
    return make_pipeline(_ordinal(schema), kind)


def _leaf(rows: int) -> int:
    """Fewest rows of a leaf: it falls with the rows, or half a small table would give stumps instead of trees."""
    return int(np.clip(np.sqrt(rows) / 4, 3, 20))


def _bins(schema: Schema) -> int:
    """Bins of boosting: fewer where columns are many, or its histograms take minutes."""
    return 255 if len(schema.names) <= WIDE else 63


def _mlp(schema: Schema, rows: int, seed: int) -> Any:
    """One hidden layer, by L-BFGS: penalty and steps do not depend on the rows, so halves are trained as the table is.

    The penalty grows with the columns of the input, or a small table with many indicators would be learnt by heart.
    """
    kind = MLPClassifier if schema.classification else MLPRegressor
    columns = len(schema.numbers) + sum(min(len(known), INDICATORS) for known in schema.levels)
    last = kind(
        hidden_layer_sizes=(32,),
        activation="tanh",
        solver="lbfgs",
        alpha=columns / 10,
        max_iter=STEPS,
        random_state=seed,
    )
    return make_pipeline(_dense(schema), last)


MAKERS: dict[str, Callable[[Schema, int, int], Any]] = {
    "linear": _linear,
    "naive_bayes": _naive_bayes,
    "tree": _tree,
    "neighbours": _neighbours,
    "forest": _forest,
    "boosting": _boosting,
    "mlp": _mlp,
}
"""(schema, training rows, seed) to a pipeline, for every name in the catalogue."""
