"""What to do next: whether more synthetic rows would help, and how many real rows may be replaced by synthetic ones.

Both are asked for one model, the best after synthetic training; its cost is its risk less that after real training.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from experiments.audit.encoding import Problem
from experiments.audit.metrics import evaluate, learner_seed
from experiments.audit.options import CATALOGUE
from experiments.estimators.gaps import Spread, risk_difference
from experiments.estimators.intervals import Array, Interval, mean_interval
from experiments.estimators.part_curve import Curve
from experiments.rng import stream

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
class NextSteps:
    """For the best `model` after synthetic training: its `curve` (None: too few rows for parts), and its `mix`.

    The latter holds the cost after training on `mix_rows` rows by the share of real ones among them.
    """

    model: str
    curve: Curve | None
    mix_rows: int
    mix: dict[float, Interval]


def mix_costs(losses: Mapping[float, Array], level: float) -> dict[float, Interval]:
    """Intervals of each mix's risk less that of real rows alone, from losses `(1 + 2 cuts, N)` by the share of real rows."""

    def cost(own: Array, only: Array) -> Interval:
        if len(own) == 1:
            return mean_interval(own[0] - only[0], level)
        return risk_difference(own[0], only[0], Spread.of((own - only)[1:].reshape(-1, 2, own.shape[1])), level)

    return {share: cost(own, losses[1.0]) for share, own in losses.items()}
