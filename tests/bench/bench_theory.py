"""Speed of the transfer curve, side by side with the sort it cannot do without."""

from collections.abc import Callable
from timeit import repeat

import numpy as np

from tests.bench import Result, result
from theory import PairedMeasure, TransferCurve


def bench_theory() -> list[Result]:
    """Building the curve, at most 2.5 times as long as sorting the ratios; T_M for many (a, M), within 100 ms."""
    rng = np.random.default_rng(0)
    pair = PairedMeasure(np.arange(1e6), rng.random(1_000_000), rng.random(1_000_000))
    curve, a, m = TransferCurve(pair), rng.random(100_000), 0.5 + rng.random(100_000)
    calls: list[Callable[[], object]] = [
        lambda: TransferCurve(pair), lambda: np.argsort(pair.ratio), lambda: curve.bound(a, m),
    ]
    rounds = [[repeat(call, number=1, repeat=1)[0] for call in calls] for _ in range(9)]  # the calls take turns
    build, sort, bounds = np.min(rounds, axis=0).tolist()
    what = "TransferCurve on 1000000 nodes; other: numpy.argsort of their ratios"
    many = "TransferCurve.bound for 100000 pairs (a, M) on 1000000 nodes; other: the budget of 0.1 s"
    return [
        result("transfer_curve", build, sort, 0.4, "s", what),
        result("transfer_bound", bounds, 0.1, 1.0, "s", many),
    ]
