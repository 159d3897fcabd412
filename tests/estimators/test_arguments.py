"""Every estimator names the argument that it refuses."""

import numpy as np
import pandas as pd
import pytest

from experiments.estimators.discriminator import cross_fitted_placements
from experiments.estimators.gaps import Spread, paired_gap, risk_difference
from experiments.estimators.half_sampling import HalfLosses, half_splits
from experiments.estimators.intervals import Interval, auc_interval, mean_interval, simultaneous_level, wilson
from experiments.estimators.power_laws import fit_power_law
from experiments.estimators.rankings import choice_regret, kendall_tau, pairwise
from experiments.estimators.slopes import log_slope, plateau

RNG = np.random.default_rng(0)
PAIR = {(0, 1): Interval(1, 0.5, 2, 0.95)}
OTHER = {(0, 2): PAIR[0, 1]}
SPREAD = Spread.of(np.zeros((2, 2, 2)))
ONES = np.ones((2, 2))


@pytest.mark.parametrize(
    ("name", "call"),
    [
        ("6 rows", lambda: cross_fitted_placements(pd.DataFrame({"a": range(5)}), pd.DataFrame({"a": range(50)}), RNG)),
        ("two placements", lambda: auc_interval([0.5], [0.5, 0.6])),
        ("values", lambda: mean_interval([1.0])),
        ("values", lambda: mean_interval([1.0, np.nan])),
        ("level", lambda: mean_interval([1.0, 2.0], 1.0)),
        ("successes", lambda: wilson(3, 2)),
        ("trials", lambda: wilson(0, 0)),
        ("statements", lambda: simultaneous_level(0)),
        ("low, value, high", lambda: Interval(3.0, 0.0, 2.0, 0.9)),
        ("level", lambda: Interval(1.0, 0.0, 2.0, 95)),
        ("halves", lambda: Spread.of(np.zeros((2, 3, 2)))),
        ("loss_synthetic", lambda: paired_gap([0.0, 1.0], [0.0], SPREAD, SPREAD)),
        ("halves_real", lambda: paired_gap([0.0, 1.0], [0.0, 1.0], Spread.of(np.zeros((2, 2, 3))), SPREAD)),
        ("loss_second", lambda: risk_difference([0.0, 1.0], [0.0], SPREAD)),
        ("halves", lambda: risk_difference([0.0, 1.0, 0.0], [0.0, 1.0, 0.0], SPREAD)),
        ("losses", lambda: HalfLosses.of(np.zeros((1, 2, 3, 4)))),
        ("rows", lambda: half_splits(1, 3, RNG)),
        ("sizes", lambda: fit_power_law(np.array([50.0, 100, 200]), np.ones((3, 60)))),
        ("real", lambda: kendall_tau({}, {})),
        ("synthetic", lambda: kendall_tau(PAIR, OTHER)),
        ("chosen", lambda: choice_regret(7, PAIR)),
        ("losses", lambda: pairwise(np.zeros((1, 3)), HalfLosses.of(np.zeros((1, 2, 2, 3))))),
        ("samples", lambda: log_slope([1, 2], [[1.0, 1.0], [0.0, 0.0]])),
        ("n_values", lambda: log_slope([1, -2], ONES)),
        ("n_values", lambda: plateau([1, 1], ONES)),
        ("samples", lambda: plateau([1, 2], ONES[:, :1])),
    ],
)
def test_bad_arguments_are_named(name, call):
    with pytest.raises(ValueError, match=name):
        call()
