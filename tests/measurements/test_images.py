"""The measurement of images: layout, who sees which rows, what its rows of no model say, and parts that survive a kill."""

from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import pandas as pd
import pytest

from experiments.config.registry import ConfigError
from experiments.datasets.base import Dataset, Table
from experiments.engine.store import Store
from experiments.generators.changed_rows import Flipped, Real
from experiments.generators.image_vae import ImageVae
from experiments.generators.images import ImageKernelDensity
from experiments.measurements.base import Cell
from experiments.measurements.checkpoints import kept_by
from experiments.measurements.images import LABELS, SHOWN, Images, _judge
from experiments.measurements.real_data import CONSTANT, NO_MODEL, RealData
from experiments.models.base import Model
from experiments.models.pixels import PixelLogistic, _Network
from experiments.models.scikit import Nearest
from experiments.rng import stream

ROWS, N, TEST, JUDGE, SEED = 700, 120, 80, 500, 5
SMALL = Images(TEST, 2, 2, discriminator=60, discriminator_steps=40, judge_rows=JUDGE, judge_width=4, judge_steps=120)


@dataclass(frozen=True)
class Halves(Dataset):
    """Noise of 8 x 8 pixels, the upper or the lower half brighter by class; the last two pixels hold the row's number."""

    side: int = 8

    def load(self, folder, rows=None):
        rng = np.random.default_rng(1)
        y = rng.integers(2, size=ROWS)
        pixels = rng.integers(0, 100, (ROWS, 2, self.side**2 // 2)) + 100 * (np.arange(2) == y[:, None])[..., None]
        pixels = pixels.reshape(ROWS, -1)
        pixels[:, -2:] = np.stack(np.divmod(np.arange(ROWS), 200), axis=1)
        return Table(pd.DataFrame(pixels.astype(np.uint8), columns=[f"pixel_{i}" for i in range(self.side**2)]), y, 2)


def cell(generator, models=None):
    models = models or {"a": PixelLogistic(steps=5), "b": Nearest(1)}
    return Cell({"dataset": Halves(), "generator": generator, "model": models}, N, N, 2, SEED)


def of(columns, half):
    return columns["loss"][(columns["model"] == NO_MODEL) & (columns["half"] == half)]


@pytest.mark.parametrize("generator", [Real(), ImageVae(steps=2, width=4)], ids=["real", "vae"])
def test_rows_are_laid_out_as_those_of_real_data_and_the_same_each_time(generator):
    """Two seeds of a model with randomness on the full table, then two halves of each cut; condensed alike."""
    found, again = (SMALL.rows(cell(generator)) for _ in range(2))
    assert all(np.array_equal(values, again[name]) for name, values in found.items())
    assert [(found["model"] == code).sum() for code in (0, 1)] == [TEST * (2 + 4), TEST * (1 + 4)]
    assert [len(of(found, half)) for half in (0, 1, CONSTANT, LABELS, SHOWN, SHOWN + 1)] == [60, 60, TEST, N, 64, 64]
    assert len(SMALL.condensed(found)["loss"]) == len(RealData().condensed(found)["loss"])


def numbers(x):
    return set((200 * x.iloc[:, -2].astype(int) + x.iloc[:, -1]).tolist())


def test_models_see_training_rows_and_the_judge_none_of_them_and_no_test_row(monkeypatch):
    seen, judged, fit, fit_all = [], [], _Network.fit, Model.fit_all

    def watched(self, tables, seeds):
        seen.extend(numbers(table.x) for table in tables)
        return fit_all(self, tables, seeds)

    def watched_network(self, x, y):
        judged.append(numbers(x))
        return fit(self, x, y)

    monkeypatch.setattr(Model, "fit_all", watched)
    SMALL.rows(cell(Real()))
    order = stream(SEED, "split").permutation(ROWS)
    train, test = set(order[:N].tolist()), set(order[N : N + TEST].tolist())
    assert set.union(*seen) == train
    assert all(seen[k].isdisjoint(seen[k + 1]) and len(seen[k]) == N // 2 for k in (2, 4))
    monkeypatch.setattr(_Network, "fit", watched_network)
    _judge.__wrapped__(Halves(), None, ROWS, JUDGE, 4, 2, SEED)
    assert len(judged[0]) == JUDGE
    assert judged[0].isdisjoint(train | test)


def test_wrong_labels_and_unlike_images_are_found():
    """All labels exchanged, or noise of half the grey range on every pixel; real rows have neither."""
    real, exchanged, noisy = (SMALL.rows(cell(g)) for g in (Real(), Flipped(1.0, cyclic=True), ImageKernelDensity(0.5)))
    assert of(real, LABELS).mean() < 0.05
    assert of(exchanged, LABELS).mean() > 0.95
    assert of(real, 0).mean() == pytest.approx(0.5, abs=0.3)  # three standard errors at 20 against 20 rows in each fold
    assert of(noisy, 0).mean() > 0.95
    shown = of(exchanged, SHOWN).reshape(2, 32).mean(axis=1)
    assert shown[1] > shown[0], "an image of class 1 under the label 0"


def test_what_does_not_fit_is_refused():
    with pytest.raises(ConfigError, match="at most 120"):
        SMALL.check(replace(cell(Real()), n=130))
    with pytest.raises(ConfigError, match="square images"):
        SMALL.check(replace(cell(Real()), parts=cell(Real()).parts | {"dataset": Halves(side=6)}))


def test_a_killed_cell_loses_one_fit(monkeypatch, tmp_path):
    """Killed in the fifth of eleven fits of models; then seven are left, and the generator is not fitted again."""
    store, fits, killed, fit_vae, fit_all = Store(tmp_path), [], False, ImageVae.fit, Model.fit_all

    def counted_vae(self, table, rng):
        fits.append("vae")
        return fit_vae(self, table, rng)

    def counted(self, tables, seeds):
        fits.append("model")
        if fits.count("model") == 5 and killed:
            raise KeyboardInterrupt
        return fit_all(self, tables, seeds)

    monkeypatch.setattr(ImageVae, "fit", counted_vae)
    monkeypatch.setattr(Model, "fit_all", counted)
    undisturbed, killed = SMALL.rows(cell(ImageVae(steps=2, width=4))), True
    with kept_by(partial(store.part, "key", "code")):
        fits.clear()
        with pytest.raises(KeyboardInterrupt):
            SMALL.rows(cell(ImageVae(steps=2, width=4)))
        killed = False
        fits.clear()
        found = SMALL.rows(cell(ImageVae(steps=2, width=4)))
    assert fits == ["model"] * 7
    assert all(np.array_equal(values, found[name]) for name, values in undisturbed.items())
    with kept_by(partial(store.part, "key", "other code")):
        SMALL.rows(cell(ImageVae(steps=2, width=4)))
    assert fits.count("vae") == 5, "what other code left is not used"
    store.write("key", {}, "code", found, {})
    assert [path.name for path in tmp_path.iterdir()] == ["key"]
