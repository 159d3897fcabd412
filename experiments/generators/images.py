"""Generators of images, class by class: what they share, normal laws and kernel densities of pixels."""

from abc import abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Literal

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import eigh

from experiments.config.registry import Count, NonNegative, component, whole
from experiments.datasets.base import Table
from experiments.datasets.pixels import GreyLevels
from experiments.generators.base import DataGenerator, Sampler, complete, drawn_labels
from experiments.generators.encoding import Array, by_class

Images = NDArray[np.float32]
DrawImages = Callable[[NDArray[np.int64], np.random.Generator], NDArray[np.floating]]
"""From class labels (m,) to images (m, pixels), one for each label."""

Device = Literal["auto", "cpu", "cuda"]


class ImageGenerator(DataGenerator):
    """A generator that learns the law of square images, values in [0, 1], given their class."""

    def fit(self, table: Table, rng: np.random.Generator) -> Sampler:
        """Learn the images of each class; see `DataGenerator.fit`. Raises `ValueError` for a table without images."""
        levels = GreyLevels.of(complete(table))
        draw = self.learn(levels.encode(table), table.y, table.classes, rng)

        def sample(size: int, rng: np.random.Generator) -> Table:
            """Draw classes by their frequencies, then an image for each."""
            labels = drawn_labels(table, size, rng)
            return levels.decode(draw(labels, rng), labels)

        return sample

    @abstractmethod
    def learn(self, images: Images, labels: NDArray[np.int64], classes: int, rng: np.random.Generator) -> DrawImages:
        """Learn the law of images (n, pixels) given their classes (n,); only classes that occur here can be drawn."""


@component("generator", "image_gaussian")
@dataclass(frozen=True)
class ImageGaussian(ImageGenerator):
    """Draw from the class's normal law in pixels; its covariance is of low rank plus a diagonal.

    The part of the sample covariance S along its `rank` first principal axes, and on the diagonal what is missing there
    of the variances: diag(S) is kept. Values outside of [0, 1] are clipped.
    """

    rank: Count = 50

    def learn(self, images: Images, labels: NDArray[np.int64], classes: int, rng: np.random.Generator) -> DrawImages:
        """Estimate mean and covariance of each class."""
        return by_class({int(c): self._law(images[labels == c].astype(np.float64)) for c in np.unique(labels)})

    def _law(self, x: Array) -> Callable[[int, np.random.Generator], Array]:
        mean, q = x.mean(axis=0), x.shape[1]
        spread = np.cov(x, rowvar=False) if len(x) > 1 else np.zeros((q, q))
        values, axes = eigh(spread, subset_by_index=[max(0, q - self.rank), q - 1])
        root = axes * np.sqrt(np.maximum(values, 0))
        left = np.sqrt(np.maximum(np.diag(spread) - (root**2).sum(axis=1), 0))

        def draw(size: int, rng: np.random.Generator) -> Array:
            common = rng.standard_normal((size, root.shape[1])) @ root.T
            return np.asarray(mean + common + left * rng.standard_normal((size, q)))

        return draw


@component("generator", "image_kernel_density")
@dataclass(frozen=True)
class ImageKernelDensity(ImageGenerator):
    """Draw a training image of the class, move it by up to `shift` pixels along each axis, add normal noise to every pixel.

    The noise has standard deviation `bandwidth`, in units of the largest grey level; values outside of [0, 1] are clipped.
    With both 0 training images are repeated. A moved digit is the same digit: its label stays right.
    """

    bandwidth: NonNegative = 0.2
    shift: Annotated[int, whole(0)] = 0

    def learn(self, images: Images, labels: NDArray[np.int64], classes: int, rng: np.random.Generator) -> DrawImages:
        """Remember the images of each class."""
        rows = {int(c): np.flatnonzero(labels == c) for c in np.unique(labels)}

        def draw(wanted: NDArray[np.int64], rng: np.random.Generator) -> Images:
            chosen = np.array([rows[c][rng.integers(len(rows[c]))] for c in wanted.tolist()], dtype=np.int64)
            noise = rng.standard_normal((len(wanted), images.shape[1]), dtype=np.float32)
            made = _moved(images[chosen], self.shift, rng) if self.shift else images[chosen]
            return made + np.float32(self.bandwidth) * noise

        return draw


def _moved(images: Images, most: int, rng: np.random.Generator) -> Images:
    """Return images (m, pixels), each moved by up to `most` pixels along both axes at random; what enters is black."""
    count, side = len(images), round(images.shape[1] ** 0.5)
    wide = np.pad(images.reshape(count, side, side), ((0, 0), (most, most), (most, most)))
    rows, columns = rng.integers(2 * most + 1, size=(2, count, 1)) + np.arange(side)
    return np.asarray(wide[np.arange(count)[:, None, None], rows[:, :, None], columns[:, None]].reshape(count, -1))
