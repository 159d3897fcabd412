"""Row orders: permutations, portions, uniformity."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from scipy import stats

from experiments.networks.samples import RowOrder

STREAMS = [np.random.default_rng, lambda seed: torch.Generator().manual_seed(seed)]


@pytest.mark.parametrize("stream", STREAMS)
@pytest.mark.parametrize("rows", [1, 2, 7, 64, 1000])
def test_every_pass_meets_every_row_once(rows: int, stream: Callable[[int], Any]) -> None:
    order = RowOrder(rows, stream(0)).take(3 * rows).reshape(3, rows)
    assert (np.sort(order, axis=1) == np.arange(rows)).all()


@pytest.mark.parametrize("stream", STREAMS)
def test_portions_do_not_matter(stream: Callable[[int], Any]) -> None:
    whole, order = RowOrder(10, stream(1)).take(57), RowOrder(10, stream(1))
    assert (np.concatenate([order.take(count) for count in (0, 3, 31, 1, 22)]) == whole).all()


def test_permutations_are_uniform() -> None:
    """All 24 orders of 4 rows equally likely: chi-square test, false alarm 0.1%."""
    order = RowOrder(4, np.random.default_rng(2)).take(4 * 12_000).reshape(-1, 4)
    _, counts = np.unique(order, axis=0, return_counts=True)
    assert counts.size == 24
    assert stats.chisquare(counts).pvalue > 1e-3
