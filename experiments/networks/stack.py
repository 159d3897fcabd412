"""The parameters of R networks of one shape in one flat buffer, their initial values, and the optimiser's step."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import torch
from torch import Tensor
from torch.optim.adam import adam

from experiments.networks.recipe import Recipe


class Stack:
    """Weights (R, in, out) and biases (R, 1, out) of every layer, as views of one flat tensor.

    One buffer lets the optimiser treat all parameters of all networks as a single tensor; layer-major order keeps each
    layer's stack contiguous, as batched products want it. `sizes` are the units per layer, inputs first; `like` gives
    dtype and device.
    """

    def __init__(self, sizes: Sequence[int], networks: int, like: Tensor) -> None:
        self.sizes, self.networks = tuple(sizes), networks
        self.flat = like.new_zeros(networks * parameter_count(sizes))
        shapes = [shape for pair in pairwise(sizes) for shape in (pair, (1, pair[1]))]
        pieces = torch.split(self.flat, [networks * math.prod(shape) for shape in shapes])
        self.blocks = [piece.view(networks, *shape) for piece, shape in zip(pieces, shapes)]
        self.weights, self.biases = self.blocks[0::2], self.blocks[1::2]

    def empty_like(self) -> Stack:
        """Return a stack of the same shape, all zeros."""
        return Stack(self.sizes, self.networks, self.flat)

    def select(self, rows: Tensor) -> Stack:
        """Return a copy of the networks at these positions."""
        chosen = Stack(self.sizes, len(rows), self.flat)
        for mine, theirs in zip(chosen.blocks, self.blocks):
            torch.index_select(theirs, 0, rows, out=mine)
        return chosen

    def put(self, rows: Tensor, other: Stack) -> None:
        """Overwrite the networks at these positions by those of `other`."""
        for mine, theirs in zip(self.blocks, other.blocks):
            mine.index_copy_(0, rows, theirs)


def parameter_count(sizes: Sequence[int]) -> int:
    """Return the number of parameters of one network, sum of (in + 1) out over its layers."""
    return sum((fan_in + 1) * fan_out for fan_in, fan_out in pairwise(sizes))


def initialize(recipe: Recipe, inputs: int, streams: Sequence[np.random.Generator], like: Tensor) -> Stack:
    """Return the recipe's initial networks, each drawn from its own stream: weights then biases, layer by layer."""
    stack = Stack(recipe.sizes(inputs), len(streams), like)
    for row, stream in enumerate(streams):
        for weight, bias in zip(stack.weights, stack.biases):
            limit = recipe.limit(*weight.shape[1:])
            for block in (weight, bias):
                block[row] = torch.from_numpy(stream.uniform(-limit, limit, tuple(block.shape[1:])))
    return stack


def adam_step(
    values: list[Tensor], gradients: list[Tensor], means: list[Tensor], squares: list[Tensor], taken: int, rate: float,
    betas: tuple[float, float] = (0.9, 0.999), weight_decay: float = 0.0,
) -> None:
    """Take one step of Adam with decoupled weight decay (Kingma, Ba 2015; Loshchilov, Hutter 2019), in place.

    The class `torch.optim.AdamW` takes the same step, but making one imports a compiler, which takes seconds.
    `means` and `squares` are the running means of gradients and of their squares, of which a step keeps the shares `betas`;
    `taken` is the number of steps before this one.
    """
    counts = list(values[0].new_full((len(values),), taken, dtype=torch.float32).unbind())
    adam(
        values, gradients, means, squares, [], counts, fused=True, decoupled_weight_decay=True, lr=rate, beta1=betas[0],
        beta2=betas[1], weight_decay=weight_decay, eps=1e-8, amsgrad=False, maximize=False,
    )
