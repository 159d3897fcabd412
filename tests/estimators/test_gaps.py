"""Gaps between risks: by hand, coverage by simulation, and arguments out of range."""

import numpy as np
import pytest
from scipy import stats

from experiments.estimators.gaps import Spread, paired_gap, risk_difference
from experiments.estimators.half_sampling import half_splits
from experiments.estimators.intervals import mean_interval


def test_paired_gap_by_hand():
    real, synthetic = np.array([0.0, 1.0, 0.0, 1.0]), np.array([1.0, 1.0, 0.0, 2.0])
    halves_real = np.array([[[4.0] * 4, [0] * 4], [[0] * 4, [2] * 4]])  # differences 4 and -2, no noise
    halves_synthetic = np.array([[[1.0, -1, 1, -1], [0, 0, 0, 0]]])  # mean 0: all noise, must count as nothing
    interval = paired_gap(real, synthetic, Spread.of(halves_real), Spread.of(halves_synthetic), 0.9)
    over_rows = np.var([1, 0, 0, 1], ddof=1) / 4
    over_tables = np.mean([4**2, 2**2]) / 2 / 2 ** (2 / 3)  # the variance at half the rows, and at all of them
    total = over_rows + over_tables
    freedom = max(total**2 / (over_rows**2 / 3 + over_tables**2 / 2), 1)
    assert interval.value == 0.5
    assert interval.half_width == pytest.approx(stats.t.ppf(0.95, freedom) * np.sqrt(total))


def test_without_variance_over_tables_the_gap_is_the_paired_t_interval():
    losses = np.random.default_rng(6).normal(size=(2, 50))
    same = Spread.of(np.broadcast_to(losses[0], (5, 2, 50)))
    gap = paired_gap(losses[0], losses[1], same, same)
    paired = stats.ttest_1samp(losses[1] - losses[0], 0).confidence_interval(0.95)
    assert (gap.low, gap.high) == pytest.approx((paired.low, paired.high))
    assert paired_gap(losses[0], losses[0], same, same).half_width == 0


def test_rows_cuts_and_halves_in_another_order_change_nothing():
    rng = np.random.default_rng(7)
    losses, halves = rng.normal(size=(2, 30)), rng.normal(size=(2, 6, 2, 30))
    before = paired_gap(*losses, *map(Spread.of, halves))
    rows, cuts = rng.permutation(30), rng.permutation(6)
    after = paired_gap(*losses[:, rows], *map(Spread.of, halves[:, cuts][:, :, ::-1][..., rows]))
    assert (after.low, after.high) == pytest.approx((before.low, before.high))


# Coverage in worlds with the true expected gap known: the same simulator with fits on hand. Losses of N test rows.


def _nearest(x, y, points, neighbours):
    order = np.argpartition(np.abs(points[:, None] - x[None, :]), neighbours - 1, axis=1)[:, :neighbours]
    return y[order].mean(axis=1)


LEARNERS = {
    "constant": lambda x, y, points: np.full(points.shape, y.mean()),
    "line": lambda x, y, points: np.polyval(np.polyfit(x, y, 1), points),
    "1nn": lambda x, y, points: _nearest(x, y, points, 1),
    "9nn": lambda x, y, points: _nearest(x, y, points, 9),
}


def _table(rng, rows, shift):
    x = rng.random(rows) ** (1 + shift)
    return x, np.sin(4 * x) + shift * x + 0.4 * rng.normal(size=rows)


def _loss(fit, x, y, points, answers):
    return (fit(x, y, points) - answers) ** 2


def _on_halves(fit, x, y, points, answers, cut):
    return [[_loss(fit, x[half], y[half], points, answers) for half in pair] for pair in cut]


def _one(name, shift, rng, cuts, rows=80, tests=80, fresh=2000):
    """Interval and (on fresh test rows) true risk difference of one pair of tables."""
    fit, tables = LEARNERS[name], [_table(rng, rows, 0.0), _table(rng, rows, shift)]
    test, far = _table(rng, tests, 0.0), _table(rng, fresh, 0.0)
    losses = [_loss(fit, *table, *test) for table in tables]
    halves = [_on_halves(fit, *table, *test, half_splits(rows, cuts, rng)) for table in tables]
    risks = [_loss(fit, *table, *far).mean() for table in tables]
    return paired_gap(*losses, *map(Spread.of, halves)), risks[1] - risks[0]


def _coverage(name, shift, cuts, repeats, seed):
    runs = [_one(name, shift, np.random.default_rng([seed, i]), cuts) for i in range(repeats)]
    truth = 0.0 if shift == 0 else float(np.mean([gap for _, gap in runs]))
    oracle = 2 * 1.96 * np.std([interval.value for interval, _ in runs])
    covered = sum(interval.contains(truth) for interval, _ in runs)
    return covered, float(np.mean([2 * interval.half_width for interval, _ in runs])) / oracle


@pytest.mark.parametrize("shift", [0.0, 0.8])
@pytest.mark.parametrize("name", list(LEARNERS))
def test_small_coverage_of_the_gap(name, shift):
    """Gross errors only: with true coverage 0.93, fewer than 52 of 64 has probability below 2e-3 a case."""
    covered, ratio = _coverage(name, shift, 5, 64, 11)
    assert stats.binom.cdf(51, 64, 0.93) < 2e-3
    assert covered >= 52
    assert ratio < 1.9  # 1.5 with room for the oracle's own error from 64 runs


def test_control_ignoring_training_rows_is_caught():
    """An interval over test rows alone must fail the rule above where training rows matter most."""
    failures = 0
    for i in range(64):
        rng = np.random.default_rng([12, i])
        tables = [_table(rng, 20, 0.0), _table(rng, 20, 0.0)]
        points, answers = _table(rng, 2000, 0.0)
        real, synthetic = ((_nearest(x, y, points, 5) - answers) ** 2 for x, y in tables)
        failures += not mean_interval(synthetic - real).contains(0.0)
    assert 64 - failures < 52


def test_risk_difference_of_two_models_on_one_table_covers():
    """Line against 9 neighbours; probability of a false alarm below 2e-3, as above."""
    runs = []
    for i in range(64):
        rng = np.random.default_rng([13, i])
        table, test, far = _table(rng, 80, 0.0), _table(rng, 80, 0.0), _table(rng, 4000, 0.0)
        cut, fits = half_splits(80, 5, rng), [LEARNERS[name] for name in ("line", "9nn")]
        losses, risks = [_loss(fit, *table, *test) for fit in fits], [_loss(fit, *table, *far).mean() for fit in fits]
        halves = [_on_halves(fit, *table, *test, cut) for fit in fits]
        runs.append((risk_difference(*losses, Spread.of(np.subtract(*halves))), risks[0] - risks[1]))
    truth = np.mean([difference for _, difference in runs])
    assert sum(interval.contains(truth) for interval, _ in runs) >= 52


@pytest.mark.paper
def test_paper_coverage_of_the_gap():
    """300 tables a setting, 10 cuts: at least 91% each, 93.5% pooled, width at most 1.5 times the oracle's."""
    settings = [(name, shift) for name in LEARNERS for shift in (0.0, 0.8)]
    results = [_coverage(*setting, 10, 300, 21) for setting in settings]
    for setting, (covered, ratio) in zip(settings, results, strict=True):
        print(setting, covered / 300, round(ratio, 3))
    assert min(covered for covered, _ in results) >= 0.91 * 300
    assert sum(covered for covered, _ in results) >= 0.935 * 300 * len(results)
    assert max(ratio for _, ratio in results) <= 1.5
