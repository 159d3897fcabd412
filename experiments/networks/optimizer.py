"""AdamW on all networks at once: one fused pass over one flat buffer."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from experiments.networks.stack import Stack


class AdamW:
    """Decoupled weight decay and Adam with the usual constants (Loshchilov and Hutter, 2019), as `torch.optim.AdamW`.

    Parameters
    ----------
    stack : Stack
        The networks to change in place.
    weight_decay : float
        At least 0.
    """

    def __init__(self, stack: Stack, weight_decay: float) -> None:
        self.stack, self.weight_decay = stack, weight_decay
        self.gradient, self.mean, self.square = stack.empty_like(), stack.empty_like(), stack.empty_like()
        self.taken = stack.flat.new_zeros((), dtype=torch.float32)

    def select(self, rows: Tensor) -> AdamW:
        """Return the optimiser of a copy of the networks at these positions, at the same step."""
        chosen = AdamW(self.stack.select(rows), self.weight_decay)
        chosen.mean, chosen.square, chosen.taken = self.mean.select(rows), self.square.select(rows), self.taken
        return chosen

    def step(self, groups: Sequence[tuple[slice, float]]) -> None:
        """Take one step; every group is a range of networks with its learning rate."""
        self.taken += 1
        stacks = (self.stack, self.gradient, self.mean, self.square)
        for networks, rate in groups:
            values, gradients, means, squares = (_tensors(stack, networks, len(groups) == 1) for stack in stacks)
            torch._fused_adamw_(
                values, gradients, means, squares, [], [self.taken] * len(values), lr=rate, beta1=0.9, beta2=0.999,
                eps=1e-8, weight_decay=self.weight_decay, amsgrad=False, maximize=False,
            )  # fmt: skip


def _tensors(stack: Stack, networks: slice, whole: bool) -> list[Tensor]:
    return [stack.flat] if whole else [block[networks] for block in stack.blocks]
