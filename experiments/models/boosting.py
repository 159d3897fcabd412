"""Gradient boosting on histograms."""

from dataclasses import dataclass
from typing import Any

from experiments.models.base import Model
from experiments.registry import component, require


@component("model", "boosting")
@dataclass(frozen=True)
class Boosting(Model):
    """Shallow trees one after another, each on what the ones before left over (scikit-learn's histogram version)."""

    rounds: int = 100
    leaves: int = 15
    rate: float = 0.1

    def __post_init__(self) -> None:
        require(self.rounds >= 1, "rounds", "a whole number >= 1", self.rounds)
        require(self.leaves >= 2, "leaves", "a whole number >= 2", self.leaves)
        require(self.rate > 0, "rate", "a number > 0", self.rate)

    def estimator(self, seed: int, classes: int) -> Any:
        """Return the boosted trees, without early stopping: every table gets the same number of rounds."""
        from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
        from sklearn.pipeline import make_pipeline

        from experiments.columns import Columns

        kind = HistGradientBoostingClassifier if classes else HistGradientBoostingRegressor
        trees = kind(
            max_iter=self.rounds,
            max_leaf_nodes=self.leaves,
            learning_rate=self.rate,
            early_stopping=False,
            random_state=seed,
        )
        return make_pipeline(Columns(scaled=False, indicators=False), trees)
