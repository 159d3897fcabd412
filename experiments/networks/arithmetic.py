"""The arithmetic networks train in: true float32 or float64, the quicker of two products, no graph, no denormals."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

import torch

_cpu_products = torch.backends.mkldnn.matmul  # type: ignore[attr-defined]
_gpu_products = torch.backends.cuda.matmul

ROUNDING = 2e-6
"""Above the relative error of float32 sums of a few hundred terms, far below that of bfloat16 or TF32."""


@contextmanager
def exact_arithmetic() -> Iterator[None]:
    """Set the arithmetic, and leave the process's settings as they were.

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
    return "bf16" if not torch.cpu._is_amx_tile_supported() and _error_allowed() < ROUNDING else "ieee"


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
