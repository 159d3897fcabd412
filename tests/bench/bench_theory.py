"""Speed of the transfer curve, side by side with the sort it cannot do without."""

import time
from collections.abc import Callable

import numpy as np

from tests.bench import Result, result
from theory import PairedMeasure, TransferCurve

NODES = 1_000_000
QUERIES = 100_000
REPEATS = 9


def best_of(*calls: Callable[[], object]) -> list[float]:
    """Least seconds of each call over several rounds, the calls taking turns within a round."""
    rounds = np.empty((REPEATS, len(calls)))
    for row in rounds:
        for k, call in enumerate(calls):
            start = time.perf_counter()
            call()
            row[k] = time.perf_counter() - start
    return [float(least) for least in rounds.min(axis=0)]


def bench_theory() -> list[Result]:
    """Building the curve, at most 2.5 times as long as sorting the ratios; T_M for many (a, M), within 100 ms."""
    rng = np.random.default_rng(0)
    pair = PairedMeasure(np.arange(float(NODES)), rng.random(NODES), rng.random(NODES))
    curve, a, m = TransferCurve(pair), rng.random(QUERIES), 0.5 + rng.random(QUERIES)
    build, sort = best_of(lambda: TransferCurve(pair), lambda: np.argsort(pair.ratio))
    (bounds,) = best_of(lambda: curve.bound(a, m))
    what = f"TransferCurve on {NODES} nodes; other: numpy.argsort of their ratios"
    many = f"TransferCurve.bound for {QUERIES} pairs (a, M) on {NODES} nodes; other: the budget of 0.1 s"
    return [
        result("transfer_curve", build, sort, 0.4, "s", what),
        result("transfer_bound", bounds, 0.1, 1.0, "s", many),
    ]
