"""Speed of the transfer curve beside the sort it cannot do without, and of predicted risks beside the fits themselves."""

from collections.abc import Callable
from timeit import repeat

import numpy as np

from experiments.learners.knn import KNearestNeighbours
from tests.bench import Result, result
from theory import PairedMeasure, TransferCurve, nearest_neighbours, smoother_risk


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


def bench_prediction() -> list[Result]:
    """E Phi(f~) of two stages of neighbours given the features, with true and Lipschitz bias, at most as long as the fits."""
    rng, learner = np.random.default_rng(0), KNearestNeighbours()
    x, synthetic, nodes = rng.random((200, 2000)), np.sqrt(rng.random((200, 2000))), np.sort(rng.random(4000))
    y, mu, p, k = np.sin(3 * x), np.sin(3 * nodes), np.full(4000, 1 / 4000), learner.neighbours(2000, 1)

    def predict() -> None:
        found = nearest_neighbours(x, y, nodes, k, synthetic, k)
        for bias in (found.mean - mu, 3 * found.distance):
            smoother_risk(p, bias, found.squared, 0.09, 1 / k, 0.09)

    def fit() -> None:
        stage = learner.fit(x[..., None], y, [])
        for features, responses in ((synthetic, stage(synthetic[..., None])), (x, y)):
            ((learner.fit(features[..., None], responses, [])(nodes[:, None]) - mu) ** 2) @ p

    rounds = [[repeat(call, number=1, repeat=1)[0] for call in (predict, fit)] for _ in range(9)]
    ours, other = np.min(rounds, axis=0).tolist()
    what = "E Phi(f~) at R = 200, n = 2000, 4000 nodes; other: fits of both stages and of the real sample, their risks"
    return [result("predicted_risk", ours, other, 1.0, "s", what)]
