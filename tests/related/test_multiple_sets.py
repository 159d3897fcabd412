"""Averages over synthetic tables: the identity a + b/K, and coverage."""

from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from experiments.config.registry import ConfigError, build
from experiments.datasets.scikit_learn import Diabetes
from experiments.measurements.base import Cell
from experiments.related.batched import NormalFit
from experiments.related.inference import GeneratorIntervals, one_set_coverage
from experiments.related.multiple_sets import errors, few_errors, synthetic_tables
from experiments.rng import stream


def test_errors_of_singles_and_pairs_by_enumeration() -> None:
    residuals = stream(1, "r").standard_normal((5, 30)) + 0.7
    pairs = [((residuals[i] + residuals[j]) / 2) ** 2 for i, j in combinations(range(5), 2)]
    assert few_errors(residuals) == pytest.approx(((residuals**2).mean(), np.mean(pairs)))


def test_all_subsets_obey_the_law_exactly() -> None:
    """Over all subsets of size K the mean error is a + b/K without any noise."""
    residuals = stream(2, "r").standard_normal((6, 10)) + 0.3
    single, pair = few_errors(residuals)
    for size in range(1, 7):
        subsets = [(residuals[list(s)].mean(axis=0) ** 2).mean() for s in combinations(range(6), size)]
        assert np.mean(subsets) == pytest.approx(single - 2 * (1 - 1 / size) * (single - pair))


def test_the_prediction_meets_what_it_has_not_seen() -> None:
    # Predictors y + bias + noise: error(K) = bias^2 + 1/K. 300 replicates, 99.99% of a normal law: false alarm 1e-4.
    rng = stream(3, "p")
    misses = []
    for _ in range(300):
        found = errors(0.5 + rng.standard_normal((44, 20)), np.zeros(20), 12)
        misses.append([found[-1]["miss"], found[-1]["miss_half"]])
    mean, error = np.mean(misses, axis=0), np.std(misses, axis=0) / np.sqrt(300)
    assert abs(mean[0]) < 3.9 * error[0] + 0.01
    assert abs(mean[1]) > 10 * error[1], "half of the gain must be refused"


def test_tables_have_the_moments_of_the_real_one() -> None:
    real = Diabetes().load(Path())
    tables = synthetic_tables(NormalFit(), real, 30, stream(4, "t"))
    assert {len(t) for t in tables} == {len(real)}
    assert list(tables[0].x.columns) == list(real.x.columns)
    mean = np.mean([t.y.mean() for t in tables])
    assert mean == pytest.approx(real.y.mean(), abs=5 * real.y.std() * np.sqrt(2 / len(real) / 30))


def test_coverage_of_one_set() -> None:
    # One 99.9% interval around each: false alarm 0.2%.
    columns = GeneratorIntervals(replicates=600).rows(Cell({}, 200, 1200, 2, 5))
    reach = 3.3 * np.sqrt(0.25 / 600)
    assert columns["covers_one"].mean() == pytest.approx(one_set_coverage(6.0), abs=reach)
    assert columns["covers_across"].mean() == pytest.approx(0.95, abs=0.04)
    z = stats.norm.rvs(size=200_000, random_state=1) * np.sqrt(1 + 2 * 6)
    assert one_set_coverage(6.0) == pytest.approx((np.abs(z) < 1.96).mean(), abs=0.005)


@pytest.mark.parametrize(
    ("dataset", "generator", "n", "message"),
    [
        ("diabetes", "independent", 50, "generator: expected one that is fitted to samples of numbers"),
        ("digits", "normal_fit", 50, "dataset: expected numbers or two classes"),
        ("diabetes", "normal_fit", 441, "n: expected at most 440 training rows here, got 441"),
    ],
)
def test_what_does_not_fit_is_named(dataset: str, generator: str, n: int, message: str) -> None:
    parts = {"dataset": build("dataset", {"kind": dataset}), "generator": build("generator", {"kind": generator})}
    with pytest.raises(ConfigError, match=message):
        build("measurement", {"kind": "multiple_sets"}).check(Cell(parts, n, n, 2, 1))
