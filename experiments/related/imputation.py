"""Missing values filled in: training on imputed features, against the best prediction without the missing values."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, ClassVar

import numpy as np
from numpy.typing import NDArray

from experiments.config.registry import NonNegative, component, whole
from experiments.measurements.base import Cell, Columns, Measurement, labelled, stacked
from experiments.related.batched import Array
from experiments.rng import stream, streams

Mask = NDArray[np.bool_]
MASKS = ("MAR", "MNAR")
"""Missing at random: depends on the feature that is always seen; not at random: on the missing value itself."""

EFFECTS, SHARES = np.array([0.0, 1.0, 2.0, -1.0]), np.array([0.4, 0.3, 0.2, 0.1])
"""Effect and share of the four levels of the category; level 0 is the mode."""

APART = 10.0
"""Codes of levels are this far apart: nearest neighbours look at other levels only when a level has too few rows."""


@dataclass(frozen=True)
class Rows:
    """Rows of all replicates, each (R, n): the value that may be missing, the observed feature, the mask, and the best
    prediction from what is observed.
    """

    value: Array
    seen: Array
    missing: Mask
    best: Array


def numbers(count: int, mask: str, rng: np.random.Generator) -> Rows:
    """Draw rows with E[Y | X] = 2 X1 + X2: X2 uniform, X1 = (X2 + U)/2, so that X1 given X2 is uniform on [X2/2, (X2+1)/2].

    P(missing) = 0.2 + 0.6 X2, or 0.2 + 0.6 X1. Then the best prediction of X1 is E[X1 | X2] = X2/2 + 1/4, or
    E[X1 (0.2 + 0.6 X1) | X2] / E[0.2 + 0.6 X1 | X2], E[X1^2 | X2] = X2^2/4 + X2/4 + 1/12.
    """
    seen, u, chance = rng.random((3, count))
    value = (seen + u) / 2
    missing = chance < 0.2 + 0.6 * (seen if mask == "MAR" else value)
    mean, square = seen / 2 + 0.25, seen**2 / 4 + seen / 4 + 1 / 12
    guess = mean if mask == "MAR" else (0.2 * mean + 0.6 * square) / (0.2 + 0.6 * mean)
    return Rows(value, seen, missing, 2 * np.where(missing, guess, value) + seen)


def categories(count: int, mask: str, rng: np.random.Generator) -> Rows:
    """Draw rows with E[Y | X] = EFFECTS[level] + X2, level independent of X2.

    P(missing) = 0.2 + 0.4 X2, or 0.1 + 0.2 level. Then the best prediction of the effect is its mean over all levels, or over
    levels weighted by their chance to be missing.
    """
    level = rng.choice(len(SHARES), size=count, p=SHARES)
    seen, chance = rng.random((2, count))
    weights = np.ones(len(SHARES)) if mask == "MAR" else 0.1 + 0.2 * np.arange(len(SHARES))
    missing = chance < (0.2 + 0.4 * seen if mask == "MAR" else weights[level])
    guess = SHARES * weights @ EFFECTS / (SHARES @ weights)
    best = np.where(missing, guess, EFFECTS[level]) + seen
    return Rows(np.asarray(APART * level, dtype=np.float64), seen, missing, best)


DRAW = {"mean": numbers, "mode": categories, "level": categories}
"""The rows on which each imputation is tried."""


@component("measurement", "imputation")
@dataclass(frozen=True)
class Imputation(Measurement):
    """Excess risk of learners on imputed features over the best prediction from what is observed.

    One feature is always observed, one is missing in part. `mean`: a number, replaced by the mean of the observed values;
    `mode`: a category, replaced by the most frequent one; `level`: a category, missing as a level of its own. Test rows
    are imputed by the training rows' mean. `imputed` is the share of imputed values: the total variation between the laws
    of a number before and after imputation (an atom).
    """

    noise: NonNegative = 0.3
    test_size: Annotated[int, whole(2)] = 2000

    axes: ClassVar[tuple[str, ...]] = ("learner", "n")

    def rows(self, cell: Cell) -> Columns:
        """Return one row per replicate, mask and way to impute."""
        return stacked(self._tables(cell))

    def _tables(self, cell: Cell) -> Iterator[Columns]:
        for mask in MASKS:
            for scheme in DRAW:
                train, y = self._training(cell, scheme, mask)
                test = DRAW[scheme](self.test_size, mask, stream(cell.seed, f"imputation/test/{scheme}/{mask}"))
                fill = filling(train, scheme)
                fitted = cell.parts["learner"].fit(
                    features(train, fill), y, streams(cell.seed, "imputation/learner", cell.replicates)
                )
                excess = ((fitted(features(test, fill)) - test.best) ** 2).mean(axis=1)
                labels = labelled(cell.replicates, scheme=scheme, mask=mask, imputed=test.missing.mean())
                yield labels | {"excess": excess}

    def _training(self, cell: Cell, scheme: str, mask: str) -> tuple[Rows, Array]:
        rngs = streams(cell.seed, f"imputation/{scheme}/{mask}", cell.replicates)
        drawn = [DRAW[scheme](cell.n, mask, rng) for rng in rngs]
        rows = Rows(*(np.stack([getattr(d, f) for d in drawn]) for f in ("value", "seen", "missing", "best")))
        noise = np.stack([rng.standard_normal(cell.n) for rng in rngs])
        return rows, _response(rows, scheme) + self.noise * noise


def _response(rows: Rows, scheme: str) -> Array:
    """The regression function of the complete features."""
    if scheme == "mean":
        return 2 * rows.value + rows.seen
    return EFFECTS[np.rint(rows.value / APART).astype(np.intp)] + rows.seen


def filling(rows: Rows, scheme: str) -> Array:
    """Return what replaces missing values, `(R, 1)`, from training rows."""
    if scheme == "mean":
        kept = ~rows.missing
        return np.asarray((rows.value * kept).sum(axis=1, keepdims=True) / np.maximum(kept.sum(axis=1, keepdims=True), 1))
    code = 0.0 if scheme == "mode" else APART * len(EFFECTS)
    return np.full((len(rows.value), 1), code)


def features(rows: Rows, fill: Array) -> Array:
    """Return the features `(R, n, 2)` with missing values replaced; `rows` may be shared by all replicates."""
    value = np.where(rows.missing, fill, rows.value)
    return np.stack([value, np.broadcast_to(rows.seen, value.shape)], axis=-1)
