"""Networks trained together against a plain loop and scikit-learn: same data, steps and batch size, side by side."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from dataclasses import replace
from time import perf_counter
from typing import Any

import numpy as np
import torch
from scipy import stats
from sklearn.neural_network import MLPRegressor
from threadpoolctl import threadpool_limits
from torch import Tensor, nn

from experiments.learners.base import Array
from experiments.learners.mlp import MLP
from experiments.networks.fitting import exact_arithmetic
from experiments.networks.samples import training_set
from experiments.networks.stack import adam_step
from experiments.networks.training import Training
from experiments.rng import streams
from tests.bench import Result, result

THREADS = 2
REPLICATES, ROWS, INPUTS, WIDTH, BATCH = 64, 4000, 5, 64, 64
EPOCHS = 10
STEPS = EPOCHS * -(-ROWS // BATCH)
ROUNDS, EACH = 8, 4  # every round fits all replicates our way and EACH further ones the other ways
LEARNER = MLP(
    width=WIDTH, depth=2, batch_size=BATCH, steps=STEPS, schedule="constant", standardize=False, device="cpu"
)


def bench_networks() -> list[Result]:
    """Time the three ways in alternation, keep the best round of each, and compare final risks on the same data."""
    torch.set_num_threads(THREADS)
    seconds, risks = _race(*_data())
    cost = {name: 1e6 * min(times) / STEPS for name, times in seconds.items()}
    return [
        _speed("networks: plain PyTorch loop", cost, "plain", 20.0, "nn.Sequential, autograd, torch.optim.Adam"),
        _speed("networks: plain PyTorch loop, fused Adam", cost, "fused", None, "the same with Adam(fused=True)"),
        _speed("networks: scikit-learn", cost, "sklearn", 12.0, "MLPRegressor in float32, its faster thread count"),
        _same_risk("networks: final risk, plain PyTorch loop", risks["ours"], risks["plain"]),
        _same_risk("networks: final risk, scikit-learn", risks["ours, Glorot"], risks["sklearn"]),
        _ceiling(cost["ours"]),
    ]


def bench_backward_pass() -> list[Result]:
    """Steps with the hand-written backward pass against autograd and vmap on the same parameters: medians of rounds."""
    torch.set_num_threads(1)  # as cells do
    with exact_arithmetic():
        sets = [training_set(*job, LEARNER) for job in zip(*_data(), streams(0, "bench", REPLICATES))]
        training = Training(sets, LEARNER, torch.empty(0))
        batches = training.batches.draw(range(REPLICATES), 50)
        with torch.inference_mode(False):
            plain, blocks = batches.clone(), [b.clone().requires_grad_() for b in training.lockstep.stack.blocks]
            means, squares = ([torch.zeros_like(block) for block in blocks] for _ in range(2))

        def autograd(number: int) -> None:
            with torch.enable_grad():
                loss = _loss(blocks, plain[number]).sum()
            step(torch.autograd.grad(loss, blocks), number)

        per_network = torch.func.vmap(torch.func.grad(_loss))

        def vmap(number: int) -> None:
            step(per_network(blocks, plain[number]), number)

        def step(gradients: Sequence[Tensor], number: int) -> None:
            with torch.no_grad():
                adam_step(blocks, list(gradients), means, squares, number, LEARNER.learning_rate)

        seconds: dict[str, list[float]] = {"ours": [], "autograd": [], "vmap": []}
        for _ in range(2 * ROUNDS):
            seconds["ours"].append(_per_step(lambda i: training.lockstep.step(batches[i], i), len(batches)))
            with torch.inference_mode(False):
                for way in (autograd, vmap):
                    seconds[way.__name__].append(_per_step(way, len(batches)))
    cost = {name: float(np.median(each)) / REPLICATES for name, each in seconds.items()}
    return [
        _speed("networks: batched autograd", cost, "autograd", None, "autograd over the stacked parameters, one thread"),
        _speed("networks: vmap", cost, "vmap", None, "torch.func.vmap of torch.func.grad, one thread"),
    ]


def _loss(blocks: list[Tensor], batch: Tensor) -> Tensor:
    """Return the mean squared error of one network, or of every network of a stack."""
    value = batch[..., :-1]
    for layer, (weight, bias) in enumerate(zip(blocks[::2], blocks[1::2])):
        value = torch.baddbmm(bias, value, weight) if value.dim() == 3 else torch.addmm(bias, value, weight)
        value = value.relu() if layer < LEARNER.depth else value
    return (value - batch[..., -1:]).square().mean((-2, -1))


def _per_step(way: Callable[[int], Any], steps: int) -> float:
    """Return the mean microseconds of a step."""
    begin = perf_counter()
    for number in range(steps):
        way(number)
    return 1e6 * (perf_counter() - begin) / steps


def _race(x: Array, y: Array) -> tuple[dict[str, list[float]], dict[str, list[float]]]:
    """Return seconds per network by way, one value per round, and final risks by way, one value per replicate."""
    points = np.random.default_rng(1).normal(size=(10_000, INPUTS))
    truth = _mean(points)
    seconds: dict[str, list[float]] = {name: [] for name in ("ours", *_ALONE)}
    risks: dict[str, list[float]] = {name: [] for name in _ALONE}
    for name, learner in (("ours", LEARNER), ("ours, Glorot", replace(LEARNER, initial="glorot"))):
        predicted = learner.fit(x, y, streams(0, "bench", REPLICATES))(points)
        risks[name] = list(((predicted - truth) ** 2).mean(1))
    for start in range(0, ROUNDS * EACH, EACH):
        begin = perf_counter()
        LEARNER.fit(x, y, streams(0, "bench", REPLICATES))
        seconds["ours"].append((perf_counter() - begin) / REPLICATES)
        for name, alone in _ALONE.items():
            begin = perf_counter()
            predictors = [alone(x[row], y[row], row) for row in range(start, start + EACH)]
            seconds[name].append((perf_counter() - begin) / EACH)
            risks[name] += [float(((predict(points) - truth) ** 2).mean()) for predict in predictors]
    return seconds, risks


def _plain(x: Array, y: Array, row: int, fused: bool = False) -> Callable[[Array], Array]:
    torch.manual_seed(row)
    features, response = torch.from_numpy(x).float(), torch.from_numpy(y).float()[:, None]
    network = nn.Sequential(
        nn.Linear(INPUTS, WIDTH), nn.ReLU(), nn.Linear(WIDTH, WIDTH), nn.ReLU(), nn.Linear(WIDTH, 1)
    )
    optimizer = torch.optim.Adam(network.parameters(), lr=LEARNER.learning_rate, fused=fused)
    for _ in range(EPOCHS):
        for batch in torch.randperm(ROWS).split(BATCH):
            optimizer.zero_grad()
            nn.functional.mse_loss(network(features[batch]), response[batch]).backward()
            optimizer.step()
    return lambda points: network(torch.from_numpy(points).float()).detach().double().numpy()[:, 0]


def _sklearn(x: Array, y: Array, row: int) -> Callable[[Array], Array]:
    model = MLPRegressor(
        hidden_layer_sizes=(WIDTH, WIDTH), alpha=0.0, batch_size=BATCH, learning_rate_init=LEARNER.learning_rate,
        max_iter=EPOCHS, n_iter_no_change=EPOCHS + 1, random_state=row,
    )  # fmt: skip
    with warnings.catch_warnings(), threadpool_limits(1 + row // EACH % THREADS):
        warnings.filterwarnings("ignore", "Stochastic Optimizer: Maximum iterations")
        model.fit(x.astype(np.float32), y.astype(np.float32))
    return lambda points: np.asarray(model.predict(points.astype(np.float32)), float)


_ALONE = {"plain": _plain, "fused": lambda x, y, row: _plain(x, y, row, fused=True), "sklearn": _sklearn}


def _mean(x: Array) -> Array:
    return np.asarray(np.sin(2 * x[..., 0]) + x[..., 1] * x[..., 2])


def _data() -> tuple[Array, Array]:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(REPLICATES, ROWS, INPUTS))
    return x, _mean(x) + 0.3 * rng.normal(size=x.shape[:2])


def _speed(name: str, cost: dict[str, float], other: str, target: float | None, what: str) -> Result:
    what = f"time per network and step, {what}; R={REPLICATES}, n={ROWS}, p={INPUTS}, 2x{WIDTH}, batch {BATCH}"
    return result(name, cost["ours"], cost[other], target, "us", what)


def _same_risk(name: str, ours: list[float], other: list[float]) -> Result:
    """Compare the mean excess risks over the same replicates: the 99.9% interval of their difference holds zero."""
    difference = np.subtract(other, ours[: len(other)])
    half = float(stats.t.ppf(0.9995, len(other) - 1) * stats.sem(difference))
    what = (
        f"|difference of mean excess risks| against half its 99.9% interval, {len(other)} replicates; "
        f"means {np.mean(ours[: len(other)]):.5f} (ours) and {np.mean(other):.5f}"
    )
    return result(name, abs(float(difference.mean())), half, 1.0, "risk", what)


def _ceiling(cost: float) -> Result:
    """Compare with the products alone: the time the same operations take at the rate of `torch.bmm`."""
    hidden = torch.randn(REPLICATES, BATCH, WIDTH)
    weight, out = torch.randn(REPLICATES, WIDTH, WIDTH), torch.empty(REPLICATES, BATCH, WIDTH)
    with exact_arithmetic():
        best = 1e-6 * min(_per_step(lambda _: torch.bmm(hidden, weight, out=out), 30) for _ in range(20))
    rate = 2 * REPLICATES * BATCH * WIDTH**2 / best
    inner = WIDTH * WIDTH + WIDTH
    at_ceiling = 1e6 * 2 * BATCH * (2 * (INPUTS * WIDTH + inner) + inner) / rate
    what = f"share of the batched product's rate ({rate / 1e9:.0f} GFLOP/s)"
    return result("networks: ceiling", cost, at_ceiling, None, "us", what)
