"""One network's own data: training rows, held-out rows, and the scaling between its units and the user's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from experiments.learners.base import Array
from experiments.networks.recipe import Recipe


@dataclass(frozen=True)
class Scaling:
    """Centre and spread of the p features and the response: `(value - centre) / spread` is what the network sees.

    Parameters
    ----------
    centre, spread : Array (p + 1,)
        The response comes last.
    """

    centre: Array
    spread: Array


@dataclass(frozen=True)
class TrainingSet:
    """What one network is trained on.

    Parameters
    ----------
    rows : Array (n, p + 1)
        Training rows, scaled; features first, the response last.
    held : Array (v, p + 1)
        Held-out rows, scaled alike; none where nothing is held out.
    scaling : Scaling
        From the training rows alone.
    stream : numpy.random.Generator
        Gives the split, then the initial parameters, then the batches.
    """

    rows: Array
    held: Array
    scaling: Scaling
    stream: np.random.Generator


def training_set(x: Array, y: Array, stream: np.random.Generator, recipe: Recipe) -> TrainingSet:
    """Return one replicate's training set from its features (n, p), responses (n,) and stream."""
    rows = np.column_stack([x, y]).astype(float)
    held = recipe.held_out(len(rows))
    if held:
        rows = rows[stream.permutation(len(rows))]
    scaling = _scaling(rows[held:], recipe)
    rows = (rows - scaling.centre) / scaling.spread
    return TrainingSet(rows[held:], rows[:held], scaling, stream)


def _scaling(rows: Array, recipe: Recipe) -> Scaling:
    centre, spread = np.zeros(rows.shape[1]), np.ones(rows.shape[1])
    scaled = slice(0, (None if recipe.loss == "squared" else -1) if recipe.standardize else 0)
    centre[scaled], deviation = rows[:, scaled].mean(0), rows[:, scaled].std(0)
    # a constant column carries nothing: centred, it stays zero
    spread[scaled] = np.where(deviation > 0, deviation, 1.0)
    return Scaling(centre, spread)


def check(x: Array, y: Array, streams: Sequence[np.random.Generator], recipe: Recipe) -> None:
    """Check a sample.

    Raises
    ------
    ValueError
        Shapes that do not fit, values that are not finite, too few rows to hold any out, or responses outside [0, 1]
        with the logistic loss.
    """
    if x.ndim != 3 or not x.size:
        raise ValueError(f"x: expected shape (R, n, p), none of them 0, got {x.shape}")
    if y.shape != x.shape[:2]:
        raise ValueError(f"y: expected shape {x.shape[:2]}, got {y.shape}")
    if len(streams) != len(x):
        raise ValueError(f"streams: expected {len(x)} of them, one per replicate, got {len(streams)}")
    if recipe.held_out(x.shape[1]) >= x.shape[1]:
        raise ValueError(f"x: expected rows left to train on with holdout={recipe.holdout}, got n = {x.shape[1]}")
    for name, values in (("x", x), ("y", y)):
        if not np.isfinite(values).all():
            raise ValueError(f"{name}: expected finite values")
    if recipe.loss == "logistic" and not ((y >= 0) & (y <= 1)).all():
        raise ValueError("y: expected values in [0, 1] with loss='logistic'")
