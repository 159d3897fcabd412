"""Rows that two tables share: copies of real rows in the synthetic table, leaked test rows, repeated rows.

Distances are Euclidean, of whole rows with the target: numbers over their real standard deviation, √½ for a category that
differs at either level. A row is a near copy of another where it is nearer to it, relative to the second nearest, than 99
of 100 real test rows are to a training row. That ratio does not depend on how dense the rows lie, so a generator that
keeps to the middle of the real law is not taken for one that copies.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from experiments.audit.columns import MIN_ROWS, Warnings
from experiments.audit.encoding import EncodedTable, Problem
from experiments.audit.options import InputError
from experiments.audit.reading import Digest, mixed
from experiments.estimators.intervals import Array, Interval, clopper_pearson
from experiments.rng import stream

CHANCE = 0.01
"""Share of fresh real rows that count as near copies."""

MOST_ROWS = 3000
"""Synthetic rows whose neighbours are looked for."""

VETO = 0.05
"""Share of copies beyond chance from which the synthetic table is called a copy."""

LEVELS = 50
FEWEST = 50
"""Rows that stand for a table; with fewer, the distances to them are those of a few odd rows."""

TOUCHING = 3e-3
"""Distances below this, in standard deviations, are 0 up to rounding in single precision."""


@dataclass(frozen=True)
class Copies:
    """How many synthetic rows are copies of real ones.

    `of_training` and `of_test` of the `rows` synthetic rows equal a real training or test row in every column, a `share` of
    them either kind; `by_chance` is the share of real rows that equal another real row: what fresh real data would show.
    `near` and `near_by_chance` are the same shares for near copies of training rows. `doubled` synthetic rows equal an
    earlier one; `left_out` test rows were left out, since the synthetic table holds copies or near copies of them.
    `nearer` is the share of synthetic rows nearer to a training than to an unseen row, of as many of both: a half where the
    generator keeps nothing of single rows; None where the test rows may have been seen.
    """

    of_training: int
    of_test: int
    rows: int
    share: Interval
    by_chance: Interval
    near: Interval
    near_by_chance: Interval
    doubled: int
    left_out: int
    nearer: Interval | None = None

    def beyond_chance(self, margin: float = 0.0) -> bool:
        """Whether copies or near copies clearly exceed what chance explains by more than `margin`."""
        pairs = ((self.share, self.by_chance), (self.near, self.near_by_chance))
        return any(share.low > chance.high + margin for share, chance in pairs)


def distinct(real: EncodedTable, name: str, warnings: Warnings) -> EncodedTable:
    """Return a real table, the one called `name`, with each of its rows once, where rows recur more often than by chance.

    Where the columns allow coincidences, more rows agree in all columns but one than in all.
    """
    if not _beyond_chance(*_shared(real, real)):
        return real
    firsts = np.sort(np.unique(real.digests(), return_index=True)[1])
    if len(firsts) < MIN_ROWS[name]:
        raise InputError(f"{name} table: {len(firsts)} different rows are too few; give at least {MIN_ROWS[name]}")
    repeated = 1 - len(firsts) / len(real)
    warnings.notes.append(f"{name} table: {repeated:.0%} of its {len(real):,} rows repeat another one; each is used once")
    return real.take(firsts)


def without_shared(problem: Problem, warnings: Warnings) -> Problem:
    """Return the problem without test rows that the real training table holds, where there are more than by chance.

    Raises `InputError` where too few are left.
    """
    shared, nearly = _shared(problem.test, problem.real)
    if not _beyond_chance(shared, nearly):
        return problem
    told = f"{shared.mean():.0%} of its {len(shared):,} rows are also in the real training table"
    if (~shared).sum() < MIN_ROWS["test"]:
        raise InputError(f"test table: {told}; give rows that neither table nor generator has seen (audit.split)")
    flattered = "which makes real training look better than it is; they are left out of the test"
    warnings.notes.append(f"test table: {told}, {flattered}")
    return replace(problem, test=problem.test.take(np.flatnonzero(~shared)))


def without_copied(problem: Problem, seed: int, unseen: bool = False) -> tuple[Problem, Copies]:
    """Return the problem without test rows of which the synthetic table holds near copies, and the count of copies.

    Rows are left out where there are more of them than chance explains; `unseen`: no generator has seen the test rows. Raises
    `InputError` where too few are left.
    """
    real, synthetic, test = (table.digests() for table in (problem.real, problem.synthetic, problem.test))
    of_training, of_test = np.isin(synthetic, real), np.isin(synthetic, test)
    _, place, times = np.unique(np.concatenate([real, test]), return_inverse=True, return_counts=True)
    chosen = stream(seed, "audit/copies").permutation(len(synthetic))[:MOST_ROWS]
    first, second = _two_nearest(problem, problem.test, problem.real)
    fresh = _ratio(first, second)
    limit = min(float(np.quantile(fresh, CHANCE)), 0.5)
    near = _ratio(*_two_nearest(problem, problem.synthetic.take(chosen), problem.real)) <= limit
    by_chance = _share(fresh <= limit)
    leaked, explained = _leaked(problem, first, seed)
    left_out = int(leaked.sum()) if _share(leaked).low > max(by_chance.high, explained) else 0
    kept = len(leaked) - left_out
    if kept < MIN_ROWS["test"]:
        raise InputError(
            f"synthetic table: it holds copies of {left_out:,} of the {len(leaked):,} real test rows, so {kept} are left to "
            "judge by; give audit.test=..., rows that the generator has not seen (audit.split cuts them off beforehand)"
        )
    copies = Copies(
        of_training=int(of_training.sum()), of_test=int(of_test.sum()), rows=len(synthetic),
        share=_share(of_training | of_test), by_chance=_share(times[place] > 1), near=_share(near), near_by_chance=by_chance,
        doubled=len(synthetic) - len(np.unique(synthetic)), left_out=left_out,
        nearer=nearer_to_training(problem, chosen, seed) if unseen else None,
    )
    return replace(problem, test=problem.test.take(np.flatnonzero(~leaked))) if left_out else problem, copies


def _leaked(problem: Problem, to_real: Array, seed: int) -> tuple[NDArray[np.bool_], float]:
    """Mark the test rows that have copies or near copies in the synthetic table, and say what share of fresh ones may.

    The more synthetic rows, the nearer is one by chance: two parts of the real table, in the proportion of the tables' sizes,
    show how much nearer. Where a part would have fewer than `FEWEST` rows, only exact copies are marked. Of rows that equal
    one of n rows with probability p, at most 1 - (1 - p)^(m/n) equal one of m >= n (Jensen's inequality).
    """
    n, m = len(problem.real), len(problem.synthetic)
    order, size, limit, explained = stream(seed, "audit/copies/parts").permutation(n), round(n**2 / (n + m)), 0.0, 0.0
    if min(size, n - size) >= FEWEST:
        parts = (problem.real.take(part) for part in (order[size:], order[:size]))
        chance = _ratio(*(_two_nearest(problem, problem.test, part)[0] for part in parts))
        limit = min(float(np.quantile(chance, CHANCE)), 0.5)
        explained = _share(chance <= limit).high
    equal = 1 - (1 - _share(to_real == 0).high) ** max(m / n, 1)
    leaked = _ratio(_two_nearest(problem, problem.test, problem.synthetic)[0], to_real) <= limit
    return leaked, max(explained, equal)


def nearer_to_training(problem: Problem, chosen: NDArray[np.intp], seed: int) -> Interval:
    """Share of the `chosen` synthetic rows that are nearer to a training than to a test row, of as many of both; ties half.

    Rows with the same nearest real row vote together: of S rows with v_p at real row p, S² / Σ v_p² count (Kish 1965).
    """
    size, rows = min(len(problem.real), len(problem.test)), problem.synthetic.take(chosen)
    found = [
        _neighbours(problem, rows, table.take(stream(seed, f"audit/nearer/{name}").permutation(len(table))[:size]), 1)
        for name, table in (("training", problem.real), ("test", problem.test))
    ]
    (near, place), (far, other) = ((distances[:, 0], places[:, 0]) for distances, places in found)
    votes = (np.sign(far - near) + 1) / 2
    held = np.bincount(np.where(far > near, place, size + other))
    effective, share = int(len(rows) ** 2 / (held**2).sum()), float(votes.mean())
    interval = clopper_pearson(round(share * effective), effective)
    return Interval(share, min(interval.low, share), max(interval.high, share), interval.level)


def _share(found: NDArray[np.bool_]) -> Interval:
    return clopper_pearson(int(found.sum()), len(found))


def _ratio(near: Array, far: Array) -> Array:
    """Return the ratio of distances, 1 where both are 0: a row that recurs is no copy of one."""
    return np.asarray(np.where(far > 0, near / np.where(far > 0, far, 1), 1.0))


def _two_nearest(problem: Problem, rows: EncodedTable, base: EncodedTable) -> tuple[Array, Array]:
    """Distances of each of the rows to the nearest and the second nearest row of the base."""
    found = _neighbours(problem, rows, base, 2)[0]
    return found[:, 0], found[:, 1]


def _neighbours(problem: Problem, rows: EncodedTable, base: EncodedTable, count: int) -> tuple[Array, NDArray[np.intp]]:
    """Distances of each of the rows to its nearest rows of the base, and their numbers, both (n, count)."""
    from sklearn.neighbors import NearestNeighbors  # here, so that bad input is answered without scikit-learn

    search = NearestNeighbors(n_neighbors=count, algorithm="brute").fit(_points(problem, base))
    distances, places = search.kneighbors(_points(problem, rows))
    return np.where(distances < TOUCHING, 0, distances).astype(np.float64), places


def _points(problem: Problem, table: EncodedTable) -> NDArray[np.float32]:
    """Rows as points, shape (n, columns and indicators)."""
    schema, real = problem.schema, problem.real
    split = len(schema.numbers)
    numbers, categories, target = table.features[:, :split], table.features[:, split:], table.target[:, None]
    known, levels = real.features[:, :split], [len(texts) for texts in schema.levels]
    if schema.classification:
        categories, levels = np.column_stack([categories, target]), [*levels, len(schema.classes)]
    else:
        numbers, known = np.column_stack([numbers, target]), np.column_stack([known, real.target])
    parts = []
    for column, own in zip(numbers.T, known.T, strict=True):
        own = own[~np.isnan(own)]
        middle, scale = (float(np.median(own)), float(own.std()) or 1.0) if len(own) else (0.0, 1.0)
        parts.append(np.clip((np.where(np.isnan(column), middle, column) - middle)[:, None] / scale, -1e9, 1e9))
    for column, size in zip(categories.T, levels, strict=True):
        last = min(size, LEVELS)
        codes = np.minimum(np.where(np.isnan(column), last, column), last).astype(int)
        parts.append(np.eye(last + 1)[codes] / np.sqrt(2))
    return np.concatenate(parts, axis=1).astype(np.float32)


def _shared(rows: EncodedTable, base: EncodedTable) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Mark the rows that equal one of the base in all columns, and those that equal another one in all but one.

    A table that is its own base: rows that equal another of its rows.
    """
    own, theirs = _sums(rows), _sums(base)
    fewest = 2 if rows is base else 1

    def times(mine: Digest, others: Digest) -> NDArray[np.intp]:
        values, counts = np.unique(others, return_counts=True)
        place = np.minimum(np.searchsorted(values, mine), len(values) - 1)
        return np.asarray(np.where(values[place] == mine, counts[place], 0))

    equal, nearly = times(own.sum(axis=0), theirs.sum(axis=0)), np.zeros(len(rows), dtype=bool)
    for mine, others in zip(own, theirs, strict=True):
        nearly |= times(own.sum(axis=0) - mine, theirs.sum(axis=0) - others) > equal
    return equal >= fewest, nearly


def _sums(table: EncodedTable) -> NDArray[np.uint64]:
    """Hash of each column's value in each row, shape (columns, n): their sums are digests of rows."""
    columns = np.column_stack([table.features, table.target]).T
    values = np.where(np.isnan(columns), np.nan, columns + 0.0).view(np.uint64)
    number = np.arange(1, len(columns) + 1, dtype=np.uint64)[:, None]
    return mixed(mixed(values) ^ mixed(number))


def _beyond_chance(shared: NDArray[np.bool_], nearly: NDArray[np.bool_]) -> bool:
    """Whether rows agree in all columns more often than in all but one."""
    return bool(shared.any()) and _share(shared).low > _share(nearly).high
