"""Random forest."""

from dataclasses import dataclass
from typing import Any, ClassVar

from experiments.models.base import Model
from experiments.registry import component, require


@component("model", "forest")
@dataclass(frozen=True)
class Forest(Model):
    """The mean of trees grown on bootstrap samples, with random columns at each cut (Breiman 2001)."""

    trees: int = 50
    leaf: int = 1

    randomised: ClassVar[bool] = True

    def __post_init__(self) -> None:
        require(self.trees >= 1, "trees", "a whole number >= 1", self.trees)
        require(self.leaf >= 1, "leaf", "a whole number >= 1", self.leaf)

    def estimator(self, seed: int, classes: int) -> Any:
        """Return the forest."""
        from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor
        from sklearn.pipeline import make_pipeline

        from experiments.columns import Columns

        kind = RandomForestClassifier if classes else RandomForestRegressor
        width = "sqrt" if classes else 1 / 3
        forest = kind(self.trees, min_samples_leaf=self.leaf, max_features=width, random_state=seed)
        return make_pipeline(Columns(scaled=False, indicators=False), forest)
