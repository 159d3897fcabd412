"""Downstream models of real-data experiments: scikit-learn estimators by name, and networks that look like them."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, ClassVar

from experiments.config.registry import Component
from experiments.datasets.base import Table


class Model(Component, ABC):
    """A component of the group `model`."""

    randomised: ClassVar[bool] = False
    """Whether two fits to the same table differ by their seed."""

    images: ClassVar[bool] = False
    """Whether the model looks at the pixels of an image, not at its principal components."""

    def serves(self, table: Table) -> bool:
        """Tell whether the model can be fitted to the table's kind of response."""
        return True

    @abstractmethod
    def estimator(self, seed: int, classes: int) -> Any:
        """Return an unfitted estimator, `fit(x, y)` and `predict(x)`; scalers inside see training rows only.

        `classes` is 0 for regression; `seed` is the randomness of the fit.
        """

    def fit_all(self, tables: Sequence[Table], seeds: Sequence[int]) -> list[Any]:
        """Fit one estimator to each table; models that gain from fitting all at once override this."""
        return [self.estimator(seed, table.classes).fit(table.x, table.y) for table, seed in zip(tables, seeds)]
