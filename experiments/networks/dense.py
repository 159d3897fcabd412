"""Small dense networks for generators: every random number from an explicit generator, on one thread."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import pairwise
from math import cos, pi, sqrt

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn


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
    """Adam (Kingma, Ba 2015), its learning rate constant or falling to 0 along a cosine.

    `torch.optim` would do the same; making one of its optimisers imports a compiler, which takes several seconds.

    Parameters
    ----------
    parameters : iterable of Tensor
        Changed in place by `descend`.
    rate : float
        First learning rate.
    steps : int
        Number of steps until the rate is 0, or 0 for a constant rate.
    betas : pair of float
        What the running means of gradients and of their squares keep at each step.
    """

    def __init__(
        self, parameters: Iterable[Tensor], rate: float, steps: int = 0, betas: tuple[float, float] = (0.9, 0.999)
    ) -> None:
        self.parameters = list(parameters)
        self.rate, self.steps, self.betas, self.taken = rate, steps, betas, torch.zeros(())
        self.means, self.squares = ([torch.zeros_like(p) for p in self.parameters] for _ in range(2))

    def descend(self, loss: Tensor) -> None:
        """Take one step down the loss."""
        gradients = torch.autograd.grad(loss, self.parameters)
        rate = self.rate * (0.5 + 0.5 * cos(pi * float(self.taken) / self.steps)) if self.steps else self.rate
        self.taken += 1
        with torch.no_grad():
            torch._fused_adam_(
                self.parameters, list(gradients), self.means, self.squares, [], [self.taken] * len(gradients), lr=rate,
                beta1=self.betas[0], beta2=self.betas[1], eps=1e-8, weight_decay=0.0, amsgrad=False, maximize=False,
            )  # fmt: skip


def batches(rows: Tensor, size: int, steps: int, generator: torch.Generator) -> Iterator[Tensor]:
    """Yield `steps` batches of `size` rows, one random order of all rows after another."""
    order = torch.empty(0, dtype=torch.int64)
    for _ in range(steps):
        while len(order) < size:
            order = torch.cat([order, torch.randperm(len(rows), generator=generator)])
        yield rows[order[:size]]
        order = order[size:]


def conditioned(vectors: NDArray[np.float64], labels: NDArray[np.int64], classes: int) -> Tensor:
    """Return vectors (n, q) followed by class indicators (n, classes), in single precision."""
    indicators = np.eye(classes)[labels]
    return torch.from_numpy(np.concatenate([vectors, indicators], axis=1).astype(np.float32))
