"""Float32 products are float32 products, and the process's settings come back."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from experiments.networks import fitting as arithmetic
from experiments.networks.fitting import exact_arithmetic

PRODUCTS = torch.backends.mkldnn.matmul


@pytest.mark.parametrize("shape", [(64, 5, 64), (64, 64, 64), (17, 64, 9), (256, 24, 24), (100, 300, 7), (16, 1, 3)])
def test_products_err_by_rounding_only(shape: tuple[int, int, int]) -> None:
    """Every term errs by at most 2^-24, a sum of K of them by K times that, relative to the sum of magnitudes."""
    rows, terms, columns = shape
    rng = np.random.default_rng(0)
    left = torch.from_numpy(rng.normal(size=(8, rows, terms))).float()
    right = torch.from_numpy(rng.normal(size=(8, terms, columns))).float()
    bias = torch.from_numpy(rng.normal(size=(8, 1, columns))).float()
    exact = torch.baddbmm(bias.double(), left.double(), right.double())
    limit = (terms + 1) * 2.0**-24 * torch.baddbmm(bias.double().abs(), left.double().abs(), right.double().abs())
    with exact_arithmetic():
        assert ((torch.baddbmm(bias, left, right) - exact).abs() <= limit).all()
    rounded = torch.baddbmm(bias, left.bfloat16().float(), right.bfloat16().float())
    assert ((rounded - exact).abs() > limit).any()


def test_the_probe_sees_coarse_products(monkeypatch: pytest.MonkeyPatch) -> None:
    exact = torch.bmm
    assert arithmetic._error(64) < arithmetic.ROUNDING
    for bits in (8, 11):  # bfloat16, TF32
        monkeypatch.setattr(torch, "bmm", lambda a, b, bits=bits: exact(_rounded(a, bits), _rounded(b, bits)))
        assert min(arithmetic._error(terms) for terms in (5, 64, 256)) > 10 * arithmetic.ROUNDING


def _rounded(value: torch.Tensor, bits: int) -> torch.Tensor:
    if value.dtype == torch.float64:
        return value
    mantissa, exponent = torch.frexp(value)
    return torch.ldexp((mantissa * 2**bits).round() / 2**bits, exponent)


def test_settings_are_left_as_found() -> None:
    before = PRODUCTS.fp32_precision, torch.backends.cuda.matmul.fp32_precision
    with exact_arithmetic():
        assert torch.backends.cuda.matmul.fp32_precision == "ieee"
        assert torch.tensor([1e-40]).add(0.0).item() == 0.0
    with pytest.raises(ZeroDivisionError), exact_arithmetic():
        _ = 1 / 0
    assert (PRODUCTS.fp32_precision, torch.backends.cuda.matmul.fp32_precision) == before
    assert torch.tensor([1e-40]).add(0.0).item() > 0.0
