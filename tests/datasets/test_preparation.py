"""Preparation: learned from training rows alone; filling and projection against plain numpy."""

import numpy as np
import pandas as pd

from experiments.datasets.base import Table
from experiments.datasets.encoding import ColumnEncoder
from experiments.datasets.preparation import Preparation


def _table(ages, towns):
    x = pd.DataFrame({"age": ages, "town": pd.Series(towns, dtype="str")})
    return Table(x, np.zeros(len(x), dtype=int), 2)


def test_medians_and_a_category_of_its_own():
    train = _table([1.0, 2.0, 10.0, np.nan], ["a", None, "b", "a"])
    prepared = Preparation.fit(train, 0)
    assert prepared.apply(train).x["age"].tolist() == [1, 2, 10, 2]
    test = prepared.apply(_table([np.nan, 500.0], [None, "new"])).x
    assert test["age"].tolist() == [2, 500]
    assert test["town"].tolist() == ["missing", "new"]


def test_a_column_that_misses_everything_and_test_values_missing_only_there():
    prepared = Preparation.fit(_table([np.nan, np.nan], ["a", "b"]), 0)
    assert np.isfinite(prepared.apply(_table([np.nan], ["a"])).x["age"]).all()
    whole = _table([1, 2, 4], ["a", "b", "c"])
    assert Preparation.fit(whole, 0).apply(whole).x.dtypes.equals(whole.x.dtypes)
    assert Preparation.fit(whole, 0).apply(_table([np.nan], ["a"])).x["age"].tolist() == [2]


def test_projection_is_the_one_of_the_training_rows():
    """Oracle: the singular vectors of the centred training rows; the test rows use the training mean."""
    rng = np.random.default_rng(3)
    train, test = (rng.normal(size=(60, 12)) * np.arange(1, 13) ** 2 + 5 for _ in range(2))
    tables = [Table(pd.DataFrame(part), np.zeros(60, dtype=int), 2) for part in (train, test)]
    prepared = Preparation.fit(tables[0], 3)
    mean = train.mean(axis=0)
    vectors = np.linalg.svd(train - mean, full_matrices=False)[2][:3]
    ours = prepared.apply(tables[1])
    np.testing.assert_allclose(np.abs(ours.x.to_numpy()), np.abs((test - mean) @ vectors.T), rtol=1e-3, atol=0.05)
    back = prepared.images(ours).x
    assert list(back.columns) == list(map(str, range(12)))
    np.testing.assert_allclose(back.to_numpy(), (test - mean) @ vectors.T @ vectors + mean, rtol=1e-3, atol=0.1)


def test_unseen_categories_become_zeros_or_minus_one():
    train = _table([0.0, 2.0], ["a", "b"]).x
    new = _table([1.0], ["z"]).x
    np.testing.assert_allclose(ColumnEncoder().fit(train).transform(new), [[0, 0, 0]])
    np.testing.assert_allclose(ColumnEncoder(scaled=False, indicators=False).fit(train).transform(new), [[1, -1]])
    np.testing.assert_allclose(ColumnEncoder().fit(train).transform(train), [[-1, 1, 0], [1, 0, 1]])
