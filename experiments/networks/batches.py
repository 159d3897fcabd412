"""Batches of all networks at once, each network's drawn from its own stream."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from experiments.networks.samples import TrainingSet


class RowOrder:
    """The order in which one network meets its n rows: one random permutation after another, without end.

    Parameters
    ----------
    rows : int
        n, below 2**31.
    stream : numpy.random.Generator
        The network's own.
    """

    def __init__(self, rows: int, stream: np.random.Generator) -> None:
        self.rows, self.stream = rows, stream
        self.pending = np.empty(0, np.int32)

    def take(self, count: int) -> NDArray[np.int32]:
        """Return the next `count` row numbers; how they are asked for in portions does not matter."""
        missing = max(0, count - len(self.pending))
        fresh = [self._permutation() for _ in range(-(-missing // self.rows))]
        taken, self.pending = np.split(np.concatenate([self.pending, *fresh]), [count])
        return taken

    def _permutation(self) -> NDArray[np.int32]:
        """Sort random words that carry their row in the low bits: several times as fast as `Generator.permutation`."""
        low = np.uint64((1 << self.rows.bit_length()) - 1)
        words = self.stream.bit_generator.random_raw(self.rows) & ~low
        words |= np.arange(self.rows, dtype=np.uint64)
        words.sort()
        return (words & low).astype(np.int32)


class Batches:
    """The training rows of all networks, and the batches drawn from them.

    Parameters
    ----------
    sets : sequence of TrainingSet
        One per network; numbers of rows may differ.
    batch_size : int
        B.
    like : Tensor
        Gives dtype and device.
    """

    def __init__(self, sets: Sequence[TrainingSet], batch_size: int, like: Tensor) -> None:
        self.batch_size = batch_size
        self.rows = torch.cat([torch.from_numpy(one.rows).to(like) for one in sets])
        counts = [len(one.rows) for one in sets]
        self.first = np.cumsum([0, *counts[:-1]]).astype(np.int32)
        self.orders = [RowOrder(count, one.stream) for count, one in zip(counts, sets)]

    def draw(self, networks: Sequence[int], steps: int) -> Tensor:
        """Return the next batches of these networks, (steps, len(networks), B, p + 1)."""
        index = np.empty((steps, len(networks), self.batch_size), np.int32)
        for column, network in enumerate(networks):
            taken = self.orders[network].take(steps * self.batch_size)
            index[:, column] = taken.reshape(steps, -1) + self.first[network]
        where = torch.from_numpy(index).to(self.rows.device)
        return self.rows.index_select(0, where.view(-1)).view(*where.shape, -1)
