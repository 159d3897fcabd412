"""Logistic or linear regression."""

from dataclasses import dataclass
from typing import Any

from experiments.models.base import Model
from experiments.registry import component, require


@component("model", "linear")
@dataclass(frozen=True)
class Linear(Model):
    """Logistic regression for classes, ridge regression for numbers, penalty 1/strength."""

    strength: float = 1.0

    def __post_init__(self) -> None:
        require(self.strength > 0, "strength", "a number > 0", self.strength)

    def estimator(self, seed: int, classes: int) -> Any:
        """Return the scaled linear model."""
        from sklearn.linear_model import LogisticRegression, Ridge
        from sklearn.pipeline import make_pipeline

        from experiments.columns import Columns

        model = LogisticRegression(C=self.strength, max_iter=300) if classes else Ridge(1 / self.strength)
        return make_pipeline(Columns(), model)
