"""Maker and judge of images: the two networks of an adversarial game."""

import torch
from torch import Tensor, nn

from experiments.networks.images import conv, doubled, linear

SLOPE = 0.2
"""Of leaky rectified units."""


def maker(inputs: int, side: int, width: int, generator: torch.Generator) -> nn.Module:
    """Return a network from noise and class indicators (B, inputs) to images (B, side²), values in [-1, 1]."""
    start = 2 * width, side // 4, side // 4
    return nn.Sequential(
        linear(inputs, 2 * width * (side // 4) ** 2, generator), nn.LeakyReLU(SLOPE), nn.Unflatten(1, start),
        doubled(2 * width, width, generator), nn.LeakyReLU(SLOPE), conv(width, width, generator), nn.LeakyReLU(SLOPE),
        doubled(width, 1, generator), nn.Tanh(), nn.Flatten(),
    )


class Judge(nn.Module):
    """Three convolutions and a linear layer with one score per class, of which the one asked for counts."""

    def __init__(self, side: int, classes: int, width: int, generator: torch.Generator) -> None:
        super().__init__()
        self.side = side
        self.layers = nn.Sequential(
            conv(1, width, generator, stride=2), nn.LeakyReLU(SLOPE),
            conv(width, 2 * width, generator, stride=2), nn.LeakyReLU(SLOPE),
            conv(2 * width, 2 * width, generator), nn.LeakyReLU(SLOPE),
            nn.Flatten(), linear(2 * width * (side // 4) ** 2, classes, generator),
        )

    def forward(self, rows: Tensor) -> Tensor:
        """Return scores (B,) of images followed by class indicators (B, side² + classes)."""
        pixels = self.side**2
        scores = self.layers(rows[:, :pixels].reshape(-1, 1, self.side, self.side))
        return torch.sum(scores * (rows[:, pixels:] > 0), dim=1)
