"""Small networks trained by autograd, for generators and models of tables: explicit random numbers, one thread.

The other modules here train networks with one output, many times as many; these have several outputs.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import pairwise
from math import cos, pi, sqrt

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from experiments.learners.base import Array
from experiments.networks.samples import RowOrder
from experiments.networks.stack import adam_step


def seeded(rng: np.random.Generator) -> torch.Generator:
    """Return a torch generator whose seed is drawn from `rng`."""
    return torch.Generator().manual_seed(int(rng.integers(2**62)))


@contextmanager
def single_thread() -> Iterator[None]:
    """Run torch on one thread: the number of threads changes the bits of matrix products."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def initialised(layer: nn.Linear | nn.Conv2d, generator: torch.Generator) -> nn.Linear | nn.Conv2d:
    """Return a layer that was built on the device `meta`, its parameters uniform on ±1/sqrt(fan in)."""
    limit = 1 / sqrt(layer.weight[0].numel())
    layer.to_empty(device="cpu")
    for parameter in layer.parameters():
        nn.init.uniform_(parameter, -limit, limit, generator=generator)
    return layer


def dense(sizes: Sequence[int], generator: torch.Generator) -> nn.Sequential:
    """Return a network with these layer sizes, inputs first, SiLU between, parameters uniform on ±1/sqrt(fan in)."""
    layers: list[nn.Module] = []
    for fan_in, fan_out in pairwise(sizes):
        layers += [initialised(nn.Linear(fan_in, fan_out, device="meta"), generator), nn.SiLU()]
    return nn.Sequential(*layers[:-1])


class Adam:
    """Adam on a loss that autograd follows; its parameters are changed in place by `descend`.

    The learning rate falls from `rate` to 0 along a cosine of this many steps, or is constant where `steps` is 0.
    """

    def __init__(
        self, parameters: Iterable[Tensor], rate: float, steps: int = 0, betas: tuple[float, float] = (0.9, 0.999)
    ) -> None:
        self.parameters = list(parameters)
        self.rate, self.steps, self.betas, self.taken = rate, steps, betas, 0
        self.means, self.squares = ([torch.zeros_like(p) for p in self.parameters] for _ in range(2))

    def descend(self, loss: Tensor) -> None:
        """Take one step down the loss."""
        gradients = list(torch.autograd.grad(loss, self.parameters))
        rate = self.rate * (0.5 + 0.5 * cos(pi * self.taken / self.steps)) if self.steps else self.rate
        with torch.no_grad():
            adam_step(self.parameters, gradients, self.means, self.squares, self.taken, rate, self.betas)
        self.taken += 1


def batches(rows: Tensor, size: int, steps: int, generator: torch.Generator) -> Iterator[Tensor]:
    """Yield `steps` batches of `size` rows, one random order of all rows after another."""
    order = RowOrder(len(rows), generator)
    for _ in range(steps):
        yield rows[torch.from_numpy(order.take(size))]


def conditioned(vectors: NDArray[np.float64], labels: NDArray[np.int64], classes: int) -> Tensor:
    """Return vectors (n, q) followed by class indicators (n, classes), in single precision."""
    indicators = np.eye(classes)[labels]
    return torch.from_numpy(np.concatenate([vectors, indicators], axis=1).astype(np.float32))


class Networks:
    """R networks with one hidden layer of rectified units, trained side by side, each on its own rows.

    Each network's generator gives its initial parameters, and later its batches.
    """

    def __init__(self, inputs: int, hidden: int, outputs: int, generators: Sequence[torch.Generator]) -> None:
        self.generators = list(generators)
        shapes = ((inputs, hidden), (1, hidden), (hidden, outputs), (1, outputs))
        limits = [1 / sqrt(fan_in) for fan_in in (inputs, inputs, hidden, hidden)]
        self.parameters = [
            torch.stack([(2 * torch.rand(shape, generator=g) - 1) * limit for g in generators]).requires_grad_()
            for shape, limit in zip(shapes, limits)
        ]

    def outputs(self, x: Tensor) -> Tensor:
        """Return outputs (R, N, outputs) at points (R, N, inputs)."""
        first, shift, second, last = self.parameters
        return torch.baddbmm(last, torch.baddbmm(shift, x, first).relu(), second)

    def train(self, x: Array, y: NDArray[np.generic], classes: int, epochs: int, batch: int, rate: float) -> None:
        """Descend cross entropy (or squared error where `classes` is 0) by Adam, its rate falling to 0 along a cosine.

        Features `x (R, n, inputs)`, responses `y (R, n)`; `batch` rows per step.
        """
        features = torch.from_numpy(x.astype(np.float32))
        responses = torch.from_numpy(y.astype(np.int64 if classes else np.float32))
        steps, size = epochs * max(1, x.shape[1] // batch), min(batch, x.shape[1])
        optimizer = Adam(self.parameters, rate, steps)
        orders = [batches(torch.arange(x.shape[1]), size, steps, g) for g in self.generators]
        which = torch.arange(len(orders))[:, None]
        with single_thread():
            for rows in map(torch.stack, zip(*orders)):
                losses = _losses(self.outputs(features[which, rows]), responses[which, rows], classes)
                optimizer.descend(losses.mean(dim=1).sum())

    @torch.no_grad()
    def predict(self, network: int, x: Array) -> Array:
        """Return outputs (N, outputs) of one network at points (N, inputs)."""
        first, shift, second, last = (p[network] for p in self.parameters)
        with single_thread():
            hidden = (torch.from_numpy(x.astype(np.float32)) @ first + shift).relu()
            return np.asarray((hidden @ second + last).double().numpy())


def _losses(out: Tensor, wanted: Tensor, classes: int) -> Tensor:
    """Losses (R, B) of outputs (R, B, K) at responses (R, B)."""
    if not classes:
        return (out[..., 0] - wanted) ** 2
    return cross_entropy(out.transpose(1, 2), wanted, reduction="none")
