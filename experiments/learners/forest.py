"""Random forests of scikit-learn."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

import numpy as np

from experiments.config.registry import component, require
from experiments.learners.base import Array, Learner, Predictor, one_by_one


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
