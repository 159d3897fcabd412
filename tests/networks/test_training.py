"""Batched training against the plain loop, step by step; row orders: permutations, portions, uniformity."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from scipy import stats

from experiments.networks.passes import ACTIVATIONS, LOSSES, Pass, outputs
from experiments.networks.recipe import Recipe
from experiments.networks.samples import RowOrder, training_set
from experiments.networks.stack import Stack, initialize
from experiments.networks.training import Training
from tests.networks.plain import parameters, plain_steps

LIKE = torch.empty(0, dtype=torch.float64)
BASE = Recipe(width=7, steps=40, batch_size=16, learning_rate=1e-2, dtype="float64", standardize=False)
RECIPES = {
    "two hidden layers, decay, cosine": replace(BASE, weight_decay=0.1),
    "three hidden layers, constant rate": replace(BASE, depth=3, schedule="constant"),
    "tanh, linear schedule, epochs": replace(BASE, depth=1, activation="tanh", schedule="linear", steps=0, epochs=7),
    "logistic, Glorot": replace(BASE, loss="logistic", initial="glorot"),
    "linear model": replace(BASE, depth=0),
    "batches larger than the sample": replace(BASE, batch_size=100, steps=15),
}


def data(replicates: int, rows: int = 70, inputs: int = 3) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(11)
    x = rng.normal(size=(replicates, rows, inputs))
    return x, (np.sin(2 * x[..., 0]) + rng.normal(size=(replicates, rows)) > 0).astype(float)


def streams(replicates: int) -> list[np.random.Generator]:
    return [np.random.default_rng([5, i]) for i in range(replicates)]


def network(stack: Stack, row: int) -> np.ndarray:
    return np.concatenate([block[row].numpy().ravel() for block in stack.blocks])


@pytest.mark.parametrize("replicates", [1, 8])
@pytest.mark.parametrize("recipe", RECIPES.values(), ids=RECIPES.keys())
def test_every_slice_takes_the_steps_of_a_plain_loop(recipe: Recipe, replicates: int) -> None:
    x, y = data(replicates)
    training = Training([training_set(*one, recipe) for one in zip(x, y, streams(replicates))], recipe, LIKE)
    loops = [plain_steps(np.column_stack([a, b]), recipe, stream) for a, b, stream in zip(x, y, streams(replicates))]
    taken = 0
    for step, plain in enumerate(zip(*loops, strict=True)):
        batch = training.batches.draw(range(replicates), 1)[0]
        output = training.lockstep.run.forward(batch[..., :-1])
        losses = LOSSES[recipe.loss].value(output, batch[..., -1:]).mean((1, 2))
        training.lockstep.step(batch, step)
        for row, (alone, loss) in enumerate(plain):
            assert losses[row].item() == pytest.approx(loss, rel=0, abs=1e-10)
            np.testing.assert_allclose(network(training.lockstep.stack, row), parameters(alone), rtol=0, atol=1e-10)
        taken += 1
    assert taken == recipe.horizon(x.shape[1])


def test_a_wrong_batch_or_rate_would_be_seen() -> None:
    recipe = RECIPES["two hidden layers, decay, cosine"]
    x, y = data(1)
    for wrong in (replace(recipe, learning_rate=1.001e-2), replace(recipe, weight_decay=0.11)):
        sets = [training_set(x[0], y[0], streams(1)[0], recipe)]
        kept = network(Training(sets, wrong, LIKE).finish(), 0)
        *_, (alone, _) = plain_steps(np.column_stack([x[0], y[0]]), recipe, streams(1)[0])
        assert np.abs(kept - parameters(alone)).max() > 1e-6


@pytest.mark.parametrize("depth", [0, 1, 3])
@pytest.mark.parametrize("activation", sorted(ACTIVATIONS))
@pytest.mark.parametrize("loss", sorted(LOSSES))
def test_gradients_are_those_of_autograd(depth: int, activation: str, loss: str) -> None:
    stack = initialize(replace(BASE, width=6, depth=depth), 4, streams(3), LIKE)
    x, y = torch.randn(3, 9, 4, dtype=torch.float64), torch.rand(3, 9, 1, dtype=torch.float64)
    run, gradient = Pass(stack, 9, activation), stack.empty_like()
    run.backward(x, LOSSES[loss].slope(run.forward(x), y), gradient)
    for block in stack.blocks:
        block.requires_grad_()
    # the generic activations: autograd cannot follow the in-place ones through the batched product's buffers
    value = x
    for layer, (weight, bias) in enumerate(zip(stack.weights, stack.biases)):
        value = value @ weight + bias
        value = getattr(torch, activation)(value) if layer < depth else value
    expected = torch.autograd.grad(LOSSES[loss].value(value, y).sum(), stack.blocks)
    for mine, theirs in zip(gradient.blocks, expected):
        torch.testing.assert_close(mine, theirs, rtol=0, atol=1e-12)
    with torch.no_grad():
        torch.testing.assert_close(outputs(stack, x, activation), value.detach()[..., 0], rtol=0, atol=1e-12)


STREAMS = [np.random.default_rng, lambda seed: torch.Generator().manual_seed(seed)]


@pytest.mark.parametrize("stream", STREAMS)
@pytest.mark.parametrize("rows", [1, 2, 7, 64, 1000])
def test_every_pass_meets_every_row_once(rows: int, stream: Callable[[int], Any]) -> None:
    order = RowOrder(rows, stream(0)).take(3 * rows).reshape(3, rows)
    assert (np.sort(order, axis=1) == np.arange(rows)).all()


@pytest.mark.parametrize("stream", STREAMS)
def test_portions_do_not_matter(stream: Callable[[int], Any]) -> None:
    whole, order = RowOrder(10, stream(1)).take(57), RowOrder(10, stream(1))
    assert (np.concatenate([order.take(count) for count in (0, 3, 31, 1, 22)]) == whole).all()


def test_permutations_are_uniform() -> None:
    """All 24 orders of 4 rows equally likely: chi-square test, false alarm 0.1%."""
    order = RowOrder(4, np.random.default_rng(2)).take(4 * 12_000).reshape(-1, 4)
    _, counts = np.unique(order, axis=0, return_counts=True)
    assert counts.size == 24
    assert stats.chisquare(counts).pvalue > 1e-3
