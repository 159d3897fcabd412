"""A fully connected network; those of all tables of a cell are trained side by side."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from experiments.config.registry import Count, Positive, component
from experiments.datasets.base import Table
from experiments.models.base import Model


@component("model", "mlp")
@dataclass(frozen=True)
class MLP(Model):
    """One hidden layer of rectified units on scaled columns, trained by Adam for a fixed number of epochs."""

    width: Count = 64
    epochs: Count = 20
    batch: Count = 64
    rate: Positive = 3e-3

    randomised: ClassVar[bool] = True

    def estimator(self, seed: int, classes: int) -> Any:
        """Return a network to be fitted by itself."""
        return _Alone(self, seed, classes)

    def fit_all(self, tables: Sequence[Table], seeds: Sequence[int]) -> list[Any]:
        """Fit the networks of tables of one length together; each is what it would be alone, to rounding.

        A table with fewer indicator columns than the widest beside it draws other initial weights than alone.
        """
        fitted: dict[int, Any] = {}
        for length in dict.fromkeys(map(len, tables)):
            which = [i for i, table in enumerate(tables) if len(table) == length]
            together = self._fit([tables[i] for i in which], [seeds[i] for i in which])
            fitted |= dict(zip(which, together))
        return [fitted[i] for i in range(len(tables))]

    def _fit(self, tables: Sequence[Table], seeds: Sequence[int]) -> list["_Fitted"]:
        """Fit networks to tables of one length; tables with fewer indicator columns are padded with zeros."""
        import torch

        from experiments.datasets.encoding import ColumnEncoder
        from experiments.networks.dense import Networks

        encoders = [ColumnEncoder().fit(table.x) for table in tables]
        x = [encoder.transform(table.x) for encoder, table in zip(encoders, tables)]
        width, classes = max(part.shape[1] for part in x), tables[0].classes
        y = np.stack([table.y for table in tables])
        centre, spread = np.zeros(len(y)), np.ones(len(y))
        if not classes:
            centre, deviation = y.mean(axis=1), y.std(axis=1)
            spread = np.where(deviation > 0, deviation, 1.0)
        generators = [torch.Generator().manual_seed(seed) for seed in seeds]
        networks = Networks(width, self.width, max(classes, 1), generators)
        wanted = y if classes else (y - centre[:, None]) / spread[:, None]
        points = np.stack([_padded(part, width) for part in x])
        networks.train(points, wanted, classes, self.epochs, self.batch, self.rate)
        scales = zip(encoders, centre.tolist(), spread.tolist())
        return [_Fitted(networks, i, e, width, classes, c, s) for i, (e, c, s) in enumerate(scales)]


def _padded(x: np.ndarray, width: int) -> np.ndarray:
    return np.pad(x, ((0, 0), (0, width - x.shape[1])))


@dataclass(frozen=True)
class _Fitted:
    """One of the networks, with the encoder of its own table."""

    networks: Any
    place: int
    encoder: Any
    width: int
    classes: int
    centre: float
    spread: float

    def predict(self, x: pd.DataFrame) -> np.ndarray:
        """Return classes or numbers (N,)."""
        out = self.networks.predict(self.place, _padded(self.encoder.transform(x), self.width))
        return np.asarray(out.argmax(axis=1) if self.classes else out[:, 0] * self.spread + self.centre)


@dataclass(frozen=True)
class _Alone:
    """An estimator with one network."""

    model: MLP
    seed: int
    classes: int

    def fit(self, x: pd.DataFrame, y: np.ndarray) -> _Fitted:
        """Return the fitted network."""
        return self.model._fit([Table(x, y, self.classes)], [self.seed])[0]
