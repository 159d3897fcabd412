"""From samples to predictors: chunks of networks trained one after another, in exact arithmetic."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from itertools import pairwise

import numpy as np
import torch
from torch import Tensor

from experiments.learners.base import Array, Sample
from experiments.networks.passes import LOSSES, SLAB, outputs
from experiments.networks.recipe import Recipe
from experiments.networks.samples import Scaling, check, training_set
from experiments.networks.stack import Stack, parameter_count
from experiments.networks.training import BLOCK, Training

_cpu_products = torch.backends.mkldnn.matmul  # type: ignore[attr-defined]
_gpu_products = torch.backends.cuda.matmul


class NetworkPredictor:
    """Predictions of R trained networks, in the units of their samples."""

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

    R and n may differ between samples, p may not.

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


ROUNDING = 2e-6
"""Above the relative error of float32 sums of a few hundred terms, far below that of bfloat16 or TF32."""


@contextmanager
def exact_arithmetic() -> Iterator[None]:
    """True float32 or float64 in the quicker of two products, no graph, no denormals; the settings are restored.

    Denormals are flushed because the moments of a dead unit would end there, at many times the cost of other numbers.
    """
    before = _cpu_products.fp32_precision, _gpu_products.fp32_precision
    _cpu_products.fp32_precision, _gpu_products.fp32_precision = _cpu_setting(), "ieee"
    torch.set_flush_denormal(True)
    try:
        with torch.inference_mode():
            yield
    finally:
        torch.set_flush_denormal(False)
        _cpu_products.fp32_precision, _gpu_products.fp32_precision = before


@cache
def _cpu_setting() -> str:
    """Return the setting under which float32 products on this processor are exact and quickest.

    `torch.bmm` goes to MKL, which leaves AVX-512 unused on processors of other makers. "bf16" *allows* oneDNN to round
    to bfloat16, which it does with AMX tiles only; without them it runs its own float32 kernels, at about twice MKL's
    rate there. Whether that is so here is measured, not assumed.
    """
    return "bf16" if not torch.cpu.get_capabilities().get("amx_tile") and _error_allowed() < ROUNDING else "ieee"


def _error_allowed() -> float:
    """Return the largest error of batched products when oneDNN may round as it likes."""
    before = _cpu_products.fp32_precision
    _cpu_products.fp32_precision = "bf16"
    try:
        return max(_error(terms) for terms in (5, 64, 256))
    finally:
        _cpu_products.fp32_precision = before


def _error(terms: int) -> float:
    """Compare with float64, on entries whose mantissas fill float32; relative to the sum of the terms' magnitudes."""
    entries = torch.linspace(0.0, 99.0 * terms, 2 * 64 * terms).sin().view(2, 64, terms)
    wide = entries.double()
    off = torch.bmm(entries, entries.mT) - torch.bmm(wide, wide.mT)
    return float((off.abs() / torch.bmm(wide.abs(), wide.abs().mT)).max().item())
