"""Mixed columns as an array: a scikit-learn transformer, fitted with the model on its training rows."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.base import BaseEstimator
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, StandardScaler

from experiments.datasets.base import numbers_of

Array = NDArray[np.float64]


class ColumnEncoder(BaseEstimator):  # type: ignore[misc]
    """Numbers first, standardised by training rows if `scaled`, then categories as `indicators` of levels or as codes.

    A category that training did not have becomes zeros among indicators, or the code -1. (`ColumnTransformer` does the
    same at several milliseconds a call, more than many of the models here take.)
    """

    def __init__(self, scaled: bool = True, indicators: bool = True) -> None:
        self.scaled, self.indicators = scaled, indicators

    def fit(self, x: pd.DataFrame, y: object = None) -> "ColumnEncoder":
        """Learn scales and levels from training rows."""
        self.numbers_ = numbers_of(x)
        self.categories_ = [c for c in x.columns if c not in set(self.numbers_)]
        self.scaler_ = StandardScaler().fit(self._numbers(x)) if self.scaled and self.numbers_ else None
        self.encoder_ = self._encoder().fit(self._texts(x)) if self.categories_ else None
        return self

    def transform(self, x: pd.DataFrame) -> Array:
        """Return the rows as an array (N, q)."""
        numbers = self._numbers(x)
        parts = [numbers if self.scaler_ is None else self.scaler_.transform(numbers)]
        if self.encoder_ is not None:
            parts.append(self.encoder_.transform(self._texts(x)))
        return np.concatenate(parts, axis=1)

    def _encoder(self) -> Any:
        if self.indicators:
            return OneHotEncoder(handle_unknown="ignore", sparse_output=False)
        return OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1)

    def _numbers(self, x: pd.DataFrame) -> Array:
        every = len(self.numbers_) == x.shape[1]
        return np.asarray(x if every else x[self.numbers_], dtype=np.float64)

    def _texts(self, x: pd.DataFrame) -> NDArray[np.object_]:
        return np.asarray(x[self.categories_], dtype=object)
