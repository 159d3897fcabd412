"""Networks that look at images: layers, devices, batches.

All random numbers come from a generator on the CPU, so that a GPU sees the same ones; on the CPU one thread does all.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn.functional import pad

from experiments.networks.dense import initialised, single_thread

Device = Literal["auto", "cpu", "cuda"]
"""Where to train; "auto" takes a GPU where there is one."""

SLAB = 500
"""Images that pass through a network at once where nothing is learned."""


def device_of(name: str) -> torch.device:
    """Return the device; `ValueError` when a GPU is asked for and there is none."""
    if name == "cuda" and not torch.cuda.is_available():
        raise ValueError("device: expected a machine with a GPU for 'cuda', got one without")
    return torch.device("cuda" if name != "cpu" and torch.cuda.is_available() else "cpu")


@contextmanager
def reproducible() -> Iterator[None]:
    """One thread, no denormals, true float32, deterministic convolutions; the settings are restored."""
    cudnn, products = torch.backends.cudnn, torch.backends.cuda.matmul
    before = cudnn.deterministic, cudnn.benchmark, cudnn.conv.fp32_precision, products.fp32_precision  # type: ignore[attr-defined]
    cudnn.deterministic, cudnn.benchmark = True, False
    cudnn.conv.fp32_precision = products.fp32_precision = "ieee"  # type: ignore[attr-defined]
    torch.set_flush_denormal(True)
    try:
        with single_thread():
            yield
    finally:
        torch.set_flush_denormal(False)
        cudnn.deterministic, cudnn.benchmark, cudnn.conv.fp32_precision, products.fp32_precision = before  # type: ignore[attr-defined]


def conv(inputs: int, outputs: int, generator: torch.Generator, stride: int = 1, gain: float = 2.0) -> nn.Module:
    """Return a convolution of 3 x 3 that keeps the side, or divides it by the stride."""
    return _started(nn.Conv2d(inputs, outputs, 3, stride, 1, device="meta"), generator, gain)


def linear(inputs: int, outputs: int, generator: torch.Generator, gain: float = 2.0) -> nn.Module:
    """Return a linear layer."""
    return _started(nn.Linear(inputs, outputs, device="meta"), generator, gain)


def _started(layer: nn.Linear | nn.Conv2d, generator: torch.Generator, gain: float) -> nn.Module:
    """Weights uniform with variance gain / fan in: 2 keeps the size of rectified units (He et al. 2015); biases 0."""
    initialised(layer, generator)
    with torch.no_grad():
        layer.weight.mul_((3 * gain) ** 0.5)
        layer.get_parameter("bias").zero_()
    return layer


def doubled(inputs: int, outputs: int, generator: torch.Generator) -> nn.Module:
    """Return layers that double the side: a convolution to four times the channels, which become 2 x 2 pixels."""
    return nn.Sequential(conv(inputs, 4 * outputs, generator), nn.PixelShuffle(2))


def placed(module: nn.Module, device: torch.device) -> nn.Module:
    """Return the module on the device, channels last in memory: half the time of a convolution on the CPU.

    Gradients get the memory layout of their parameters, as fused steps want it; second derivatives have another one.
    """
    moved: nn.Module = module.to(device=device, memory_format=torch.channels_last)  # type: ignore[call-overload]
    for parameter in moved.parameters():
        parameter.register_hook(partial(_laid_out, parameter.stride()))  # type: ignore[no-untyped-call]
    return moved


def _laid_out(strides: tuple[int, ...], slope: Tensor) -> Tensor:
    return slope if slope.stride() == strides else slope.new_empty_strided(slope.shape, strides).copy_(slope)


def indicators(labels: NDArray[np.int64], classes: int) -> Tensor:
    """Return class indicators (n, classes) times sqrt(classes): as inputs they weigh as much as normal noise."""
    return torch.from_numpy(np.sqrt(classes, dtype=np.float32) * np.eye(classes, dtype=np.float32)[labels])


def shifted(images: Tensor, most: int, background: float, generator: torch.Generator) -> Tensor:
    """Return images (B, 1, s, s), each moved by up to `most` pixels along both axes at random."""
    count, side = len(images), images.shape[-1]
    start = torch.randint(2 * most + 1, (2, count, 1), generator=generator)
    rows, columns = (start + torch.arange(side)).to(images.device)
    each = torch.arange(count, device=images.device)[:, None, None]
    return pad(images[:, 0], [most] * 4, value=background)[each, rows[:, :, None], columns[:, None]][:, None]


@torch.no_grad()
def in_slabs(function: Callable[[Tensor], Tensor], rows: Tensor, device: torch.device) -> NDArray[np.float32]:
    """Return what a function makes of rows (N, ...), `SLAB` of them at a time, as an array (N, ...)."""
    with reproducible():
        parts = [function(part.to(device)).cpu() for part in torch.split(rows, SLAB)]
    return np.asarray(torch.cat(parts).numpy())
