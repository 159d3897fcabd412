"""A pair of laws: the transfer curve (theory/README.md 2.1), (V, d) bounds, worst-case functions, random functions."""

from dataclasses import dataclass
from typing import Annotated, ClassVar

import numpy as np

from experiments.config.registry import Count, component, whole
from experiments.laws.base import Array
from experiments.laws.fidelity_levels import closed_form_power, fidelity_level
from experiments.measurements.base import Cell, Columns, Measurement, constant, stacked
from experiments.rng import stream
from experiments.world import on_nodes
from theory.fidelity import best_fidelity_bound, chi_square, fidelity_bound, squared_hellinger, total_variation
from theory.measures import PairedMeasure
from theory.ranking import worst_response
from theory.transfer import TransferCurve


@component("measurement", "transfer")
@dataclass(frozen=True)
class Transfer(Measurement):
    """T_1(a) on a grid of a (M = 1), and random functions below it.

    Rows with `random` = 0 are the grid: the exact curve, the sharp and the plain (V, d) bound at the closed-form level
    (2.3), the best (V, d) bound of the nodes (2.4), and the squared P-norm attained by the worst-case function. Rows with
    `random` = 1 are random functions bounded by 1: `a` and `attained` are their squared norms under Q and under P.
    """

    dim: Count = 1
    nodes: Annotated[int, whole(50)] = 4000
    functions: Count = 2000

    axes: ClassVar[tuple[str, ...]] = ("real_law", "synthetic_law")

    def rows(self, cell: Cell) -> Columns:
        """Return the grid of a, then the random functions."""
        real, synthetic = cell.parts["real_law"], cell.parts["synthetic_law"]
        pair = on_nodes(real, synthetic, self.dim, self.nodes, cell.seed, quadrature=1)
        level = fidelity_level(real, synthetic, self.dim)
        a = np.geomspace(1e-6, 1.0, 61)
        above = {"level_V": level.V, "level_d": level.d, "total_variation": total_variation(pair)}
        above |= {"chi_square": chi_square(pair), "squared_hellinger": squared_hellinger(pair)}
        grid = _grid(pair, a) | _level_bounds(a, level.V, level.d)
        grid["closed_form"] = np.array([closed_form_power(real, synthetic, x) if self.dim == 1 else np.nan for x in a])
        drawn = _random(pair, self.functions, stream(cell.seed, "functions"))
        columns = stacked([grid, drawn])
        columns["half"] = columns["exact"] / 2
        return columns | {k: constant(v, len(columns["a"])) for k, v in above.items()}


def _grid(pair: PairedMeasure, a: Array) -> Columns:
    curve = TransferCurve(pair)
    worst = worst_response(pair, np.zeros(pair.size), np.sqrt(a), 1.0)
    best = best_fidelity_bound(pair, a, 1.0)
    return {
        "random": np.zeros(len(a), dtype=np.int8),
        "a": a,
        "exact": curve.bound(a, 1.0),
        "attained": pair.norm_p(worst) ** 2,
        "best": np.broadcast_to(best[0], a.shape).copy(),
        "sup_norm": np.ones(len(a)),
    }


def _level_bounds(a: Array, V: float, d: float) -> Columns:
    if not np.isfinite(V):
        return {form: constant(1.0 if np.inf == V else np.nan, len(a)) for form in ("sharp", "plain")}
    return {form: np.minimum(fidelity_bound(a, 1.0, V, d, form=form), 1.0) for form in ("sharp", "plain")}


def _random(pair: PairedMeasure, count: int, rng: np.random.Generator) -> Columns:
    """Random functions bounded by 1 with errors of all sizes: noise, steps of the ratio, and mixtures of both."""
    curve = TransferCurve(pair)
    rows = np.empty((2, count))
    rank = np.argsort(np.argsort(-pair.ratio, kind="stable"), kind="stable") / pair.size
    for i in range(count):
        noise = rng.random(pair.size) ** rng.uniform(0.1, 20)
        step = (rank < rng.random() ** 3) * rng.random()
        g = np.maximum(noise * (rng.random() < 0.5), step) if rng.random() < 0.8 else noise
        rows[:, i] = pair.norm_q(g) ** 2, pair.norm_p(g) ** 2
    a, reached = rows
    return {
        "random": np.ones(count, dtype=np.int8),
        "a": a,
        "exact": curve.bound(a, 1.0),
        "attained": reached,
        "sup_norm": np.ones(count),
    }
