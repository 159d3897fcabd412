"""Networks on the pixels of images: logistic regression, fully connected and convolutional ones."""

from abc import abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from experiments.config.registry import Count, Positive, component, whole
from experiments.datasets.base import Table
from experiments.datasets.pixels import side_of
from experiments.models.base import Model

if TYPE_CHECKING:
    from torch import Generator, Tensor, nn

BATCH = 64
"""Rows per step."""


@dataclass(frozen=True)
class PixelModel(Model):
    """A network trained by Adam for `steps` steps of 64 images, its rate falling from `rate` to 0 along a cosine.

    Every table gets the same number of steps, whatever its length, and costs the same. In each step every image is moved
    by up to `shift` pixels at random.
    """

    steps: Count = 1500
    rate: Positive = 2e-3
    shift: Annotated[int, whole(0)] = 0
    device: Literal["auto", "cpu", "cuda"] = "auto"

    randomised: ClassVar[bool] = True
    images: ClassVar[bool] = True

    def serves(self, table: Table) -> bool:
        """Tell whether rows are square images and the response is a class."""
        return side_of(table) > 0

    def estimator(self, seed: int, classes: int) -> Any:
        """Return the network."""
        return _Network(self, seed, classes)

    @abstractmethod
    def layers(self, side: int, classes: int, generator: "Generator") -> "list[nn.Module]":
        """Return the layers, from images (B, 1, side, side) to scores (B, classes)."""


@component("model", "pixel_logistic")
@dataclass(frozen=True)
class PixelLogistic(PixelModel):
    """Logistic regression on pixels; it has no penalty but the length of its training."""

    def layers(self, side: int, classes: int, generator: "Generator") -> "list[nn.Module]":
        """Return one linear layer."""
        return _dense((side * side, classes), generator)


@component("model", "pixel_mlp")
@dataclass(frozen=True)
class PixelMLP(PixelModel):
    """`depth` hidden layers of `width` rectified units."""

    width: Count = 64
    depth: Count = 1

    def layers(self, side: int, classes: int, generator: "Generator") -> "list[nn.Module]":
        """Return the linear layers with rectified units between."""
        return _dense((side * side, *[self.width] * self.depth, classes), generator)


@component("model", "convnet")
@dataclass(frozen=True)
class ConvNet(PixelModel):
    """Two 3 x 3 convolutions to `width` and twice as many channels, each pooled by 2, and a layer of 8 `width` units."""

    width: Count = 16
    shift: Annotated[int, whole(0)] = 2

    def layers(self, side: int, classes: int, generator: "Generator") -> "list[nn.Module]":
        """Return the convolutions and the two linear layers."""
        from torch import nn

        from experiments.networks.images import conv

        first, second = conv(1, self.width, generator), conv(self.width, 2 * self.width, generator)
        sizes = (2 * self.width * (side // 4) ** 2, 8 * self.width, classes)
        shrink = nn.MaxPool2d(2)
        return [first, nn.ReLU(), shrink, second, nn.ReLU(), shrink, *_dense(sizes, generator)]


def _dense(sizes: tuple[int, ...], generator: "Generator") -> "list[nn.Module]":
    from itertools import pairwise

    from torch import nn

    from experiments.networks.images import linear

    *hidden, last = pairwise(sizes)
    layers = [layer for pair in hidden for layer in (linear(*pair, generator), nn.ReLU())]
    return [nn.Flatten(), *layers, linear(*last, generator, gain=0)]


class _Network:
    def __init__(self, model: PixelModel, seed: int, classes: int) -> None:
        self.model, self.seed, self.classes = model, seed, classes

    def fit(self, x: pd.DataFrame, y: np.ndarray) -> "_Network":
        """Train on rows of pixels, centred and scaled by the mean and deviation of all of them."""
        import torch
        from torch import nn
        from torch.nn.functional import cross_entropy

        from experiments.networks.dense import Adam, batches
        from experiments.networks.images import device_of, placed, reproducible, shifted

        generator, self.device = torch.Generator().manual_seed(self.seed), device_of(self.model.device)
        pixels = x.to_numpy(dtype=np.float32)
        self.centre, self.spread = float(pixels.mean(dtype=np.float64)), float(pixels.std(dtype=np.float64)) or 1.0
        images = self._images(x).to(self.device)
        labels = torch.from_numpy(np.asarray(y, dtype=np.int64)).to(self.device)
        layers = self.model.layers(images.shape[-1], self.classes, generator)
        self.network = placed(nn.Sequential(*layers), self.device)
        steps, shift, background = self.model.steps, self.model.shift, -self.centre / self.spread
        optimizer = Adam(self.network.parameters(), self.model.rate, steps)
        with reproducible():
            for rows in batches(torch.arange(len(images)), min(BATCH, len(images)), steps, generator):
                chosen = rows.to(self.device)
                seen = shifted(images[chosen], shift, background, generator) if shift else images[chosen]
                optimizer.descend(cross_entropy(self.network(seen), labels[chosen]))
        return self

    def predict(self, x: pd.DataFrame) -> np.ndarray:
        """Return the most probable classes (N,)."""
        return np.asarray(self.scores(x).argmax(axis=1))

    def scores(self, x: pd.DataFrame) -> NDArray[np.float32]:
        """Return a score for each class (N, classes), larger where it is more probable."""
        from experiments.networks.images import in_slabs

        return in_slabs(self.network, self._images(x), self.device)

    def _images(self, x: pd.DataFrame) -> "Tensor":
        import torch

        pixels = (x.to_numpy(dtype=np.float32) - np.float32(self.centre)) / np.float32(self.spread)
        side = round(pixels.shape[1] ** 0.5)
        return torch.from_numpy(pixels).reshape(-1, 1, side, side)
