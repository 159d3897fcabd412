"""Losses, and forward and backward passes of R networks at once, written out for the fully connected shape."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from experiments.networks.stack import Stack


@dataclass(frozen=True)
class Loss:
    """A loss l(f, y) of an output f and a response y."""

    value: Callable[[Tensor, Tensor], Tensor]
    """(f, y) to l(f, y), element by element."""
    slope: Callable[[Tensor, Tensor], Tensor]
    """(f, y) to the derivative of l in f, written over f."""
    link: Callable[[Tensor], Tensor]
    """Output to prediction."""


LOSSES = {
    "squared": Loss(
        value=lambda f, y: (f - y).square_(),
        slope=lambda f, y: f.sub_(y).mul_(2.0),
        link=torch.clone,
    ),
    "logistic": Loss(
        value=lambda f, y: torch.logaddexp(f, torch.zeros_like(f)) - y * f,
        slope=lambda f, y: f.sigmoid_().sub_(y),
        link=torch.sigmoid,
    ),
}

_aten = torch.ops.aten
ACTIVATIONS: dict[str, tuple[Callable[[Tensor], Tensor], Callable[[Tensor, Tensor], object]]] = {
    "relu": (torch.relu_, lambda up, value: _aten.threshold_backward.grad_input(up, value, 0, grad_input=up)),
    "tanh": (torch.tanh_, lambda up, value: _aten.tanh_backward.grad_input(up, value, grad_input=up)),
}
"""By name: what applies it in place, and what multiplies an upstream gradient in place by its slope at an activated value."""


class Pass:
    """One forward and one backward pass of R networks on their own batches of B rows, in buffers made once.

    The chain rule is written out by hand because it is faster: on one thread, a whole step of batched autograd on the same
    parameters takes 1.7 to 2.6 times as long, one of `torch.func.vmap` 2.5 to 4.6 times (`make bench` measures both).
    The networks of `stack` are read at every call, so an optimiser may change them in place.
    """

    def __init__(self, stack: Stack, batch: int, activation: str) -> None:
        self.stack = stack
        self.apply, self.slope = ACTIVATIONS[activation]
        shape = (stack.networks, batch)
        self.hidden = [stack.flat.new_empty(*shape, width) for width in stack.sizes[1:-1]]
        self.upstream = [torch.empty_like(value) for value in self.hidden]
        self.scratch = stack.flat.new_empty(*shape, stack.sizes[-2])
        self.output = stack.flat.new_empty(*shape, 1)

    def forward(self, x: Tensor) -> Tensor:
        """Return the outputs (R, B, 1) at x (R, B, p); the next call overwrites them."""
        stack = self.stack
        for value, weight, bias in zip(self.hidden, stack.weights, stack.biases):
            torch.baddbmm(bias, x, weight, out=value)
            x = self.apply(value)
        # a batched matrix-vector product takes several times as long as this product and sum
        torch.mul(x, stack.weights[-1].mT, out=self.scratch)
        torch.sum(self.scratch, 2, keepdim=True, out=self.output)
        return self.output.add_(stack.biases[-1])

    def backward(self, x: Tensor, slope: Tensor, gradient: Stack) -> None:
        """Write into `gradient` the gradient of a loss whose slope in the outputs is `slope` (R, B, 1).

        Call after `forward` at the same x.
        """
        inputs = [x, *self.hidden]
        torch.mul(inputs[-1], slope, out=self.scratch)
        torch.sum(self.scratch, 1, keepdim=True, out=gradient.weights[-1].mT)
        torch.sum(slope, 1, keepdim=True, out=gradient.biases[-1])
        if self.hidden:
            torch.mul(slope, self.stack.weights[-1].mT, out=self.upstream[-1])
        for layer in reversed(range(len(self.hidden))):
            upstream = self.upstream[layer]
            self.slope(upstream, self.hidden[layer])
            torch.bmm(inputs[layer].mT, upstream, out=gradient.weights[layer])
            torch.sum(upstream, 1, keepdim=True, out=gradient.biases[layer])
            if layer:
                torch.bmm(upstream, self.stack.weights[layer].mT, out=self.upstream[layer - 1])


SLAB = 256
"""Points per forward pass outside training: keeps its memory in proportion to the networks alone."""


def outputs(stack: Stack, points: Tensor, activation: str) -> Tensor:
    """Return the outputs (R, N) of every network at its own points (R, N, p)."""
    return torch.cat([_outputs(stack, slab, activation) for slab in torch.split(points, SLAB, dim=1)], dim=1)


def _outputs(stack: Stack, x: Tensor, activation: str) -> Tensor:
    for weight, bias in zip(stack.weights[:-1], stack.biases[:-1]):
        x = ACTIVATIONS[activation][0](torch.baddbmm(bias, x, weight))
    return torch.sum(x * stack.weights[-1].mT, 2) + stack.biases[-1].squeeze(2)
