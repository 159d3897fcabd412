"""Networks on pixels: what each of them can see, their seeds and threads, and the real digits."""

import numpy as np
import pandas as pd
import pytest
import torch

from experiments.config.compose import experiments_of
from experiments.config.registry import ConfigError, build
from experiments.datasets.base import Table
from experiments.datasets.files import data_folder
from experiments.datasets.mnist import Mnist
from experiments.measurements.base import Unavailable
from experiments.networks.images import shifted
from tests.bench import gpu

SIZES = {"pixel_logistic": {}, "pixel_mlp": {"width": 32}, "convnet": {"width": 4, "shift": 0}}


def bars(seed, size=800, side=8):
    """Noise and a bright bar; the class says whether it stands or lies."""
    rng = np.random.default_rng(seed)
    y, pixels = rng.integers(2, size=size), rng.integers(0, 100, (size, side, side))
    for image, label, place in zip(pixels, y, rng.integers(side, size=size)):
        (image if label else image.T)[place] += 150
    return Table(pd.DataFrame(pixels.reshape(size, -1).astype(np.uint8)), y, 2)


def halves(seed, size=400):
    """The upper or the lower half is brighter: a linear rule."""
    rng = np.random.default_rng(seed)
    y = rng.integers(2, size=size)
    pixels = rng.integers(0, 200, (size, 2, 32)) + 50 * (np.arange(2) == y[:, None])[..., None]
    return Table(pd.DataFrame(pixels.reshape(size, -1).astype(np.uint8)), y, 2)


def error(name, train, test, seed=0, **options):
    model = build("model", {"kind": name, **SIZES[name], "device": "cpu", **options})
    return (model.estimator(seed, train.classes).fit(train.x, train.y).predict(test.x) != test.y).mean()


@pytest.mark.parametrize("name", SIZES)
def test_a_linear_rule_is_learned(name):
    """Bayes error 3e-4: the means, 50 apart on 64 pixels of deviation 58, are 6.9 deviations apart."""
    assert error(name, halves(0), halves(1), steps=150) < 0.03


def test_convolutions_see_bars_that_linear_rules_do_not():
    """Pixel means are the same in both classes, up to the bar's place: no linear rule tells them apart."""
    assert error("convnet", bars(0), bars(1), steps=150) < 0.05
    assert error("pixel_logistic", bars(0), bars(1), steps=150) > 0.3


def test_the_number_of_threads_changes_nothing():
    model = build("model", {"kind": "convnet", "steps": 5, "width": 4})
    before, found = torch.get_num_threads(), []
    for threads in (1, 2):
        torch.set_num_threads(threads)
        network = model.estimator(0, 2).fit(bars(0).x, bars(0).y).network
        found.append(torch.cat([p.detach().ravel() for p in network.parameters()]))
        assert torch.get_num_threads() == threads
    torch.set_num_threads(before)
    assert torch.equal(*found)


def test_shifts_move_by_at_most_that_many_pixels():
    image = torch.zeros(400, 1, 8, 8)
    image[:, 0, 3, 4] = 1
    moved = shifted(image, 2, 0.0, torch.Generator().manual_seed(0))
    places = {tuple(place) for place in moved[:, 0].nonzero()[:, 1:].tolist()}
    assert places == {(3 + i, 4 + j) for i in range(-2, 3) for j in range(-2, 3)}
    edge = shifted(torch.ones(400, 1, 8, 8), 2, -3.0, torch.Generator().manual_seed(0))
    assert set(edge.unique().tolist()) == {1.0, -3.0}


def test_fewer_rows_than_a_batch_and_a_single_grey_level():
    flat = Table(pd.DataFrame(np.zeros((3, 64), np.uint8)), np.array([1, 1, 1]), 2)
    assert error("convnet", flat, flat, steps=30) == 0


@pytest.mark.skipif(torch.cuda.is_available(), reason="a machine with a GPU")
def test_a_gpu_that_is_not_there():
    with pytest.raises(ValueError, match="GPU"):
        error("pixel_mlp", bars(0), bars(1), device="cuda")


def test_options_are_checked():
    with pytest.raises(ConfigError, match="device"):
        build("model", {"kind": "convnet", "device": "tpu"})
    with pytest.raises(ConfigError, match="steps"):
        build("model", {"kind": "convnet", "steps": 0})


@pytest.mark.paper
def test_the_widest_network_reads_99_of_100_real_digits():
    """60,000 training images, the published test part; 7,500 steps are 8 epochs, 4 to 6 minutes on one core."""
    try:
        table = Mnist().load(data_folder())
    except Unavailable as absent:
        pytest.skip(f"data not downloaded (make data): {absent}")
    train, test = table.take(np.arange(60_000)), table.take(np.arange(60_000, 70_000))
    assert error("convnet", train, test, width=32, shift=2, steps=7500, device="auto") <= 0.01


@pytest.mark.skipif(torch.cuda.is_available(), reason="a machine with a GPU")
def test_make_gpu_compares_devices_and_says_where_there_is_none(monkeypatch, capsys):
    """With the CPU in both places nothing differs; the words of its long run compose."""
    assert gpu.main() == 2
    assert capsys.readouterr().err == "gpu: no CUDA device on this machine\n"
    monkeypatch.setattr(gpu, "DEVICES", ("cpu", "cpu"))
    monkeypatch.setattr(gpu, "FIRST_STEPS", 1)
    few = Mnist().load(data_folder(), 100).take(np.arange(64))
    assert dict(gpu.differences(few)) == dict.fromkeys(gpu.MODELS + gpu.GENERATORS, 0)
    [experiment] = experiments_of(gpu.WORDS)
    assert experiment.config["n"] == [60000]
