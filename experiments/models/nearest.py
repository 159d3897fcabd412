"""Nearest neighbours."""

from dataclasses import dataclass
from typing import Any

from experiments.models.base import Model
from experiments.registry import component, require


@component("model", "nearest")
@dataclass(frozen=True)
class Nearest(Model):
    """Majority or mean of the k nearest training rows."""

    k: int = 1

    def __post_init__(self) -> None:
        require(self.k >= 1, "k", "a whole number >= 1", self.k)

    def estimator(self, seed: int, classes: int) -> Any:
        """Return scaled nearest neighbours."""
        from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor
        from sklearn.pipeline import make_pipeline
        from sklearn.preprocessing import StandardScaler

        kind = KNeighborsClassifier if classes else KNeighborsRegressor
        return make_pipeline(StandardScaler(), kind(self.k))
