"""A small convolutional network for square images."""

from dataclasses import dataclass
from math import isqrt
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import pandas as pd

from experiments.config.registry import Count, component
from experiments.datasets.base import Table
from experiments.models.base import Model

if TYPE_CHECKING:
    from torch import Tensor

CHANNELS = (8, 16)
BATCH, RATE = 64, 3e-3
"""Rows per step, learning rate of Adam."""


@component("model", "cnn")
@dataclass(frozen=True)
class CNN(Model):
    """Two convolutions of 3 x 3 with rectified units and pooling by 2, then a linear layer; `epochs` of Adam.

    Images with more than 16 pixels per side are first averaged over squares of 2 x 2.
    """

    epochs: Count = 8

    randomised: ClassVar[bool] = True
    images: ClassVar[bool] = True

    def serves(self, table: Table) -> bool:
        """Tell whether rows are square images of numbers and the response is a class."""
        pixels = table.x.shape[1]
        square = isqrt(pixels) ** 2 == pixels >= 64
        return table.classes > 0 and square and all(d.kind in "iuf" for d in table.x.dtypes)

    def estimator(self, seed: int, classes: int) -> Any:
        """Return the network."""
        return _Network(seed, classes, self.epochs)


class _Network:
    def __init__(self, seed: int, classes: int, epochs: int) -> None:
        self.seed, self.classes, self.epochs = seed, classes, epochs

    def fit(self, x: pd.DataFrame, y: np.ndarray) -> "_Network":
        """Train on rows of pixels."""
        import torch
        from torch.nn.functional import cross_entropy

        from experiments.networks.dense import Adam, batches, single_thread

        generator = torch.Generator().manual_seed(self.seed)
        self.scale = float(np.abs(x.to_numpy()).max()) or 1.0
        images, labels = self._images(x), torch.from_numpy(np.asarray(y, dtype=np.int64))
        self.layers = self._layers(images.shape[-1], generator)
        steps = self.epochs * max(1, len(images) // BATCH)
        optimizer = Adam(self.layers.parameters(), RATE)
        with single_thread():
            for rows in batches(torch.arange(len(images)), min(BATCH, len(images)), steps, generator):
                optimizer.descend(cross_entropy(self.layers(images[rows]), labels[rows]))
        return self

    def predict(self, x: pd.DataFrame) -> np.ndarray:
        """Return the most probable classes (N,)."""
        import torch

        from experiments.networks.dense import single_thread

        with torch.no_grad(), single_thread():
            return np.asarray(self.layers(self._images(x)).argmax(dim=1).numpy())

    def _images(self, x: pd.DataFrame) -> "Tensor":
        """Rows of pixels as images (N, 1, side, side) with values near [0, 1]."""
        import torch
        from torch.nn.functional import avg_pool2d

        side = isqrt(x.shape[1])
        pixels = torch.from_numpy(x.to_numpy(dtype=np.float32) / self.scale).reshape(-1, 1, side, side)
        return avg_pool2d(pixels, 2) if side > 16 else pixels

    def _layers(self, side: int, generator: Any) -> Any:
        from torch import nn

        from experiments.networks.dense import initialised

        first, second = CHANNELS
        one = nn.Conv2d(1, first, 3, padding=1, device="meta")
        two = nn.Conv2d(first, second, 3, padding=1, device="meta")
        last = nn.Linear(second * (side // 4) ** 2, self.classes, device="meta")
        for layer in (one, two, last):
            initialised(layer, generator)
        shrink = nn.MaxPool2d(2)
        return nn.Sequential(one, nn.ReLU(), shrink, two, nn.ReLU(), shrink, nn.Flatten(), last)
