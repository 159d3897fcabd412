"""Downstream models: every one learns what it can, is decided by its seed, and sees nothing but its training rows."""

import numpy as np
import pandas as pd
import pytest

from experiments.config.registry import ConfigError, build, components
from experiments.datasets.base import Table
from experiments.models.mlp import MLP

FOUND = list(components("model"))
SHORT = {name: {"steps": 20} for name in ("pixel_logistic", "pixel_mlp", "convnet")}


def table(classes, seed=0, size=300):
    """A response that depends on a number and on a category."""
    rng = np.random.default_rng(seed)
    x = pd.DataFrame({"a": rng.normal(size=size), "town": pd.Series(rng.choice(["p", "q"], size), dtype="str")})
    signal = np.where(x["town"] == "p", 2.0, -2.0) * (0.5 + (x["a"] > 0)) + 0.3 * rng.normal(size=size)
    return Table(x, (signal > 0).astype(int) if classes else signal.to_numpy(), 2 if classes else 0)


def images(classes=True, seed=0, size=200):
    """8 x 8 images; the class says whether the bright bar stands or lies."""
    rng = np.random.default_rng(seed)
    y = rng.integers(2, size=size)
    pixels = rng.normal(size=(size, 8, 8))
    for image, label, place in zip(pixels, y, rng.integers(8, size=size)):
        (image if label else image.T)[place] += 4
    return Table(pd.DataFrame(pixels.reshape(size, -1)), y, 2)


def fitted(name, data, seed=0):
    return build("model", {"kind": name} | SHORT.get(name, {})).estimator(seed, data.classes).fit(data.x, data.y)


@pytest.mark.parametrize("classes", [True, False])
@pytest.mark.parametrize("name", FOUND)
def test_mixed_columns_unseen_categories_and_better_than_no_model(name, classes):
    data, test = table(classes), table(classes, seed=1)
    if not build("model", {"kind": name}).serves(data):
        pytest.skip(f"{name} does not serve this response")
    model = fitted(name, data)
    if classes:
        assert (model.predict(test.x) != test.y).mean() < 0.1
    else:
        assert ((model.predict(test.x) - test.y) ** 2).mean() < 0.5 * test.y.var()
    assert np.isfinite(model.predict(test.x.assign(town="new"))).all()


def test_what_a_model_cannot_serve():
    assert not build("model", {"kind": "convnet"}).serves(table(True))
    assert not build("model", {"kind": "naive_bayes"}).serves(table(False))
    with pytest.raises(ConfigError, match="classes"):
        build("model", {"kind": "naive_bayes"}).estimator(0, 0)


@pytest.mark.parametrize("name", FOUND)
def test_seeds_decide_everything(name):
    seen = table if build("model", {"kind": name}).serves(table(True)) else images
    data, test = seen(True), seen(True, seed=1)
    first, again, other = (fitted(name, data, seed).predict(test.x) for seed in (0, 0, 1))
    np.testing.assert_array_equal(first, again)
    if not build("model", {"kind": name}).randomised:
        np.testing.assert_array_equal(first, other)


@pytest.mark.parametrize("classes", [True, False])
def test_networks_trained_side_by_side_are_what_they_are_alone(classes):
    """Tables of two lengths, one without the second category: each network to single precision what it is alone.

    The one without draws other initial weights, for it is padded; its responses are far larger, which must not be seen.
    """
    tables = [table(classes, seed, size) for seed, size in ((0, 150), (1, 150), (2, 90))]
    one_town = tables[1].x.assign(town="p")
    tables[1] = tables[1].of(one_town, tables[1].y if classes else 100 * tables[1].y)
    test = table(classes, seed=5)
    model = MLP(epochs=5)
    together = model.fit_all(tables, [3, 4, 5])
    alone = [model.estimator(seed, table(classes).classes).fit(t.x, t.y) for t, seed in zip(tables, (3, 4, 5))]
    for i in (0, 2):
        np.testing.assert_allclose(together[i].predict(test.x), alone[i].predict(test.x), atol=1e-4)
    swapped = model.fit_all(tables[::-1], [5, 4, 3])[::-1]
    for a, b in zip(together, swapped):
        np.testing.assert_allclose(a.predict(test.x), b.predict(test.x), rtol=1e-4, atol=1e-4)
