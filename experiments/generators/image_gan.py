"""Convolutional adversarial network of images, given their class."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from experiments.config.registry import Count, component
from experiments.generators.gan import Game
from experiments.generators.images import Device, DrawImages, ImageGenerator, Images

BATCH = 64
"""Images per step."""


@component("generator", "image_gan")
@dataclass(frozen=True)
class ImageGan(ImageGenerator):
    """Noise and a class become an image; a judge tells it from training images (Goodfellow et al. 2014).

    Losses, penalty and averaging are those of `gan`, which settle (Huang et al. 2024); maker and judge are convolutional, the
    judge has a score for each class. `steps` is its training length; more is not always better.
    """

    steps: Count = 2000
    width: Count = 16
    latent: Count = 32
    device: Device = "auto"

    costly: ClassVar[bool] = True

    def learn(self, images: Images, labels: NDArray[np.int64], classes: int, rng: np.random.Generator) -> DrawImages:
        """Train maker and judge in turn."""
        import torch

        from experiments.networks.adversaries import Judge, maker
        from experiments.networks.dense import batches, seeded
        from experiments.networks.images import device_of, in_slabs, indicators, placed, reproducible

        generator, device, side = seeded(rng), device_of(self.device), round(images.shape[1] ** 0.5)
        making = maker(self.latent + classes, side, self.width, generator)
        judging = Judge(side, classes, self.width, generator)
        game = Game(placed(making, device), placed(judging, device), self.steps)
        data, given = torch.from_numpy(2 * images - 1).to(device), indicators(labels, classes).to(device)
        with reproducible():
            for rows in batches(torch.arange(len(data)), BATCH, self.steps, generator):
                noise = torch.randn((len(rows), self.latent), generator=generator).to(device)
                game.play(data[rows.to(device)], noise, given[rows.to(device)])

        def draw(wanted: NDArray[np.int64], rng: np.random.Generator) -> Images:
            noise = torch.from_numpy(rng.standard_normal((len(wanted), self.latent), dtype=np.float32))
            made = in_slabs(game.averaged, torch.cat([noise, indicators(wanted, classes)], dim=1), device)
            return np.asarray(0.5 * made + 0.5)

        return draw
