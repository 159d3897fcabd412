"""Early stopping: each network's held-out loss, its least value so far, and its patience."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from experiments.learners.base import Array
from experiments.networks.losses import LOSSES
from experiments.networks.passes import outputs
from experiments.networks.recipe import Recipe
from experiments.networks.stack import Stack

Flags = NDArray[np.bool_]


class HeldOut:
    """The held-out rows of all networks and what was seen on them.

    Parameters
    ----------
    held : sequence of Array (v, p + 1)
        One per network; numbers of rows may differ.
    recipe : Recipe
        Loss, activation and patience.
    like : Tensor
        Gives dtype and device.
    """

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
