"""A small U-Net: from an image, a time and a class to an image of the same size."""

from math import pi

import torch
from torch import Tensor, nn
from torch.nn.functional import silu

from experiments.networks.images import conv, doubled, linear

FREQUENCIES, GROUPS = 8, 4
"""Sines and cosines of the time; groups of channels that are normalised together."""


class UNet(nn.Module):
    """Squares of 2 x 2 pixels as channels, residual blocks of `width` channels, of twice as many at half the side, and back.

    Blocks know time and class by a shift of their channels, the coarse ones at each place too. Sides and `width` are multiples
    of 4.
    """

    def __init__(self, side: int, classes: int, width: int, generator: torch.Generator) -> None:
        super().__init__()
        self.side = side
        self.embed = linear(2 * FREQUENCIES + classes, 4 * width, generator)
        self.enter, self.leave = conv(4, width, generator), conv(width, 4, generator, gain=0)
        self.down, self.up = conv(width, 2 * width, generator, stride=2), doubled(2 * width, width, generator)
        self.place = linear(4 * width, 2 * width * (side // 4) ** 2, generator)
        self.merge = conv(2 * width, width, generator)
        widths = (width, 2 * width, 2 * width, width)
        self.blocks = nn.ModuleList(_Block(channels, 4 * width, generator) for channels in widths)

    def forward(self, pixels: Tensor, time: Tensor, condition: Tensor) -> Tensor:
        """Return images (B, pixels) from images (B, pixels), times (B, 1) in [0, 1] and class indicators (B, classes)."""
        angles = time * (pi * 2.0 ** torch.arange(FREQUENCIES, device=time.device) / 4)
        known = silu(self.embed(torch.cat([angles.sin(), angles.cos(), condition], dim=1)))
        first, second, third, last = self.blocks
        fine = first(self.enter(nn.functional.pixel_unshuffle(pixels.view(-1, 1, self.side, self.side), 2)), known)
        below = self.down(fine)
        coarse = third(second(below + self.place(known).view_as(below), known), known)
        merged = self.merge(torch.cat([fine, self.up(coarse)], dim=1))
        return nn.functional.pixel_shuffle(self.leave(silu(last(merged, known))), 2).flatten(1)


class _Block(nn.Module):
    """Two normalised convolutions beside the identity; what is known shifts the channels between them."""

    def __init__(self, channels: int, known: int, generator: torch.Generator) -> None:
        super().__init__()
        self.norms = nn.ModuleList(nn.GroupNorm(GROUPS, channels) for _ in range(2))
        self.convs = nn.ModuleList(conv(channels, channels, generator, gain=gain) for gain in (2, 0))
        self.shift = linear(known, channels, generator)

    def forward(self, x: Tensor, known: Tensor) -> Tensor:
        inner = self.convs[0](silu(self.norms[0](x))) + self.shift(known)[:, :, None, None]
        return torch.add(x, self.convs[1](silu(self.norms[1](inner))))
