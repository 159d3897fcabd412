"""Downstream models of real-data experiments: scikit-learn estimators by name."""

from abc import ABC, abstractmethod
from typing import Any


class Model(ABC):
    """A component of the group `model`."""

    randomised: bool = False
    """Whether two fits to the same table differ by their seed."""

    @abstractmethod
    def estimator(self, seed: int, classes: int) -> Any:
        """Return an unfitted scikit-learn estimator or pipeline; scalers and encoders inside see training rows only.

        Parameters
        ----------
        seed : int
            Randomness of the fit.
        classes : int
            Number of classes, 0 for regression.
        """
