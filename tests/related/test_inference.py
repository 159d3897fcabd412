"""Type-1 error on synthetic rows: the closed form, the statistics, the simulation."""

import numpy as np
import pytest
from scipy import integrate, stats

from experiments.estimators.intervals import clopper_pearson
from experiments.measurements.base import Cell
from experiments.related.batched import NormalFit, SmoothedRows
from experiments.related.inference import Inference, mean_statistic, rejection_rate, slope_statistic
from experiments.rng import stream


@pytest.mark.parametrize("ratio", [0.25, 1.0, 4.0])
def test_the_rate_is_the_tail_of_a_wider_normal_law(ratio: float) -> None:
    z = stats.norm.isf(0.025)
    density = stats.norm(scale=np.sqrt(1 + ratio)).pdf
    assert rejection_rate(ratio) == pytest.approx(2 * integrate.quad(density, z, 60)[0], abs=1e-9)


def test_the_rate_at_equal_sizes_is_the_published_one_and_a_ratio_out_of_range_is_refused() -> None:
    assert round(rejection_rate(1.0), 3) == 0.166  # 2 (1 - Phi(1.96/sqrt 2))
    with pytest.raises(ValueError, match="ratio"):
        rejection_rate(0.0)


def test_statistics_are_those_of_scipy() -> None:
    rows = stream(1, "rows").standard_normal((3, 20, 2))
    t, freedom = mean_statistic(rows[..., 0])
    assert t == pytest.approx([stats.ttest_1samp(r[:, 0], 0).statistic for r in rows])
    assert freedom == 19
    t, freedom = slope_statistic(rows, 0.3)
    fits = [stats.linregress(r[:, 0], r[:, 1]) for r in rows]
    assert t == pytest.approx([(f.slope - 0.3) / f.stderr for f in fits])
    assert freedom == 18


def rates(generator: object, seed: int) -> dict[str, np.ndarray]:
    return Inference().rows(Cell({"generator": generator}, 100, 100, 3000, seed))


def test_simulated_rates_are_as_predicted() -> None:
    # Two 99.9% intervals, widened by 0.01 for n = 100: false alarm below 0.2%.
    columns = rates(NormalFit(), 5)
    for column, predicted in (("mean_naive", rejection_rate(1.0)), ("slope_corrected", 0.05)):
        rate = clopper_pearson(int(columns[column].sum()), 3000, 0.999)
        assert rate.low - 0.01 < predicted < rate.high + 0.01
        assert not rate.low - 0.01 < predicted / 2 < rate.high + 0.01, "half of the rate must be refused"


def test_smoothing_spoils_the_slope_and_not_the_mean() -> None:
    columns = rates(SmoothedRows(), 6)
    assert columns["slope_corrected"].mean() > 0.12
    assert columns["mean_corrected"].mean() < 0.07


def test_generators_keep_the_moments_they_should() -> None:
    rows = stream(2, "rows").standard_normal((2, 50, 2)) @ np.array([[1.0, 0.5], [0.0, 1.0]])
    drawn = NormalFit().fit(rows)(200_000, stream(2, "draw"))
    for real, synthetic in zip(rows, drawn):
        assert synthetic.mean(axis=0) == pytest.approx(real.mean(axis=0), abs=5 * 1.5 / np.sqrt(200_000))
        assert np.cov(synthetic.T) == pytest.approx(np.cov(real.T), abs=0.04)
    smooth = SmoothedRows()
    drawn = smooth.fit(rows)(200_000, stream(2, "smooth"))
    extra = smooth.bandwidth(rows) ** 2
    wanted = rows.var(axis=1) + extra  # resampling gives the biased variance, the kernel adds its own
    assert drawn.var(axis=1) == pytest.approx(wanted, rel=0.03)


def test_replicates_are_independent_of_each_other() -> None:
    rows = stream(3, "rows").standard_normal((4, 30, 2))
    one = NormalFit().fit(rows[:1])(5, stream(3, "draw"))
    all_of_them = NormalFit().fit(rows)(5, stream(3, "draw"))
    assert one[0] == pytest.approx(all_of_them[0])
