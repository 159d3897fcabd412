"""Tree ensembles of scikit-learn: random forests, and gradient boosting on histograms."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from math import ceil
from typing import Annotated, Any

import numpy as np

from experiments.config.registry import Count, Positive, Range, component, whole
from experiments.learners.base import Array, Learner, Predictor, check_binary, one_by_one


@component("learner", "forest")
@dataclass(frozen=True)
class Forest(Learner):
    """Mean of `trees` regression trees on bootstrap samples, leaves of at least ceil(leaf n^(2/(2+p))) points.

    Leaves must grow with n: fully grown trees on one feature average a bounded number of responses, so their variance
    stays. On responses 0 and 1 the squared error splits as Gini's index does.
    """

    trees: Count = 20
    leaf: Positive = 0.1

    def exponent(self, a: float) -> float:
        """Return the exponent of leaves (7.3, 7.10)."""
        return min(2 / 3, 1 / a)

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

    iterations: Count = 40
    rate: Positive = 0.1
    leaves: Annotated[int, whole(2)] = 8
    leaf: Positive = 0.2
    loss: Annotated[str, Range("squared or log", ("squared", "log").__contains__)] = "squared"

    def exponent(self, a: float) -> float:
        """Return the exponent of leaves (7.3, 7.10)."""
        return min(2 / 3, 1 / a)

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
