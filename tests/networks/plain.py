"""The oracle: one network at a time, written with nn.Sequential, autograd and torch.optim.AdamW alone."""

import copy
import math
from collections.abc import Iterator

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from experiments.networks.recipe import Recipe
from experiments.networks.samples import RowOrder

ACTIVATIONS = {"relu": nn.ReLU, "tanh": nn.Tanh}
LOSSES = {"squared": functional.mse_loss, "logistic": functional.binary_cross_entropy_with_logits}


def plain_network(recipe: Recipe, inputs: int, stream: np.random.Generator) -> nn.Sequential:
    layers: list[nn.Module] = []
    for fan_in, fan_out in zip([inputs, *[recipe.width] * recipe.depth], [*[recipe.width] * recipe.depth, 1]):
        linear = nn.Linear(fan_in, fan_out, dtype=torch.float64)
        limit = {"fan_in": 1 / math.sqrt(fan_in), "glorot": math.sqrt(6 / (fan_in + fan_out))}[recipe.initial]
        linear.weight.data = torch.from_numpy(stream.uniform(-limit, limit, (fan_in, fan_out)).T.copy())
        linear.bias.data = torch.from_numpy(stream.uniform(-limit, limit, fan_out))
        layers += [linear, ACTIVATIONS[recipe.activation]()]
    return nn.Sequential(*layers[:-1])


def plain_steps(rows: np.ndarray, recipe: Recipe, stream: np.random.Generator) -> Iterator[tuple[nn.Sequential, float]]:
    """Yield the network after every step with the loss of the batch before it."""
    network = plain_network(recipe, rows.shape[1] - 1, stream)
    optimizer = torch.optim.AdamW(network.parameters(), lr=1.0, weight_decay=recipe.weight_decay)
    order, horizon = RowOrder(len(rows), stream), recipe.horizon(len(rows))
    for step in range(horizon):
        batch = torch.from_numpy(rows[order.take(recipe.batch_size)])
        loss = LOSSES[recipe.loss](network(batch[:, :-1]), batch[:, -1:])
        optimizer.param_groups[0]["lr"] = recipe.rate(step, horizon)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        yield network, loss.item()


def plain_fit(x: np.ndarray, y: np.ndarray, recipe: Recipe, stream: np.random.Generator) -> tuple[nn.Sequential, int]:
    """Return the network with the least held-out loss and the number of steps taken (no standardisation)."""
    rows = np.column_stack([x, y])[stream.permutation(len(x))]
    held = recipe.held_out(len(rows))
    test = torch.from_numpy(rows[:held])
    least, misses, best, done = math.inf, 0, None, 0
    for done, (network, _) in enumerate(plain_steps(rows[held:], recipe, stream), start=1):
        if done % recipe.check_every and done != recipe.horizon(len(rows) - held):
            continue
        with torch.no_grad():
            loss = LOSSES[recipe.loss](network(test[:, :-1]), test[:, -1:]).item()
        best, misses = (copy.deepcopy(network), 0) if loss < least else (best, misses + 1)
        least = min(least, loss)
        if misses >= recipe.patience:
            break
    assert best is not None
    return best, done


def parameters(network: nn.Sequential) -> np.ndarray:
    """Return all parameters in one vector: weights (in, out) then biases, layer by layer."""
    linear = [layer for layer in network if isinstance(layer, nn.Linear)]
    pieces = [piece for layer in linear for piece in (layer.weight.T.reshape(-1), layer.bias)]
    return torch.cat(pieces).detach().numpy()
