"""Pairs of models that synthetic data alone put in order, and how often real data put them in the other one."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations
from math import comb

import numpy as np
import pandas as pd

from experiments.estimators.intervals import Interval, mean_interval, simultaneous_level
from figures.rows import Array, Losses, comparable, largest, sources


@dataclass(frozen=True)
class Certified:
    """A pair of models, first minus second: the difference that certifies, and its differences on the real test rows."""

    synthetic: Interval
    """After synthetic training, at synthetic rows held out."""
    real: Interval
    """After real training."""
    transferred: Interval
    """After synthetic training."""


def certified(rows: pd.DataFrame, confidence: float, level: float, permuted: bool = False) -> dict[str, list[Certified]]:
    """Return by source the pairs of models whose order its held-out rows resolve, over all data sets.

    A certificate is an interval of the mean difference of losses at the held-out rows that excludes 0, jointly at level
    `confidence` for the pairs of a data set and source. Intervals on the real test rows hold jointly at `level` for all
    pairs and data sets, after real training and at each source. All of them are for the training tables at hand.
    `permuted` gives each model the held-out losses of another one, in all cyclic ways.
    """
    parts = [sources(part) for _, part in largest(rows).groupby("dataset", observed=True) if comparable(part)]
    every = simultaneous_level(max(1, sum(comb(len(real.models), 2) for real, _ in parts)), level)
    found: dict[str, list[Certified]] = {}
    for real, synthetic in parts:
        truth = _differences(real.full, every)
        for source, own in synthetic.items():
            if own.held_out.shape[1]:
                found.setdefault(source, []).extend(_of_source(own, truth, confidence, every, permuted))
    return found


def _of_source(
    own: Losses, truth: Mapping[tuple[int, int], Interval], confidence: float, every: float, permuted: bool
) -> Iterator[Certified]:
    number, transferred = len(own.models), _differences(own.full, every)
    each = simultaneous_level(max(1, comb(number, 2)), confidence)
    for shift in range(1, number) if permuted else [0]:
        seen = _differences(np.roll(own.held_out, shift, axis=0), each)
        yield from (Certified(seen[pair], truth[pair], transferred[pair]) for pair in seen if seen[pair].sign)


def _differences(losses: Array, level: float) -> dict[tuple[int, int], Interval]:
    """Intervals of the mean differences of losses (K, N) of all pairs of models."""
    return {(i, j): mean_interval(losses[i] - losses[j], level) for i, j in combinations(range(len(losses)), 2)}


def error_rate(pairs: list[Certified], level: float, on: str = "real") -> Interval:
    """Return the share of certified pairs, one at least, that are in the opposite order on real rows (`real`, `transferred`).

    Of the interval, the lower end counts the pairs that real rows resolve in the opposite order, the upper end those that
    they leave open, too: it holds the share whenever all intervals of differences hold, however the pairs depend on one
    another. The value counts the estimated differences.
    """
    found = [(pair.synthetic.sign, getattr(pair, on)) for pair in pairs]
    wrong, open_ = (sum(test) for test in zip(*((s * r.sign < 0, r.sign == 0) for s, r in found)))
    value = sum(s * r.value <= 0 for s, r in found)
    return Interval(value / len(pairs), wrong / len(pairs), (wrong + open_) / len(pairs), level)
