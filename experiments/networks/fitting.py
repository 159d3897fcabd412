"""From samples to predictors: chunks of networks, trained one after another."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import torch
from torch import Tensor

from experiments.learners.base import Array, Sample
from experiments.networks.arithmetic import exact_arithmetic
from experiments.networks.losses import LOSSES
from experiments.networks.passes import SLAB, outputs
from experiments.networks.recipe import Recipe
from experiments.networks.samples import Scaling, check, training_set
from experiments.networks.stack import Stack, parameter_count
from experiments.networks.training import BLOCK, Training


class NetworkPredictor:
    """Predictions of R trained networks.

    Parameters
    ----------
    stack : Stack
        The networks.
    scalings : sequence of Scaling
        One per network.
    recipe : Recipe
        Loss and activation.
    """

    def __init__(self, stack: Stack, scalings: Sequence[Scaling], recipe: Recipe) -> None:
        self.stack, self.recipe = stack, recipe
        self.centre = np.stack([one.centre for one in scalings])[:, None]
        self.spread = np.stack([one.spread for one in scalings])[:, None]

    def __call__(self, points: Array) -> Array:
        """Return predictions (R, N) at points (N, p) shared by all networks, or (R, N, p)."""
        points = np.asarray(points, float)
        networks, inputs = len(self.centre), self.centre.shape[2] - 1
        if points.ndim not in (2, 3) or points.shape[-1] != inputs or points.shape[:-2] not in ((), (networks,)):
            raise ValueError(f"points: expected (N, {inputs}) or ({networks}, N, {inputs}), got {points.shape}")
        with exact_arithmetic():
            slabs = [self._predict(points[..., start : start + SLAB, :]) for start in range(0, points.shape[-2], SLAB)]
        return np.concatenate([np.empty((networks, 0)), *slabs], axis=1)

    def _predict(self, points: Array) -> Array:
        scaled = (points - self.centre[..., :-1]) / self.spread[..., :-1]
        output = outputs(self.stack, torch.from_numpy(scaled).to(self.stack.flat), self.recipe.activation)
        value = LOSSES[self.recipe.loss].link(output).double().cpu().numpy()
        return np.asarray(value * self.spread[..., -1] + self.centre[..., -1])


def fit(samples: Sequence[Sample], recipe: Recipe) -> list[NetworkPredictor]:
    """Fit one network per replicate of every sample, all of them together, and return one predictor per sample.

    Parameters
    ----------
    samples : sequence of Sample
        Features (R, n, p), responses (R, n) and R streams each; R and n may differ between samples, p may not.
    recipe : Recipe
        How the networks look and are trained.

    Raises
    ------
    ValueError
        Samples that do not fit (see `check`), or no GPU where one is asked for.
    """
    for sample in samples:
        check(*sample, recipe)
    if len({sample[0].shape[2] for sample in samples}) != 1:
        raise ValueError("samples: expected the same number of features in all of them")
    like = torch.empty(0, dtype=getattr(torch, recipe.dtype), device=_device(recipe))
    jobs = [job for sample in samples for job in zip(*sample)]
    chunk = chunk_size(recipe, max(sample[0].shape[1] for sample in samples), samples[0][0].shape[2])
    stack = Stack(recipe.sizes(samples[0][0].shape[2]), len(jobs), like)
    scalings: list[Scaling] = []
    with exact_arithmetic():
        for start in range(0, len(jobs), chunk):
            sets = [training_set(*job, recipe) for job in jobs[start : start + chunk]]
            stack.put(_range(start, start + len(sets), like), Training(sets, recipe, like).finish())
            scalings += [one.scaling for one in sets]
        ends = np.cumsum([0] + [len(sample[0]) for sample in samples]).tolist()
        return [
            NetworkPredictor(stack.select(_range(start, end, like)), scalings[start:end], recipe)
            for start, end in pairwise(ends)
        ]


def chunk_size(recipe: Recipe, rows: int, inputs: int) -> int:
    """Return how many networks train together: what `memory_mib` allows, at least one.

    Per network: seven copies of the parameters (themselves, gradient, two moments, those kept, two more while networks
    leave), values and slopes of the hidden layers on a batch, a block of batches, the rows (in the training's precision
    and in float64), and a slab of held-out points.
    """
    parameters = parameter_count(recipe.sizes(inputs))
    values = recipe.batch_size * (2 * recipe.depth + 1) * max(recipe.width, inputs)
    block = BLOCK * recipe.batch_size * (inputs + 2)
    slab = SLAB * 3 * max(recipe.width, inputs)
    numbers = 7 * parameters + values + block + 3 * rows * (inputs + 1) + slab
    return max(1, int(recipe.memory_mib * 2**20 // (numbers * (8 if recipe.dtype == "float64" else 4))))


def _device(recipe: Recipe) -> str:
    if recipe.device == "cuda" and not torch.cuda.is_available():
        raise ValueError("device: expected a machine with a GPU for 'cuda', got one without")
    return "cuda" if recipe.device != "cpu" and torch.cuda.is_available() else "cpu"


def _range(start: int, end: int, like: Tensor) -> Tensor:
    return torch.arange(start, end, device=like.device)
