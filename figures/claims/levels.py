"""Simulated level and power: how often a rule errs on a claim's own rows, moved to where its sentence becomes false.

Replicates are drawn again with replacement, the same ones for every group, size and column. For the level the data of a group
are first moved to an edge of the region in which its rule wants the estimate, and so keep their own spread, skewness and
dependence: means and limits by a constant, ratios by a factor, slopes of logarithms by a power of the size. Flags follow the
binomial law.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from math import isfinite, isnan
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from experiments.estimators.intervals import Array, Interval
from figures.claims.rules.family import Judgement, Region

DRAWS, FOUND_DRAWS, LOOPED_DRAWS = 10_000, 1_000, 1_000
"""Draws at an edge; of data as they were found; at most, where an estimator takes one sample at a time."""
REPLICATES, CHUNK = 1_000, 2**18
"""Replicates drawn at an edge, at most (fewer mislead more); numbers drawn at a time."""

Flags = NDArray[np.bool_]
Ends = tuple[Array, Array]


class NotSimulated(Exception):
    """Why the level of a rule cannot be simulated."""


@dataclass(frozen=True)
class Simulated:
    """Frequencies of verdicts over draws.

    `holds_if_false`: of a group that lies at an edge, in the worst case; `violated_if_true`: of some group where all lie at an
    edge; `holds` and `fails`: of all groups, and of no group, to hold where data are drawn as they were found.
    """

    groups: int
    draws: int
    holds_if_false: float
    violated_if_true: float
    holds: float
    fails: float


def simulated(judgements: Sequence[Judgement], counted: Collection[str], edges: bool = True, draws: int = DRAWS) -> Simulated:
    """Simulate what a rule judged, at the edges (unless only as found is asked for) and as found; or raise NotSimulated.

    `counted` names the groups on which its verdict rests: all hold where it holds, and one is violated where it is. Where they
    are not those of the judgements, which are then parts of them, all count.
    """
    if not judgements:
        raise NotSimulated("several intervals of a group at once, or too few data")
    listed = [(j, name) for j in judgements for name in j.groups]
    kept = [(j, name) for j, name in listed if name in counted] or listed  # none where groups of the verdict are wider
    samples = [s for s in (Sample.of(j, name) for j, name in kept) if s.varies]
    if not samples:
        raise NotSimulated("nothing is left to chance")
    draws = min(draws, *(s.most_draws for s in samples))
    wrong = [0.0]
    violated = {"": np.zeros(draws, bool)}
    for number, s in enumerate(samples if edges else []):
        for name, value, true, false in _edges(s.region):
            holds, fails = _verdicts(s.at(value).ends(draws, number, REPLICATES), s.region)
            wrong += [float(holds.mean())] if false else []
            violated[name] = violated.get(name, violated[""]) | (fails & true)
    held = np.array([_verdicts(s.ends(min(draws, FOUND_DRAWS), k, s.replicates), s.region)[0] for k, s in enumerate(samples)])
    worst = max(float(v.mean()) for v in violated.values())
    return Simulated(len(samples), draws, max(wrong), worst, float(held.all(axis=0).mean()), float((~held).all(axis=0).mean()))


def _edges(region: Region) -> Iterator[tuple[str, float, bool, bool]]:
    """Yield name and value of each edge, and whether the sentence is just true, and just false, there."""
    if isnan(region.target):
        yield from ((name, v, True, True) for name, v in (("low", region.low), ("high", region.high)) if isfinite(v))
    else:
        yield "target", region.target, True, False
        yield from (("off", region.target + side * region.margin, False, True) for side in (-1, 1))


def _verdicts(ends: Ends, region: Region) -> tuple[Flags, Flags]:
    """Which intervals hold and which are violated, as `above`, `below`, `inside` and `contains` of rules/family.py."""
    low, high = ends
    if isnan(region.target):
        beyond = (high < region.low - region.slack) | (low > region.high + region.slack)
        return (low > region.low) & (high < region.high), beyond
    hit = (low <= region.target) & (region.target <= high)
    within = np.maximum(region.target - low, high - region.target) < region.margin
    return hit & within, ~hit


@dataclass(frozen=True)
class Sample:
    """The data of one group: arrays, of which some have replicates on their last axis, or flags."""

    name: str
    parts: tuple[Any, ...]
    region: Region
    estimator: Callable[[Any, float], Interval]
    each: float
    share: float | None = None
    """Of flags: the probability of one."""

    @classmethod
    def of(cls, judgement: Judgement, name: str) -> Sample:
        """Return the data of a group of a judgement."""
        if name not in judgement.regions:
            raise NotSimulated("a criterion of its own")
        data = judgement.groups[name]
        parts = data if isinstance(data, tuple) else (data,)
        parts = tuple(p.to_numpy() if isinstance(p, pd.Series) else p for p in parts)
        found = cls(name, parts, judgement.regions[name], judgement.estimator, judgement.each)
        only = parts[0] if len(parts) == 1 else None
        return replace(found, share=float(np.mean(only))) if only is not None and np.isin(only, (0, 1)).all() else found

    @property
    def random(self) -> list[int]:
        """Which parts have replicates: tables (K, R), or where there are none arrays (R,)."""
        axes = [p.ndim if isinstance(p, np.ndarray) else 0 for p in self.parts]
        if not max(axes):
            raise NotSimulated("its data are not arrays of replicates")
        return [i for i, n in enumerate(axes) if n == max(axes)]

    @property
    def replicates(self) -> int:
        """R."""
        return int(self.parts[self.random[0]].shape[-1])

    @property
    def varies(self) -> bool:
        """Whether the interval is wider than rounding."""
        found = self.interval()
        return bool(found.half_width > 1e-9 * max(abs(found.value), 1e-9))

    @property
    def most_draws(self) -> int:
        """As many draws as the estimator allows."""
        return DRAWS if self.share is not None or self._takes_many() else LOOPED_DRAWS

    def interval(self, parts: tuple[Any, ...] | None = None) -> Interval:
        """Return the interval of the data, or of other parts."""
        given = self.parts if parts is None else parts
        return self.estimator(given if len(given) > 1 else given[0], self.each)

    def at(self, value: float) -> Sample:
        """Return the sample moved so that its estimate is `value`."""
        if self.share is not None:
            return replace(self, share=min(max(value, 0.0), 1.0))
        now = self.interval().value
        for move, probe, needed in (
            (self._shifted, 1e-3, value - now),
            (self._scaled, 2.0, value / now if now else 1.0),
            (self._tilted, 1.0, value - now),
        ):
            wanted = now * probe if move == self._scaled else now + probe
            if np.isclose(self.interval(move(probe)).value, wanted, rtol=1e-6, atol=1e-9):
                moved = replace(self, parts=move(needed))
                if np.isclose(moved.interval().value, value, rtol=1e-6, atol=1e-9):  # not cut at the end of its range
                    return moved
        raise NotSimulated("its estimate cannot be moved by a constant, a factor or a power of the size")

    def _moved(self, first: Array) -> tuple[Any, ...]:
        return tuple(first if i == self.random[0] else p for i, p in enumerate(self.parts))

    def _shifted(self, by: float) -> tuple[Any, ...]:
        return self._moved(self.parts[self.random[0]] + by)

    def _scaled(self, by: float) -> tuple[Any, ...]:
        return self._moved(self.parts[self.random[0]] * by)

    def _tilted(self, by: float) -> tuple[Any, ...]:
        table, sizes = self.parts[self.random[0]], self.parts[0]
        fits = table.ndim == 2 and np.shape(sizes) == table.shape[:1]
        return self._moved(table * (sizes / sizes[-1])[:, None] ** by) if fits else self.parts

    def ends(self, draws: int, number: int, most: int) -> Ends:
        """Return the ends of the intervals of so many draws of `most` replicates; `number` tells groups of flags apart."""
        size = self.replicates
        if self.share is not None:
            counts = np.random.default_rng([number, size]).binomial(size, self.share, draws)
            order = np.random.default_rng(size).permutation(size)  # bets (`bounded_interval`) go by the order of the values
            known = {k: self.interval((order < k,)) for k in np.unique(counts)}
            return np.array([known[k].low for k in counts]), np.array([known[k].high for k in counts])
        rng, many, drawn = np.random.default_rng([size]), self._takes_many(), min(size, most)
        step = max(CHUNK * size // (drawn * sum(self.parts[i].size for i in self.random)), 1)
        chunks = [self._chunk(rng.integers(0, size, (min(step, draws - k), drawn)), many) for k in range(0, draws, step)]
        return np.concatenate([low for low, _ in chunks]), np.concatenate([high for _, high in chunks])

    def _takes_many(self) -> bool:
        """Whether the estimator takes many samples at once."""
        rows = np.random.default_rng(0).integers(0, self.replicates, (2, self.replicates))
        try:
            many = self.interval(self._drawn(rows))
        except Exception:
            return False
        one = self._chunk(rows, False)
        ends = np.array([many.low, many.high])
        return ends.shape == (2, 2) and np.allclose(ends, one, rtol=1e-6)

    def _chunk(self, rows: NDArray[np.integer[Any]], many: bool) -> Ends:
        if many:
            try:
                found = self.interval(self._drawn(rows))
                return np.asarray(found.low), np.asarray(found.high)
            except ValueError:
                pass  # of one of them: a mean below 0, say
        ends = np.full((2, len(rows)), [[-np.inf], [np.inf]])
        for k, row in enumerate(rows):
            try:
                one = self.interval(self._drawn(row))
                ends[:, k] = one.low, one.high
            except ValueError:
                continue  # no interval: open
        return ends[0], ends[1]

    def _drawn(self, rows: NDArray[np.integer[Any]]) -> tuple[Any, ...]:
        """Draw replicates `rows (R,)`, or `(B, R)` for B samples at once."""
        parts = {i: self.parts[i][..., rows] for i in self.random}
        if rows.ndim == 2 and self.parts[self.random[0]].ndim == 2:
            parts = {i: table.swapaxes(0, 1) for i, table in parts.items()}
        return tuple(parts.get(i, p) for i, p in enumerate(self.parts))
