"""Every model of the catalogue keeps the same contract; the two estimators of our own have oracles."""

import numpy as np
import pytest
from sklearn.naive_bayes import CategoricalNB, GaussianNB
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor

from experiments.audit.encoding import EncodedTable, Schema
from experiments.audit.models import LEAST_PROBABILITY, MixedNaiveBayes, WeightedNeighbours, boosting, fit_predict
from experiments.audit.options import available
from tests.audit.worlds import draw, schema

pytestmark = pytest.mark.filterwarnings("ignore")
CASES = [(name, task) for task in ("classification", "regression") for name in available(task == "classification")]


def awkward(task, seed=0):
    """A table with missing values everywhere, one column wholly missing in training, and a category it lacks."""
    rng = np.random.default_rng(seed)
    train, points = draw(rng, 120, task), draw(rng, 50, task).features
    train.features[rng.random(train.features.shape) < 0.1] = np.nan
    train.features[:, 2] = np.nan
    train.features[train.features[:, 3] == 2, 3] = 0
    points[rng.random(points.shape) < 0.1] = np.nan
    return train, points


def test_both_tasks_have_enough_models():
    assert len(available(True)) >= 6
    assert len(available(False)) >= 6


@pytest.mark.parametrize(("name", "task"), CASES)
def test_contract(name, task):
    train, points = awkward(task)
    once = fit_predict(name, schema(task), train, points, 7)
    assert np.array_equal(once, fit_predict(name, schema(task), train, points, 7))
    assert np.isfinite(once).all()
    if task == "classification":
        assert once.shape == (50, 2)
        assert once.sum(axis=1) == pytest.approx(np.ones(50))
        assert once.min() >= LEAST_PROBABILITY / 2


@pytest.mark.parametrize(("name", "task"), CASES)
def test_learns_and_weights_steer(name, task):
    """Better than the guess; and rows with flipped or shifted responses and no weight do no harm."""
    rng = np.random.default_rng(1)
    train, test = draw(rng, 500, task), draw(rng, 500, task)
    wrong = EncodedTable(train.features, 1 - train.target if task == "classification" else train.target + 5)
    both, weights = train.stacked(wrong), np.repeat([2.0, 0.0], 500)

    def risk(model, table, weight=None):
        predicted = fit_predict(model, schema(task), table, test.features, 0, weight)
        if task == "classification":
            return np.mean(predicted.argmax(axis=1) != test.target)
        return np.mean((predicted - test.target) ** 2)

    own = risk(name, train)
    assert own < risk("guess", train)
    assert risk(name, both, weights) < own + 0.5 * (risk("guess", train) - own)


@pytest.mark.parametrize("name", available(True))
def test_a_half_with_one_class_predicts_it(name):
    train, points = awkward("classification")
    single = EncodedTable(train.features, np.ones(len(train)))
    assert (fit_predict(name, schema("classification"), single, points, 0).argmax(axis=1) == 1).all()


@pytest.mark.parametrize(("columns", "bins", "leaves"), [(200, 255, 31), (300, 42, 31), (3000, 16, 8)])
def test_boosting_takes_fewer_bins_and_leaves_where_columns_are_many(columns, bins, leaves):
    made = boosting(Schema(tuple(map(str, range(columns))), (), (), ("a", "b"), "y"), True)[-1]
    assert (made.max_bins, made.max_leaf_nodes) == (bins, leaves)


def test_mixed_naive_bayes_reduces_to_its_parts():
    rng = np.random.default_rng(2)
    numbers, codes = rng.normal(size=(200, 2)), rng.integers(0, 3, (200, 2)).astype(float)
    target = (numbers[:, 0] + (codes[:, 0] == 1) + rng.normal(size=200) > 0.5).astype(int)
    scaled = (numbers - numbers.mean(axis=0)) / numbers.std(axis=0)
    one = MixedNaiveBayes(2, []).fit(numbers, target).predict_proba(numbers)
    assert one == pytest.approx(GaussianNB(var_smoothing=0.01).fit(scaled, target).predict_proba(scaled), abs=1e-6)
    two = MixedNaiveBayes(0, [3, 3]).fit(codes, target).predict_proba(codes)
    assert two == pytest.approx(CategoricalNB().fit(codes, target).predict_proba(codes), abs=1e-9)
    both = MixedNaiveBayes(2, [3, 3]).fit(np.column_stack([numbers, codes]), target)
    product = one * two / np.bincount(target)  # each brings the prior with it
    joint = both.predict_proba(np.column_stack([numbers, codes]))
    assert joint == pytest.approx(product / product.sum(axis=1, keepdims=True), abs=1e-6)


def test_a_rare_mark_that_one_class_lacks_does_not_decide_for_naive_bayes():
    """200 rows, 100 of each class, shifted by two standard deviations (Bayes error 16%, standard deviation 2.6%);
    three of class 0 bear a mark."""
    rng = np.random.default_rng(3)
    target = np.repeat([0, 1], 100)
    features = np.column_stack([rng.normal(2.0 * target), np.arange(200) < 3])
    said = MixedNaiveBayes(2, []).fit(features, target).predict_proba(features).argmax(axis=1)
    assert (said != target).mean() < 0.22


def test_neighbours_agree_with_scikit_learn():
    rng = np.random.default_rng(3)
    points, x = rng.normal(size=(40, 3)), rng.normal(size=(100, 3))
    labels, y = rng.integers(0, 3, 100), rng.normal(size=100)
    ours = WeightedNeighbours(15)
    assert ours.fit(x, labels).predict_proba(points) == pytest.approx(
        KNeighborsClassifier(15).fit(x, labels).predict_proba(points), abs=1e-6
    )
    assert ours.fit(x, y).predict(points) == pytest.approx(KNeighborsRegressor(15).fit(x, y).predict(points), abs=1e-6)
