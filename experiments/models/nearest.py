"""Nearest neighbours."""

from dataclasses import dataclass
from typing import Any

from experiments.models.base import Model
from experiments.registry import component, require


@component("model", "nearest")
@dataclass(frozen=True)
class Nearest(Model):
    """Majority or mean of the k nearest training rows, in scaled columns or, without `scaled`, as they are."""

    k: int = 1
    scaled: bool = True

    def __post_init__(self) -> None:
        require(self.k >= 1, "k", "a whole number >= 1", self.k)

    def estimator(self, seed: int, classes: int) -> Any:
        """Return nearest neighbours."""
        from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor
        from sklearn.pipeline import make_pipeline

        from experiments.columns import Columns

        kind = KNeighborsClassifier if classes else KNeighborsRegressor
        return make_pipeline(Columns(self.scaled), kind(self.k))
