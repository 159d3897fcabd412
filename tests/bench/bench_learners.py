"""All replicates at once against the plain scikit-learn loop: same data, same points, same predictions."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter
from typing import Any

import numpy as np
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.kernel_ridge import KernelRidge
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.neighbors import KNeighborsRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import PolynomialFeatures
from threadpoolctl import threadpool_limits

from experiments.config.registry import build
from experiments.learners.base import Array
from tests.bench import Result, result

One = Callable[[Array, Array, Array], Array]
"""One replicate: features (n, p), responses (n,), points (N, p) to predictions (N,)."""


def bench_learners() -> list[Result]:
    """Fit and predict at R = 200, n = 1,000, 4,000 shared points (kernel ridge: R = 8), one thread, best of 5 rounds."""
    line, classes, cube = _data(1, binary=False), _data(1, binary=True), _data(2, binary=False)
    few, fewer = [*(a[:20] for a in line[:2]), line[2]], [*(a[:8] for a in line[:2]), line[2]]
    flat = [*(a[:20] for a in cube[:2]), cube[2]]
    cubic = {"kind": "poly", "degree": 3}
    cubes = make_pipeline(PolynomialFeatures(3, include_bias=False), LinearRegression())
    logit = {"kind": "logistic", "ridge": 1e-3}
    direct = "weighted sums by one matrix product per replicate (scikit-learn has none)"
    with threadpool_limits(1):
        return [
            _race("knn, p = 1", {"kind": "knn"}, _regressor(KNeighborsRegressor(25)), line, 20.0, "KNeighborsRegressor(25)"),
            _race("least squares, line", {"kind": "poly"}, _regressor(LinearRegression()), line, 10.0, "LinearRegression"),
            _race("least squares, degree 3", cubic, _regressor(cubes), line, 10.0, "PolynomialFeatures(3), LinearRegression"),
            _race("knn, p = 2", {"kind": "knn"}, _regressor(KNeighborsRegressor(8)), flat, None, "KNeighborsRegressor(8)"),
            _race("logistic regression", logit, _logistic, classes, None, "LogisticRegression, Newton"),
            _race("linear discriminant", {"kind": "lda"}, _discriminant, classes, None, "LinearDiscriminantAnalysis(lsqr)"),
            _race("local linear, p = 1", {"kind": "local_linear"}, _plane, few, None, direct),
            _race("kernel ridge", {"kind": "kernel_ridge"}, _ridge, fewer, None, "KernelRidge(laplacian)"),
        ]


def _data(p: int, binary: bool) -> list[Array]:
    rng = np.random.default_rng(p)
    x = rng.random((200, 1000, p))
    level = np.sin(3 * x[..., 0])
    noise = rng.standard_normal(level.shape)
    y = (rng.random(level.shape) < 0.2 + 0.6 * level).astype(float) if binary else level + 0.3 * noise
    return [x, y, rng.random((4000, p))]


def _race(name: str, spec: dict[str, Any], other: One, data: list[Array], target: float | None, what: str) -> Result:
    """Time both sides in alternation and compare their predictions."""
    x, y, points = data
    learner = build("learner", spec)
    ours, theirs = [], []
    for _ in range(5):
        start = perf_counter()
        together = learner.fit(x, y, [])(points)
        middle = perf_counter()
        alone = np.stack([other(a, b, points) for a, b in zip(x, y)])
        ours.append(middle - start)
        theirs.append(perf_counter() - middle)
    gap = float(np.abs(together - alone).max())
    what = f"{what}, one after the other; largest difference of predictions {gap:.1e}"
    per_replicate = (1e3 * min(each) / len(x) for each in (ours, theirs))
    return result(f"learners: {name}", *per_replicate, target, "ms per replicate", what)


def _regressor(model: Any) -> One:
    return lambda x, y, points: np.asarray(model.fit(x, y).predict(points))


def _logistic(x: Array, y: Array, points: Array) -> Array:
    design, at = (np.stack([np.ones(len(each)), 2 * each[:, 0] - 1], axis=1) for each in (x, points))
    model = LogisticRegression(C=1 / (len(x) * 1e-3), fit_intercept=False, tol=1e-10, solver="newton-cholesky")
    return np.asarray(model.fit(design, y).predict_proba(at)[:, 1])


def _discriminant(x: Array, y: Array, points: Array) -> Array:
    return np.asarray(LinearDiscriminantAnalysis(solver="lsqr").fit(x, y).predict_proba(points)[:, 1])


def _plane(x: Array, y: Array, points: Array) -> Array:
    h = 0.3 * len(x) ** -0.2
    u = (x[:, 0] - points) / h
    weight = np.maximum(1 - u**2, 0.0)
    mass, u_sum = weight.sum(axis=1), (weight * u).sum(axis=1)
    mean_y, mean_u = weight @ y / mass, u_sum / mass
    slope = ((weight * u) @ y / mass - mean_u * mean_y) / ((weight * u**2).sum(axis=1) / mass - mean_u**2 + 1e-3)
    return np.asarray(mean_y - slope * mean_u)


def _ridge(x: Array, y: Array, points: Array) -> Array:
    model = KernelRidge(alpha=len(x) * 0.1 * len(x) ** (-2 / 3), kernel="laplacian", gamma=1.0)
    return np.asarray(model.fit(x, y - y.mean()).predict(points) + y.mean())
