"""Training of many networks at once, each as if alone: lockstep steps, own batches, own early stop."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from experiments.networks.batches import Batches
from experiments.networks.heldout import HeldOut
from experiments.networks.losses import LOSSES
from experiments.networks.optimizer import AdamW
from experiments.networks.passes import Pass
from experiments.networks.recipe import Recipe
from experiments.networks.samples import TrainingSet
from experiments.networks.stack import Stack, initialize

BLOCK = 32
"""Steps whose batches are gathered at once: enough to spread the cost of the call, few enough to stay in cache."""


class Lockstep:
    """Networks that take their steps together.

    Parameters
    ----------
    optimizer : AdamW
        Holds the networks.
    recipe : Recipe
        How they are trained.
    horizons : array (R,)
        The number of steps of every network's whole training: it sets the learning rate.
    """

    def __init__(self, optimizer: AdamW, recipe: Recipe, horizons: NDArray[np.int64]) -> None:
        self.optimizer, self.recipe = optimizer, recipe
        self.slope = LOSSES[recipe.loss].slope
        self.run = Pass(optimizer.stack, recipe.batch_size, recipe.activation)
        self.runs = _runs(horizons if recipe.schedule != "constant" else np.full_like(horizons, horizons[0]))

    def step(self, batch: Tensor, number: int) -> None:
        """Take step `number` (from 0) on the batch (R, B, p + 1), the response last."""
        x, y = batch[..., :-1], batch[..., -1:]
        slope = self.slope(self.run.forward(x), y).div_(self.recipe.batch_size)
        self.run.backward(x, slope, self.optimizer.gradient)
        self.optimizer.step([(run, self.recipe.rate(number, horizon)) for run, horizon in self.runs])


class Training:
    """One chunk of networks, from their initial parameters to the ones kept.

    Parameters
    ----------
    sets : sequence of TrainingSet
        One per network.
    recipe : Recipe
        How they are trained.
    like : Tensor
        Gives dtype and device.
    """

    def __init__(self, sets: Sequence[TrainingSet], recipe: Recipe, like: Tensor) -> None:
        self.recipe, self.done = recipe, 0
        self.horizons = np.array([recipe.horizon(len(one.rows)) for one in sets])
        self.active = np.arange(len(sets))
        stack = initialize(recipe, sets[0].rows.shape[1] - 1, [one.stream for one in sets], like)
        self.kept = stack.empty_like()
        # what is never kept must not pass for a network
        self.kept.flat.fill_(torch.nan)
        self.batches = Batches(sets, recipe.batch_size, like)
        self.heldout = HeldOut([one.held for one in sets], recipe, like)
        self.lockstep = Lockstep(AdamW(stack, recipe.weight_decay), recipe, self.horizons)

    def finish(self) -> Stack:
        """Train to the end and return the kept parameters of every network."""
        while self.active.size:
            self.advance(self._next_stop())
            self._look()
        return self.kept

    def advance(self, stop: int) -> None:
        """Take the steps up to number `stop`."""
        while self.done < stop:
            for batch in self.batches.draw(self.active.tolist(), min(BLOCK, stop - self.done)):
                self.lockstep.step(batch, self.done)
                self.done += 1

    def _next_stop(self) -> int:
        """Return the next step at which a network may have to be looked at."""
        end = int(self.horizons[self.active].min())
        every = self.recipe.check_every
        return min(end, (self.done // every + 1) * every) if self.recipe.holdout > 0 else end

    def _look(self) -> None:
        """Keep the networks that did best so far, and let go of those that are done."""
        ended = self.horizons[self.active] <= self.done
        worth, tired = ended, np.zeros_like(ended)
        if self.recipe.holdout > 0:
            due = ended | (self.done % self.recipe.check_every == 0)
            worth, tired = self.heldout.look(self.lockstep.optimizer.stack, self.active, due)
        self._keep(np.flatnonzero(worth))
        self._go_on(np.flatnonzero(~(ended | tired)))

    def _keep(self, positions: NDArray[np.intp]) -> None:
        chosen = self.lockstep.optimizer.stack.select(self._tensor(positions))
        self.kept.put(self._tensor(self.active[positions]), chosen)

    def _go_on(self, positions: NDArray[np.intp]) -> None:
        if len(positions) < len(self.active):
            self.active = self.active[positions]
            if self.active.size:
                remaining = self.lockstep.optimizer.select(self._tensor(positions))
                self.lockstep = Lockstep(remaining, self.recipe, self.horizons[self.active])

    def _tensor(self, positions: NDArray[np.intp]) -> Tensor:
        return torch.from_numpy(positions).to(self.kept.flat.device)


def _runs(keys: NDArray[np.int64]) -> list[tuple[slice, int]]:
    """Return the runs of equal keys as (positions, key)."""
    lengths = [(len(list(run)), int(key)) for key, run in groupby(keys)]
    ends = np.cumsum([length for length, _ in lengths])
    return [(slice(end - length, end), key) for end, (length, key) in zip(ends.tolist(), lengths)]
