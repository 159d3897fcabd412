"""Self-consuming loops: densities, spread and offset against closed forms."""

import numpy as np
import pytest
from scipy import integrate, stats

from experiments.estimators.intervals import mean_interval
from experiments.measurements.base import Cell
from experiments.related.batched import NormalFit
from experiments.related.kernel_loop import distance_to_normal, grid, kernel_density, scale_distance
from experiments.related.loops import NormalLoop, generations, shrinkage
from experiments.rng import stream


@pytest.mark.parametrize("n", [2, 10, 300])
def test_shrinkage_is_the_mean_of_a_chi_variable(n: int) -> None:
    assert shrinkage(n) == pytest.approx(stats.chi(n - 1).mean() / np.sqrt(n - 1), rel=1e-10)
    if n == 2:
        assert shrinkage(n) == pytest.approx(np.sqrt(2 / np.pi))  # E|Z|


def test_a_density_is_the_sum_of_its_kernels() -> None:
    x, h = stream(1, "x").standard_normal((2, 40)), np.array([0.3, 0.2])
    direct = [stats.norm.pdf(grid()[:, None], row, width).mean(axis=1) for row, width in zip(x, h)]
    assert kernel_density(x, h) == pytest.approx(np.array(direct), abs=2e-3)  # linear binning: (step/h)^2/8 of the peak


@pytest.mark.parametrize("s", [0.5, 1.0, 1.3])
def test_the_distance_of_two_scales(s: float) -> None:
    gap = integrate.quad(lambda x: abs(stats.norm.pdf(x) - stats.norm.pdf(x, scale=s)) / 2, -12, 12, limit=400)[0]
    assert scale_distance(s) == pytest.approx(gap, abs=1e-7)
    density = stats.norm.pdf(grid(), scale=s)[None]
    assert distance_to_normal(density)[0] == pytest.approx(scale_distance(s), abs=1e-5)


def test_growth_is_phi_of_one_per_unit_of_variance() -> None:
    # d/dv TV(N(0,1), N(0,v)) at v = 1 is (1/4) int |x^2 - 1| phi = phi(1)
    assert scale_distance(np.sqrt(1 + 1e-6)) / 1e-6 == pytest.approx(stats.norm.pdf(1), rel=1e-4)


def test_normal_loops_follow_their_closed_forms() -> None:
    # 8 intervals of level 99.99%: false alarm below 0.1%
    columns = NormalLoop(sizes=(8,), synthetic_per_real=(1.0,), last=8, replicates=4000).rows(Cell({}, 0, 0, 2, 3))
    t = columns["generation"]
    for generation in (1, 2, 4, 8):
        spread, offset = (v[(t == generation) & ~np.isnan(v)] for v in (columns["spread"], columns["offset"]))
        assert mean_interval(spread, 0.9999).contains(shrinkage(8) ** generation)
        assert not mean_interval(spread, 0.9999).contains(shrinkage(8) ** (2 * generation))
        if generation <= 4:
            assert mean_interval(offset, 0.9999).contains(0.5**generation)


def test_a_loop_mixes_the_share_that_it_should() -> None:
    def fresh(size: int, rng: np.random.Generator) -> np.ndarray:
        return np.full((2, size, 1), 100.0) + rng.standard_normal((2, size, 1))

    seen = [rows for _, rows, _ in generations(NormalFit(), fresh, 10, 0.3, 2, 0)]
    assert [rows.shape for rows in seen] == [(2, 10, 1)] * 3
    first, again = (next(iter(generations(NormalFit(), fresh, 10, share, 2, 0)))[1] for share in (0.0, 0.5))
    assert (first == again).all(), "the first real rows are the same for every share"
