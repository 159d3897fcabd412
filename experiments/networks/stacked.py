"""Networks with several outputs for tables, trained side by side: each takes its own steps on its own rows.

(The other modules here train networks with one output, many times as many; classes need several.)
"""

from collections.abc import Sequence
from math import sqrt

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import cross_entropy

from experiments.networks.dense import Adam, batches, single_thread

Array = NDArray[np.float64]


class Networks:
    """R networks with one hidden layer of rectified units.

    Parameters
    ----------
    inputs, hidden, outputs : int
        Layer sizes.
    generators : sequence of torch.Generator
        One for each network: its initial parameters, and later its batches.
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
        """Descend cross entropy (or squared error where `classes` is 0) by Adam.

        Parameters
        ----------
        x : Array (R, n, inputs)
            Training features.
        y : array (R, n)
            Class labels, or numbers.
        classes : int
            Number of classes, 0 for regression.
        epochs, batch : int
            Passes through the rows, rows a step.
        rate : float
            First learning rate; it falls to 0 along a cosine.
        """
        features = torch.from_numpy(x.astype(np.float32))
        responses = torch.from_numpy(y.astype(np.int64 if classes else np.float32))
        steps, size = epochs * max(1, x.shape[1] // batch), min(batch, x.shape[1])
        optimizer = Adam(self.parameters, rate, steps)
        every = torch.arange(x.shape[1])
        orders = [batches(every, size, steps, g) for g in self.generators]
        which = torch.arange(len(orders))[:, None]
        with single_thread():
            for rows in map(torch.stack, zip(*orders)):
                out = self.outputs(features[which, rows])
                wanted = responses[which, rows]
                loss = _losses(out, wanted, classes)
                optimizer.descend(loss.mean(dim=1).sum())

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
