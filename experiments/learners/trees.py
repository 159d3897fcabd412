"""Tree ensembles of scikit-learn: random forests, and gradient boosting on histograms."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from math import ceil
from typing import Any

import numpy as np

from experiments.config.registry import component, require
from experiments.learners.base import Array, Learner, Predictor, check_binary, one_by_one


@component("learner", "forest")
@dataclass(frozen=True)
class Forest(Learner):
    """Mean of `trees` regression trees on bootstrap samples, leaves of at least ceil(leaf n^(2/(2+p))) points.

    Leaves must grow with n: fully grown trees on one feature average a bounded number of responses, so their variance
    stays. On responses 0 and 1 the squared error splits as Gini's index does.
    """

    trees: int = 20
    leaf: float = 0.1

    def __post_init__(self) -> None:
        require(self.trees >= 1, "trees", "a whole number >= 1", self.trees)
        require(self.leaf > 0, "leaf", "a number > 0", self.leaf)

    def fit(self, x: Array, y: Array, streams: Sequence[np.random.Generator]) -> Predictor:
        """Fit one forest per replicate, seeded from its stream."""
        from sklearn.ensemble import RandomForestRegressor

        least = ceil(self.leaf * x.shape[1] ** (2 / (2 + x.shape[2])))
        forests = [
            RandomForestRegressor(self.trees, min_samples_leaf=least, random_state=int(s.integers(2**31))).fit(*sample)
            for *sample, s in zip(x, y, streams)
        ]
        return one_by_one([forest.predict for forest in forests])


@component("learner", "boosting")
@dataclass(frozen=True)
class Boosting(Learner):
    """`iterations` trees of at most `leaves` leaves, each of at least ceil(leaf n^(2/(2+p))) points, without early stopping.

    `loss` is `squared`, or `log` for responses 0 and 1, whose predictions are then probabilities.
    """

    iterations: int = 40
    rate: float = 0.1
    leaves: int = 8
    leaf: float = 0.2
    loss: str = "squared"

    def __post_init__(self) -> None:
        require(self.iterations >= 1, "iterations", "a whole number >= 1", self.iterations)
        require(self.rate > 0, "rate", "a number > 0", self.rate)
        require(self.leaves >= 2, "leaves", "a whole number >= 2", self.leaves)
        require(self.leaf > 0, "leaf", "a number > 0", self.leaf)
        require(self.loss in ("squared", "log"), "loss", "squared or log", self.loss)

    def fit(self, x: Array, y: Array, streams: Sequence[np.random.Generator]) -> Predictor:
        """Fit one model per replicate, seeded from its stream (which only bins of large samples use)."""
        if self.loss == "log":
            check_binary(y)
        models = [self._model(x.shape[1], x.shape[2], s).fit(*sample) for *sample, s in zip(x, y, streams)]
        return one_by_one([partial(self._predicted, model) for model in models])

    def _model(self, n: int, p: int, rng: np.random.Generator) -> Any:
        from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

        kind = HistGradientBoostingClassifier if self.loss == "log" else HistGradientBoostingRegressor
        least, seed = ceil(self.leaf * n ** (2 / (2 + p))), int(rng.integers(2**31))
        options = {"max_iter": self.iterations, "learning_rate": self.rate, "max_leaf_nodes": self.leaves}
        return kind(**options, min_samples_leaf=least, early_stopping=False, random_state=seed)

    def _predicted(self, model: Any, points: Array) -> Array:
        if self.loss == "squared":
            return np.asarray(model.predict(points))
        if len(model.classes_) == 1:
            return np.full(len(points), float(model.classes_[0]))
        return np.asarray(model.predict_proba(points)[:, 1])
