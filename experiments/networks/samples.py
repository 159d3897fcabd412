"""The data of networks: each one's training and held-out rows, their scaling, and the batches drawn from them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from experiments.config.registry import require
from experiments.learners.base import Array
from experiments.networks.recipe import Recipe


@dataclass(frozen=True)
class Scaling:
    """What the network sees is `(value - centre) / spread`; both (p + 1,), the response last."""

    centre: Array
    spread: Array


@dataclass(frozen=True)
class TrainingSet:
    """What one network is trained on: scaled rows, features first, the response last."""

    rows: Array
    """Training rows (n, p + 1)."""
    held: Array
    """Held-out rows (v, p + 1), v = 0 where nothing is held out."""
    scaling: Scaling
    """From the training rows alone."""
    stream: np.random.Generator
    """Gives the split, then the initial parameters, then the batches."""


def training_set(x: Array, y: Array, stream: np.random.Generator, recipe: Recipe) -> TrainingSet:
    """Return one replicate's training set from its features (n, p), responses (n,) and stream."""
    rows = np.column_stack([x, y]).astype(float)
    held = recipe.held_out(len(rows))
    if held:
        rows = rows[stream.permutation(len(rows))]
    scaling = _scaling(rows[held:], recipe)
    rows = (rows - scaling.centre) / scaling.spread
    return TrainingSet(rows[held:], rows[:held], scaling, stream)


def _scaling(rows: Array, recipe: Recipe) -> Scaling:
    centre, spread = np.zeros(rows.shape[1]), np.ones(rows.shape[1])
    scaled = slice(0, (None if recipe.loss == "squared" else -1) if recipe.standardize else 0)
    centre[scaled], deviation = rows[:, scaled].mean(0), rows[:, scaled].std(0)
    # a constant column carries nothing: centred, it stays zero
    spread[scaled] = np.where(deviation > 0, deviation, 1.0)
    return Scaling(centre, spread)


def check(x: Array, y: Array, streams: Sequence[np.random.Generator], recipe: Recipe) -> None:
    """Raise `ValueError` for wrong shapes, values that are not finite or not in [0, 1] (logistic loss), or too few rows."""
    require(x.ndim == 3 and x.size > 0, "x", "shape (R, n, p), none of them 0", x.shape)
    require(y.shape == x.shape[:2], "y", f"shape {x.shape[:2]}", y.shape)
    require(len(streams) == len(x), "streams", f"{len(x)} of them, one per replicate", len(streams))
    if recipe.held_out(x.shape[1]) >= x.shape[1]:
        raise ValueError(f"x: expected rows left to train on with holdout={recipe.holdout}, got n = {x.shape[1]}")
    for name, values in (("x", x), ("y", y)):
        if not np.isfinite(values).all():
            raise ValueError(f"{name}: expected finite values")
    if recipe.loss == "logistic" and not ((y >= 0) & (y <= 1)).all():
        raise ValueError("y: expected values in [0, 1] with loss='logistic'")


class RowOrder:
    """The order in which one network meets its n < 2**31 rows: one random permutation after another, without end."""

    def __init__(self, rows: int, stream: np.random.Generator | torch.Generator) -> None:
        self.rows, self.stream = rows, stream
        self.pending = np.empty(0, np.int32)

    def take(self, count: int) -> NDArray[np.int32]:
        """Return the next `count` row numbers; two calls give the same numbers as one."""
        missing = max(0, count - len(self.pending))
        fresh = [self._permutation() for _ in range(-(-missing // self.rows))]
        taken, self.pending = np.split(np.concatenate([self.pending, *fresh]), [count])
        return taken

    def _permutation(self) -> NDArray[np.int32]:
        """Sort random words that carry their row in the low bits: several times as fast as numpy's `permutation`."""
        if isinstance(self.stream, torch.Generator):
            return torch.randperm(self.rows, generator=self.stream).numpy().astype(np.int32)
        low = np.uint64((1 << self.rows.bit_length()) - 1)
        words = self.stream.bit_generator.random_raw(self.rows) & ~low
        words |= np.arange(self.rows, dtype=np.uint64)
        words.sort()
        return (words & low).astype(np.int32)


class Batches:
    """The training rows of all networks, whose numbers may differ, and the batches of B rows drawn from them."""

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
