"""What to do next: whether more synthetic rows would help, and how many real rows may be replaced by synthetic ones.

Both are asked for one model, the best after synthetic training. Its cost (risk less that after real training) is measured on
disjoint parts of the synthetic table, m, m/2, m/4, ... rows each, and a + b m^(-α) is fitted by generalised least squares;
intervals are those of the profile likelihood over `EXPONENTS`. The variance over tables of m/2^k rows is taken to grow as
2^(2k/3) (`estimators/gaps.py`); so means over 2^k parts have 2^(-k/3) of the variance at m. Parts are cut from the same rows,
which is counted as one more error common to all sizes: it moves a, never what doubling brings.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from experiments.audit.encoding import Problem
from experiments.audit.metrics import evaluate, learner_seed
from experiments.audit.options import CATALOGUE
from experiments.estimators.gaps import FROM_HALF, Spread, risk_difference
from experiments.estimators.intervals import Array, Interval, mean_interval
from experiments.rng import stream

EXPONENTS = np.linspace(0.2, 2.0, 181)
LEAST_PART = 60
SHARES = tuple(k / 10 for k in range(11))
MIX_ROWS = 20_000
MIX_CUTS = 5


def part_fits(problem: Problem, model: str, parts: int, seed: int) -> NDArray[Any]:
    """Values after training on each of so many disjoint parts of the synthetic table, shape (parts, measures, N)."""
    table, rng = problem.synthetic, stream(seed, "audit/parts", parts)
    rows = rng.permutation(len(table))[: len(table) // parts * parts].reshape(parts, -1)
    seeds = [learner_seed(seed, model, f"part/{parts}", part) for part in range(parts)]
    values = [evaluate(problem, model, table.take(own), s) for own, s in zip(rows, seeds, strict=True)]
    return np.stack(values).astype(np.float32)


def mixed_fits(problem: Problem, model: str, share: float, rows: int, cuts: int, seed: int) -> NDArray[Any]:
    """Values after training on `rows` rows of which a `share` is real, then on halves of both tables.

    Shape (1 + 2 cuts, measures, N): first, averaged over the learner's seeds, that from whole tables; then half as many rows,
    for each cut from either half of both tables.
    """

    def fitted(orders: Sequence[NDArray[Any]], size: int, number: int) -> Array:
        real = round(share * size)
        both = problem.real.take(orders[0][:real]).stacked(problem.synthetic.take(orders[1][: size - real]))
        return evaluate(problem, model, both, learner_seed(seed, model, f"mix/{share}", number))

    found = []
    for cut in range(cuts + 1):
        orders = [stream(seed, f"audit/mix/{t}", cut).permutation(len(problem.training(t))) for t in ("real", "synthetic")]
        if cut == 0:
            found.append(np.mean([fitted(orders, rows, i) for i in range(CATALOGUE[model].seeds)], axis=0))
        else:
            halves = [np.array_split(order, 2) for order in orders]
            found += [fitted(own, rows // 2, 1000 + 2 * cut + h) for h, own in enumerate(zip(*halves, strict=True))]
    return np.stack(found).astype(np.float32)


@dataclass(frozen=True)
class Curve:
    """Costs of one model after training on so many synthetic `rows`, positive is worse.

    `exponent` is α, `doubling` what twice the rows of the whole table would add, `floor` a: the cost with any number.
    """

    rows: list[int]
    costs: list[Interval]
    exponent: Interval
    doubling: Interval
    floor: Interval


@dataclass(frozen=True)
class NextSteps:
    """For the best `model` after synthetic training: its `curve` (None: too few rows for parts), and its `mix`.

    The latter holds the cost after training on `mix_rows` rows by the share of real ones among them.
    """

    model: str
    curve: Curve | None
    mix_rows: int
    mix: dict[float, Interval]


def over_tables(losses: Array) -> float:
    """Variance of the risk over training tables, from losses `(cuts, parts, N)` of fits on disjoint parts of one size."""
    raw = losses.mean(axis=2).var(axis=1, ddof=1).mean()
    return max(float(raw - losses.var(axis=1, ddof=1).mean() / losses.shape[2]), 0.0)


def size_curve(losses: Sequence[Array], real: Array, variance: float, rows: int, level: float) -> Curve:
    """Fit the law to losses of fits on parts.

    `losses[k] (cuts, 2^k, N)` are of fits on parts of rows/2^k synthetic rows, `real (N,)` those after real training, whose
    risk has the `variance` over real tables.
    """
    excess = np.stack([own.mean(axis=(0, 1)) - real for own in losses])
    power, costs = np.arange(len(losses)), excess.mean(axis=1)
    freedom = [own.shape[0] * (own.shape[1] - 1) for own in losses]
    high = float(stats.t.ppf((1 + level) / 2, sum(freedom)))
    tau = float(np.average([over_tables(o) * FROM_HALF**k if k else 0.0 for k, o in enumerate(losses)], weights=freedom))
    noise = np.cov(excess) / excess.shape[1] + np.diag(tau * 2.0 ** (-power / 3))
    reach = high * np.sqrt(np.diag(noise) + variance)
    noise += tau + variance + np.eye(len(losses)) * 1e-9 * np.trace(noise)
    design = np.stack([np.ones((len(EXPONENTS), len(losses))), 2.0 ** np.outer(EXPONENTS, power)], axis=2)
    weighted = np.linalg.solve(noise, design)
    spread = np.linalg.inv(design.swapaxes(1, 2) @ weighted)
    found = spread @ weighted.swapaxes(1, 2) @ costs  # (exponents, 2)
    off = costs - np.einsum("akj,aj->ak", design, found)
    misfit = np.einsum("ak,ka->a", off, np.linalg.solve(noise, off.T))
    best, slack = int(np.argmin(misfit)), high**2 - (misfit - misfit.min())

    def profile(first: Array, second: Array) -> Interval:
        """Interval of first · a + second · b, coefficients of each exponent, which is held fixed in turn."""
        wanted = np.stack([first, second], axis=1)
        values = (wanted * found).sum(axis=1)
        reaches = np.sqrt(np.maximum(slack, 0) * np.einsum("ai,aij,aj->a", wanted, spread, wanted))
        low, high = (values - reaches)[slack >= 0].min(), (values + reaches)[slack >= 0].max()
        return Interval(float(values[best]), float(low), float(high), level)

    ones, zeros, able = np.ones_like(EXPONENTS), np.zeros_like(EXPONENTS), np.flatnonzero(slack >= 0)
    ends = EXPONENTS[max(able[0] - 1, 0)], EXPONENTS[min(able[-1] + 1, len(EXPONENTS) - 1)]  # on the grid, outwards
    return Curve(
        [rows >> k for k in range(len(losses))],
        [Interval(float(c), float(c - r), float(c + r), level) for c, r in zip(costs, reach, strict=True)],
        Interval(float(EXPONENTS[best]), float(ends[0]), float(ends[1]), level),
        doubling=profile(zeros, 2.0**-EXPONENTS - 1),
        floor=profile(ones, zeros),
    )


def mix_costs(losses: Mapping[float, Array], level: float) -> dict[float, Interval]:
    """Intervals of each mix's risk less that of real rows alone, from losses `(1 + 2 cuts, N)` by the share of real rows."""

    def cost(own: Array, only: Array) -> Interval:
        if len(own) == 1:
            return mean_interval(own[0] - only[0], level)
        return risk_difference(own[0], only[0], Spread.of((own - only)[1:].reshape(-1, 2, own.shape[1])), level)

    return {share: cost(own, losses[1.0]) for share, own in losses.items()}
