"""Gaussian naive Bayes."""

from dataclasses import dataclass
from typing import Any

from experiments.datasets.base import Table
from experiments.models.base import Model
from experiments.registry import ConfigError, component, require


@component("model", "naive_bayes")
@dataclass(frozen=True)
class NaiveBayes(Model):
    """Independent normal columns within each class; variances smoothed by a share of the largest.

    It looks at the means and variances of the scaled columns in each class, and at nothing else.
    """

    smoothing: float = 1e-2

    def __post_init__(self) -> None:
        require(self.smoothing >= 0, "smoothing", "a number >= 0", self.smoothing)

    def serves(self, table: Table) -> bool:
        """Tell whether the response is a class."""
        return table.classes > 0

    def estimator(self, seed: int, classes: int) -> Any:
        """Return the classifier; there is no naive Bayes for numbers."""
        from sklearn.naive_bayes import GaussianNB
        from sklearn.pipeline import make_pipeline

        from experiments.columns import Columns

        if not classes:
            raise ConfigError("model: naive_bayes expects classes, got a number as response")
        return make_pipeline(Columns(), GaussianNB(var_smoothing=self.smoothing))
