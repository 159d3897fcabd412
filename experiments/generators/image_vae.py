"""Convolutional variational autoencoder of images, given their class."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from experiments.config.registry import Count, component
from experiments.generators.images import Device, DrawImages, ImageGenerator, Images

BATCH, RATE = 64, 2e-3
"""Images per step, first learning rate of Adam (it falls to 0 along a cosine)."""


@component("generator", "image_vae")
@dataclass(frozen=True)
class ImageVae(ImageGenerator):
    """A normal latent variable, decoded given the class; trained on the evidence lower bound (Kingma, Welling 2014).

    Two convolutions of `width` and twice as many channels on either side; grey levels count as probabilities, and
    what is drawn is their mean given the latent variable, without noise. `steps` is its training length.
    """

    steps: Count = 2000
    width: Count = 16
    latent: Count = 16
    device: Device = "auto"

    costly: ClassVar[bool] = True

    def learn(self, images: Images, labels: NDArray[np.int64], classes: int, rng: np.random.Generator) -> DrawImages:
        """Train encoder and decoder together."""
        import torch
        from torch import nn
        from torch.nn.functional import binary_cross_entropy_with_logits

        from experiments.networks.dense import Adam, batches, seeded
        from experiments.networks.images import (
            conv,
            device_of,
            doubled,
            in_slabs,
            indicators,
            linear,
            placed,
            reproducible,
        )

        generator, device, c = seeded(rng), device_of(self.device), self.width
        side = round(images.shape[1] ** 0.5)
        flat = 2 * c * (side // 4) ** 2
        encoder = nn.Sequential(
            conv(1 + classes, c, generator, stride=2), nn.SiLU(), conv(c, 2 * c, generator, stride=2), nn.SiLU(),
            nn.Flatten(), linear(flat, 2 * self.latent, generator),
        )
        decoder = nn.Sequential(
            linear(self.latent + classes, flat, generator), nn.SiLU(), nn.Unflatten(1, (2 * c, side // 4, side // 4)),
            doubled(2 * c, c, generator), nn.SiLU(), doubled(c, 1, generator), nn.Flatten(),
        )
        for part in (encoder, decoder):
            placed(part, device)
        optimizer = Adam([*encoder.parameters(), *decoder.parameters()], RATE, self.steps)
        data, given = torch.from_numpy(images).to(device), indicators(labels, classes).to(device)
        with reproducible():
            for rows in batches(torch.arange(len(data)), BATCH, self.steps, generator):
                seen, condition = data[rows.to(device)], given[rows.to(device)]
                planes = condition[:, :, None, None].expand(-1, -1, side, side)
                mean, log_scale = encoder(torch.cat([seen.view(-1, 1, side, side), planes], dim=1)).chunk(2, dim=1)
                noise = torch.randn(mean.shape, generator=generator).to(device)
                decoded = decoder(torch.cat([mean + log_scale.exp() * noise, condition], dim=1))
                fit = binary_cross_entropy_with_logits(decoded, seen, reduction="none").sum(dim=1)
                divergence = (0.5 * (mean**2 + (2 * log_scale).exp() - 1) - log_scale).sum(dim=1)
                optimizer.descend((fit + divergence).mean())

        def draw(wanted: NDArray[np.int64], rng: np.random.Generator) -> Images:
            latent = torch.from_numpy(rng.standard_normal((len(wanted), self.latent), dtype=np.float32))
            decoded = in_slabs(decoder, torch.cat([latent, indicators(wanted, classes)], dim=1), device)
            return np.asarray(expit(decoded))

        return draw
