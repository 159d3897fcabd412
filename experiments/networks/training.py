"""Training of many networks at once, each as if alone: steps taken together, own batches, own early stopping."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from experiments.learners.base import Array
from experiments.networks.passes import LOSSES, Pass, outputs
from experiments.networks.recipe import Recipe
from experiments.networks.samples import Batches, TrainingSet
from experiments.networks.stack import Stack, adam_step, initialize

Flags = NDArray[np.bool_]

BLOCK = 32
"""Steps whose batches are gathered at once: enough to spread the cost of the call, few enough to stay in cache."""


class HeldOut:
    """The held-out rows (v, p + 1) of all networks, v of each its own, and the losses seen on them."""

    def __init__(self, held: Sequence[Array], recipe: Recipe, like: Tensor) -> None:
        self.recipe = recipe
        most = max(len(rows) for rows in held)
        self.rows = like.new_zeros(len(held), most, held[0].shape[1])
        self.weights = like.new_zeros(len(held), most)
        for network, rows in enumerate(held):
            self.rows[network, : len(rows)] = torch.as_tensor(rows)
            self.weights[network, : len(rows)] = 1.0 / max(1, len(rows))
        self.least = np.full(len(held), np.inf)
        self.misses = np.zeros(len(held), int)

    def losses(self, stack: Stack, networks: NDArray[np.intp]) -> Array:
        """Return the mean held-out loss of these networks, whose parameters `stack` holds in this order."""
        which = torch.from_numpy(networks).to(self.rows.device)
        rows, weights = self.rows[which], self.weights[which]
        value = LOSSES[self.recipe.loss].value(outputs(stack, rows[..., :-1], self.recipe.activation), rows[..., -1])
        return np.asarray((value * weights).sum(1).double().cpu())

    def look(self, stack: Stack, networks: NDArray[np.intp], due: Flags) -> tuple[Flags, Flags]:
        """Return which of the networks reached a new least loss, and which have run out of patience.

        Those that are not due are left as they were and reported as neither.
        """
        losses = self.losses(stack, networks)
        better = due & (losses < self.least[networks])
        self.least[networks[better]] = losses[better]
        self.misses[networks] = np.where(better, 0, self.misses[networks] + due)
        return better, due & (self.misses[networks] >= self.recipe.patience)


class Lockstep:
    """Networks that take their steps together, changed in place, with Adam's running means.

    `horizons (R,)` are the numbers of steps of every network's whole training: they set the learning rate.
    """

    def __init__(self, stack: Stack, mean: Stack, square: Stack, recipe: Recipe, horizons: NDArray[np.int64]) -> None:
        self.stack, self.mean, self.square, self.gradient = stack, mean, square, stack.empty_like()
        self.recipe, self.horizons = recipe, horizons
        self.run = Pass(stack, recipe.batch_size, recipe.activation)
        self.groups = _runs(horizons if recipe.schedule != "constant" else np.full_like(horizons, horizons[0]))

    def select(self, positions: Tensor) -> Lockstep:
        """Return copies of the networks at these positions, to be trained on."""
        stack, mean, square = (each.select(positions) for each in (self.stack, self.mean, self.square))
        return Lockstep(stack, mean, square, self.recipe, self.horizons[positions.cpu().numpy()])

    def step(self, batch: Tensor, number: int) -> None:
        """Take step `number` (from 0) on the batch (R, B, p + 1), the response last."""
        x, y = batch[..., :-1], batch[..., -1:]
        slope = LOSSES[self.recipe.loss].slope(self.run.forward(x), y).div_(self.recipe.batch_size)
        self.run.backward(x, slope, self.gradient)
        stacks, whole = (self.stack, self.gradient, self.mean, self.square), len(self.groups) == 1
        for networks, horizon in self.groups:
            values, slopes, means, squares = (
                [each.flat] if whole else [block[networks] for block in each.blocks] for each in stacks
            )
            rate, decay = self.recipe.rate(number, horizon), self.recipe.weight_decay
            adam_step(values, slopes, means, squares, number, rate, weight_decay=decay)


class Training:
    """One chunk of networks, from their initial parameters to the ones kept; `like` gives dtype and device."""

    def __init__(self, sets: Sequence[TrainingSet], recipe: Recipe, like: Tensor) -> None:
        self.recipe, self.done = recipe, 0
        self.horizons = np.array([recipe.horizon(len(one.rows)) for one in sets])
        self.active = np.arange(len(sets))
        stack = initialize(recipe, sets[0].rows.shape[1] - 1, [one.stream for one in sets], like)
        self.kept = stack.empty_like()
        # parameters that are never kept must not be mistaken for a network
        self.kept.flat.fill_(torch.nan)
        self.batches = Batches(sets, recipe.batch_size, like)
        self.heldout = HeldOut([one.held for one in sets], recipe, like)
        self.lockstep = Lockstep(stack, stack.empty_like(), stack.empty_like(), recipe, self.horizons)

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
            worth, tired = self.heldout.look(self.lockstep.stack, self.active, due)
        self._keep(np.flatnonzero(worth))
        self._go_on(np.flatnonzero(~(ended | tired)))

    def _keep(self, positions: NDArray[np.intp]) -> None:
        chosen = self.lockstep.stack.select(self._tensor(positions))
        self.kept.put(self._tensor(self.active[positions]), chosen)

    def _go_on(self, positions: NDArray[np.intp]) -> None:
        if len(positions) < len(self.active):
            self.active = self.active[positions]
            if self.active.size:
                self.lockstep = self.lockstep.select(self._tensor(positions))

    def _tensor(self, positions: NDArray[np.intp]) -> Tensor:
        return torch.from_numpy(positions).to(self.kept.flat.device)


def _runs(keys: NDArray[np.int64]) -> list[tuple[slice, int]]:
    """Return the runs of equal keys as (positions, key)."""
    lengths = [(len(list(run)), int(key)) for key, run in groupby(keys)]
    ends = np.cumsum([length for length, _ in lengths])
    return [(slice(end - length, end), key) for end, (length, key) in zip(ends.tolist(), lengths)]
