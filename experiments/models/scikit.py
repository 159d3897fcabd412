"""Models of scikit-learn, each behind an encoder of mixed columns; both are fitted on training rows alone."""

from dataclasses import dataclass
from typing import Annotated, Any, ClassVar

from experiments.config.registry import ConfigError, Count, NonNegative, Positive, component, whole
from experiments.datasets.base import Table
from experiments.models.base import Model


def _encoded(model: Any, **options: bool) -> Any:
    """Return the pipeline of a column encoder with these options and the model."""
    from sklearn.pipeline import make_pipeline

    from experiments.datasets.encoding import ColumnEncoder

    return make_pipeline(ColumnEncoder(**options), model)


@component("model", "linear")
@dataclass(frozen=True)
class Linear(Model):
    """Logistic regression for classes, ridge regression for numbers, penalty 1/strength."""

    strength: Positive = 1.0

    def estimator(self, seed: int, classes: int) -> Any:
        """Return the scaled linear model."""
        from sklearn.linear_model import LogisticRegression, Ridge

        model = LogisticRegression(C=self.strength, max_iter=300) if classes else Ridge(1 / self.strength)
        return _encoded(model)


@component("model", "naive_bayes")
@dataclass(frozen=True)
class NaiveBayes(Model):
    """Independent normal columns within each class; variances smoothed by a share of the largest.

    It looks at the means and variances of the scaled columns in each class, and at nothing else.
    """

    smoothing: NonNegative = 1e-2

    def serves(self, table: Table) -> bool:
        """Tell whether the response is a class."""
        return table.classes > 0

    def estimator(self, seed: int, classes: int) -> Any:
        """Return the classifier; there is no naive Bayes for numbers."""
        from sklearn.naive_bayes import GaussianNB

        if not classes:
            raise ConfigError("model: naive_bayes expects classes, got a number as response")
        return _encoded(GaussianNB(var_smoothing=self.smoothing))


@component("model", "nearest")
@dataclass(frozen=True)
class Nearest(Model):
    """Majority or mean of the k nearest training rows, in scaled columns or, without `scaled`, as they are."""

    k: Count = 1
    scaled: bool = True

    def estimator(self, seed: int, classes: int) -> Any:
        """Return nearest neighbours."""
        from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor

        kind = KNeighborsClassifier if classes else KNeighborsRegressor
        return _encoded(kind(self.k), scaled=self.scaled)


@component("model", "tree")
@dataclass(frozen=True)
class Tree(Model):
    """A decision tree of bounded depth."""

    depth: Count = 10

    def estimator(self, seed: int, classes: int) -> Any:
        """Return the tree; features tied in gain are broken by the fixed order of columns."""
        from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

        kind = DecisionTreeClassifier if classes else DecisionTreeRegressor
        return _encoded(kind(max_depth=self.depth, random_state=0), scaled=False)


@component("model", "forest")
@dataclass(frozen=True)
class Forest(Model):
    """The mean of trees grown on bootstrap samples, with random columns at each cut (Breiman 2001)."""

    trees: Count = 50
    leaf: Count = 1

    randomised: ClassVar[bool] = True

    def estimator(self, seed: int, classes: int) -> Any:
        """Return the forest."""
        from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor

        kind = RandomForestClassifier if classes else RandomForestRegressor
        width = "sqrt" if classes else 1 / 3
        forest = kind(self.trees, min_samples_leaf=self.leaf, max_features=width, random_state=seed)
        return _encoded(forest, scaled=False, indicators=False)


@component("model", "boosting")
@dataclass(frozen=True)
class Boosting(Model):
    """Shallow trees one after another, each on what the ones before left over (scikit-learn's histogram version)."""

    rounds: Count = 100
    leaves: Annotated[int, whole(2)] = 15
    rate: Positive = 0.1

    def estimator(self, seed: int, classes: int) -> Any:
        """Return the boosted trees, without early stopping: every table gets the same number of rounds."""
        from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

        kind = HistGradientBoostingClassifier if classes else HistGradientBoostingRegressor
        options = {"max_iter": self.rounds, "max_leaf_nodes": self.leaves, "learning_rate": self.rate}
        trees = kind(**options, early_stopping=False, random_state=seed)
        return _encoded(trees, scaled=False, indicators=False)
