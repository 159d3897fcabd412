"""The world of a teacher: who gives the responses, and that nothing is lost where nothing is at fault."""

import numpy as np
import pytest

from experiments.config.registry import build
from experiments.measurements.base import Cell
from experiments.measurements.semi_real import SemiReal

N, TEST = 300, 200
MODELS = {"linear": build("model", {"kind": "linear"})}


def cell(generator, dataset="digits"):
    parts = {"dataset": build("dataset", {"kind": dataset}), "generator": build("generator", generator), "model": MODELS}
    return Cell(parts, N, N, 2, 3)


def drawn(generator, **options):
    measure, own = SemiReal(TEST, 2, teacher="linear", pool=500, components=5, **options), cell(generator)
    table = measure.table(own)
    return table, measure.made(own, table.take(np.arange(N)), N, "full")[0], measure._taught(own)[1]


@pytest.mark.parametrize("kind", ["kernel_density", "independent", "cart"])
def test_features_of_generators_have_the_teachers_responses(kind):
    table, made, teacher = drawn({"kind": kind})
    assert table.x.shape == (500, 5)
    assert np.array_equal(table.y, teacher.predict(table.x))
    assert np.array_equal(made.y, teacher.predict(made.x))


def test_shuffled_responses_are_the_same_ones_elsewhere():
    _, right, _ = drawn({"kind": "independent"})
    _, wrong, _ = drawn({"kind": "independent"}, shuffled=True)
    assert right.x.equals(wrong.x)
    assert np.array_equal(np.sort(right.y), np.sort(wrong.y))
    # Of 300 labels of ten nearly even classes 270 ± 5 move; five standard deviations.
    assert (right.y != wrong.y).sum() > 240


def test_real_features_keep_their_own_responses():
    table, made, _ = drawn({"kind": "flipped", "rate": 1.0})
    by_row = dict(zip(map(tuple, table.x.to_numpy()), table.y))
    assert all(by_row[tuple(x)] != y for x, y in zip(made.x.to_numpy(), made.y))
    table, made, _ = drawn({"kind": "relabelled", "by": "linear"})
    assert set(map(tuple, made.x.to_numpy())) <= set(map(tuple, table.x.to_numpy()))


def test_tables_with_categories_or_few_columns_are_not_projected():
    measure = SemiReal(TEST, 2, teacher="linear", pool=500)
    assert measure.table(cell({"kind": "real"}, "breast_cancer")).x.shape == (500, 30)
