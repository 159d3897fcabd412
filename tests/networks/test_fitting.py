"""The learner: early stopping, independence of replicates, chunks, pairs, predictions, refusals, arithmetic."""

import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
import torch

from experiments.learners.base import Array, Sample
from experiments.learners.mlp import MLP
from experiments.networks import fitting
from experiments.networks.fitting import chunk_size, exact_arithmetic, fit
from experiments.networks.samples import training_set
from experiments.networks.training import Training
from tests.networks.plain import plain_fit

EARLY = MLP(
    width=8, steps=120, batch_size=16, learning_rate=2e-2, dtype="float64", holdout=0.3, check_every=7, patience=2
)
PLAIN = replace(EARLY, holdout=0.0, steps=50)
PRODUCTS = torch.backends.mkldnn.matmul
POINTS = np.random.default_rng(9).normal(size=(300, 3))


def sample(replicates: int, rows: int = 60, seed: int = 3) -> Sample:
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(replicates, rows, 3))
    y = np.sin(2 * x[..., 0]) + x[..., 1] + 0.5 * rng.normal(size=(replicates, rows))
    return x, y, [np.random.default_rng([seed, i]) for i in range(replicates)]


def same(left: Array, right: Array) -> None:
    np.testing.assert_allclose(left, right, rtol=0, atol=1e-10)


def stops(learner: MLP, one: Sample) -> list[int]:
    """Return after how many steps each network was let go."""
    training = Training([training_set(*job, learner) for job in zip(*one)], learner, torch.empty(0).double())
    seen = np.zeros(len(one[0]), int)
    while training.active.size:
        before = training.active
        training.advance(training._next_stop())
        training._look()
        seen[np.setdiff1d(before, training.active)] = training.done
    return seen.tolist()


def test_early_stopping_is_that_of_a_plain_loop() -> None:
    learner = replace(EARLY, standardize=False)
    fitted = learner.fit(*sample(6))(POINTS)
    plain = [plain_fit(*job, learner, stream) for *job, stream in zip(*sample(6))]
    with torch.no_grad():
        same(fitted, np.stack([network(torch.from_numpy(POINTS))[:, 0].numpy() for network, _ in plain]))
    steps = [done for _, done in plain]
    assert len(set(steps)) > 1
    assert stops(learner, sample(6)) == steps


def test_the_early_stop_of_one_replicate_leaves_the_others_alone() -> None:
    (x, y, streams), before = sample(5), EARLY.fit(*sample(5))(POINTS)
    y[2] = np.random.default_rng(0).normal(size=y[2].shape)
    changed = stops(EARLY, (x, y, sample(5)[2]))
    assert changed[2] < min(np.delete(changed, 2))
    after = EARLY.fit(x, y, streams)(POINTS)
    same(np.delete(after, 2, axis=0), np.delete(before, 2, axis=0))
    assert np.abs(after[2] - before[2]).max() > 0.1


@pytest.mark.parametrize("learner", [PLAIN, EARLY], ids=["to the end", "early stop"])
def test_neither_order_nor_chunks_matter(learner: MLP) -> None:
    whole, order = learner.fit(*sample(7))(POINTS), np.array([3, 0, 4, 6, 1, 2, 5])
    x, y, streams = sample(7)
    same(learner.fit(x[order], y[order], [streams[i] for i in order])(POINTS), whole[order])
    large = replace(learner, memory_mib=1000 * learner.memory_mib)
    for size in (1, 3):
        small = replace(large, memory_mib=large.memory_mib * (size + 0.5) / chunk_size(large, rows=60, inputs=3))
        assert chunk_size(small, rows=60, inputs=3) == size
        same(small.fit(*sample(7))(POINTS), whole)
    x, y, streams = sample(7)
    same(learner.fit(x[4:5], y[4:5], streams[4:5])(POINTS)[0], whole[4])


@pytest.mark.parametrize(
    "learner",
    [PLAIN, EARLY, replace(PLAIN, steps=0, epochs=9), replace(EARLY, steps=0, epochs=25, schedule="constant")],
    ids=["steps", "early stop", "epochs, own horizons", "epochs, early stop"],
)
def test_a_pair_is_two_separate_fits(learner: MLP) -> None:
    pair = learner.fit_pair(sample(4, rows=60), sample(3, rows=95, seed=4))
    apart = (learner.fit(*sample(4, rows=60)), learner.fit(*sample(3, rows=95, seed=4)))
    for together, single in zip(pair, apart):
        same(together(POINTS), single(POINTS))


def test_same_streams_same_bits_and_other_streams_other_networks() -> None:
    single = replace(PLAIN, dtype="float32")
    first, again = (single.fit(*sample(3))(POINTS) for _ in range(2))
    assert np.array_equal(first, again)
    x, y, _ = sample(3)
    assert np.abs(single.fit(x, y, sample(3, seed=8)[2])(POINTS) - first).max() > 1e-3
    np.testing.assert_allclose(first, PLAIN.fit(*sample(3))(POINTS), rtol=0, atol=1e-2)


@pytest.mark.parametrize("loss", ["squared", "logistic"])
def test_linear_networks_solve_the_score_equations(loss: str) -> None:
    """Least squares and logistic regression both make the mean residual against 1 and every feature zero."""
    x, y, streams = sample(3)
    y = (y > 0).astype(float) if loss == "logistic" else y
    learner = MLP(depth=0, loss=loss, steps=3000, batch_size=60, learning_rate=0.05, dtype="float64")
    fitted = learner.fit(x, y, streams)(x)
    assert loss == "squared" or ((fitted > 0) & (fitted < 1)).all()
    score = np.einsum("rn,rnp->rp", fitted - y, np.concatenate([x, np.ones((3, 60, 1))], axis=2)) / 60
    np.testing.assert_allclose(score, 0, atol=1e-5)


def test_only_networks_without_hidden_layers_have_a_basis() -> None:
    """With the squared loss they are least squares on it; with the logistic loss it spans the logits."""
    x, y, streams = sample(3)
    linear = MLP(depth=0, steps=3000, batch_size=60, learning_rate=0.05, dtype="float64")
    basis, fitted = linear.basis(x[0]), linear.fit(x, y, streams)(x[0])[0]
    assert basis is not None
    np.testing.assert_allclose(basis.T @ np.linalg.lstsq(basis.T, y[0], rcond=None)[0], fitted, atol=1e-6)
    logistic = replace(linear, loss="logistic")
    assert MLP().basis(POINTS) is MLP().logits(POINTS) is logistic.basis(POINTS) is linear.logits(POINTS) is None
    np.testing.assert_array_equal(logistic.logits(x[0]), basis)


def test_units_of_measurement_do_not_matter_and_constant_columns_are_harmless() -> None:
    x, y, streams = sample(2)
    shifted = PLAIN.fit(100 + 7 * x, 40 + 3 * y, streams)(100 + 7 * POINTS)
    np.testing.assert_allclose(shifted, 40 + 3 * PLAIN.fit(*sample(2))(POINTS), rtol=0, atol=1e-9)
    x[..., 1], y[0] = 5.0, 2.0
    assert np.isfinite(PLAIN.fit(x, y, sample(2)[2])(POINTS)).all()


def test_points_shared_or_per_replicate() -> None:
    predict = PLAIN.fit(*sample(2))
    both = predict(np.stack([POINTS, POINTS[::-1]]))
    same(both, np.stack([predict(POINTS)[0], predict(POINTS)[1, ::-1]]))
    assert predict(POINTS[:0]).shape == (2, 0)
    for wrong in (POINTS[:, :2], np.stack([POINTS] * 3), POINTS[0]):
        with pytest.raises(ValueError, match="points"):
            predict(wrong)


def test_bad_samples_are_named() -> None:
    x, y, streams = sample(2)
    for name, bad in {
        "x": (x[0], y, streams), "y": (x, y[:, 1:], streams), "streams": (x, y, streams[:1]),
        "x: expected finite": (x * np.nan, y, streams), "x: expected rows left": (x[:, :1], y[:, :1], streams),
    }.items():
        with pytest.raises(ValueError, match=name):
            EARLY.fit(*bad)
    with pytest.raises(ValueError, match="logistic"):
        replace(PLAIN, loss="logistic").fit(x, y, streams)
    with pytest.raises(ValueError, match="samples"):
        fit([(x, y, streams), (x[..., :1], y, streams)], PLAIN)


def test_a_gpu_gives_the_same_networks_and_a_missing_one_is_named() -> None:
    if not torch.cuda.is_available():
        with pytest.raises(ValueError, match="device"):
            replace(PLAIN, device="cuda").fit(*sample(1))
        return
    gpu, cpu = (replace(EARLY, device=device).fit(*sample(5))(POINTS) for device in ("cuda", "cpu"))
    np.testing.assert_allclose(gpu, cpu, rtol=0, atol=1e-8)


def test_listing_the_learner_does_not_load_torch() -> None:
    code = "import sys, experiments.learners.mlp; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize("shape", [(64, 5, 64), (64, 64, 64), (17, 64, 9), (256, 24, 24), (100, 300, 7), (16, 1, 3)])
def test_products_err_by_rounding_only(shape: tuple[int, int, int]) -> None:
    """Every term errs by at most 2^-24, a sum of K of them by K times that, relative to the sum of magnitudes."""
    rows, terms, columns = shape
    rng = np.random.default_rng(0)
    left = torch.from_numpy(rng.normal(size=(8, rows, terms))).float()
    right = torch.from_numpy(rng.normal(size=(8, terms, columns))).float()
    bias = torch.from_numpy(rng.normal(size=(8, 1, columns))).float()
    exact = torch.baddbmm(bias.double(), left.double(), right.double())
    limit = (terms + 1) * 2.0**-24 * torch.baddbmm(bias.double().abs(), left.double().abs(), right.double().abs())
    with exact_arithmetic():
        assert ((torch.baddbmm(bias, left, right) - exact).abs() <= limit).all()
    rounded = torch.baddbmm(bias, left.bfloat16().float(), right.bfloat16().float())
    assert ((rounded - exact).abs() > limit).any()


def test_the_probe_sees_coarse_products(monkeypatch: pytest.MonkeyPatch) -> None:
    exact = torch.bmm

    def rounded(value: torch.Tensor, bits: int) -> torch.Tensor:
        mantissa, exponent = torch.frexp(value)
        coarse = torch.ldexp((mantissa * 2**bits).round() / 2**bits, exponent)
        return value if value.dtype == torch.float64 else coarse

    assert fitting._error(64) < fitting.ROUNDING
    for bits in (8, 11):  # bfloat16, TF32
        monkeypatch.setattr(torch, "bmm", lambda a, b, bits=bits: exact(rounded(a, bits), rounded(b, bits)))
        assert min(fitting._error(terms) for terms in (5, 64, 256)) > 10 * fitting.ROUNDING


def test_settings_are_left_as_found() -> None:
    before = PRODUCTS.fp32_precision, torch.backends.cuda.matmul.fp32_precision
    with exact_arithmetic():
        assert torch.backends.cuda.matmul.fp32_precision == "ieee"
        assert torch.tensor([1e-40]).add(0.0).item() == 0.0
    with pytest.raises(ZeroDivisionError), exact_arithmetic():
        _ = 1 / 0
    assert (PRODUCTS.fp32_precision, torch.backends.cuda.matmul.fp32_precision) == before
    assert torch.tensor([1e-40]).add(0.0).item() > 0.0
