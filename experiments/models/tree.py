"""A single decision tree."""

from dataclasses import dataclass
from typing import Any

from experiments.models.base import Model
from experiments.registry import component, require


@component("model", "tree")
@dataclass(frozen=True)
class Tree(Model):
    """A decision tree of bounded depth."""

    depth: int = 10

    def __post_init__(self) -> None:
        require(self.depth >= 1, "depth", "a whole number >= 1", self.depth)

    def estimator(self, seed: int, classes: int) -> Any:
        """Return the tree; features tied in gain are broken by the fixed order of columns."""
        from sklearn.pipeline import make_pipeline
        from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

        from experiments.columns import Columns

        kind = DecisionTreeClassifier if classes else DecisionTreeRegressor
        return make_pipeline(Columns(scaled=False), kind(max_depth=self.depth, random_state=0))
