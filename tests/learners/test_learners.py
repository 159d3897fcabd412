"""The learner contract, over every learner that is found, and each of ours against scikit-learn or its formula."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from scipy.special import expit
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor, RandomForestRegressor
from sklearn.kernel_ridge import KernelRidge
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.neighbors import KNeighborsRegressor
from sklearn.preprocessing import PolynomialFeatures

from experiments.config.registry import build, components
from experiments.learners.base import Array, Learner
from experiments.rng import streams

CHEAP: dict[str, dict[str, Any]] = {"forest": {"trees": 4}, "boosting": {"iterations": 5}, "mlp": {"steps": 20}}
FLOAT32 = {"mlp": 1e-4}
"""Learners that compute in single precision, and what that costs relative to the responses."""

R, N = 4, 25
LEARNERS = sorted(components("learner"))
POINTS = np.random.default_rng(5).random((N, 2))


def learner(name: str) -> Learner:
    made: Learner = build("learner", {"kind": name} | CHEAP.get(name, {}))
    return made


def sample(name: str, p: int, n: int = 60) -> tuple[Array, Array]:
    rng = np.random.default_rng([p, n])
    x = rng.random((R, n, p))
    level = np.sin(3 * x[..., 0]) + 0.2 * rng.standard_normal((R, n))
    return x, (level > np.median(level)).astype(float) if components("learner")[name].binary else level


def fitted(name: str, x: Array, y: Array, which: list[int] | None = None) -> Any:
    return learner(name).fit(x, y, streams(1, "learner", which if which is not None else len(x)))


@pytest.mark.parametrize("p", [1, 2])
@pytest.mark.parametrize("name", LEARNERS)
def test_shapes_and_shared_points(name: str, p: int) -> None:
    x, y = sample(name, p)
    predict = fitted(name, x, y)
    shared = predict(POINTS[:, :p])
    own = predict(np.broadcast_to(POINTS[:, :p], (R, N, p)).copy())
    assert shared.shape == own.shape == (R, N)
    assert shared.dtype == np.float64
    assert np.isfinite(shared).all()
    np.testing.assert_allclose(own, shared, rtol=0, atol=FLOAT32.get(name, 1e-9))


@pytest.mark.parametrize("name", LEARNERS)
def test_streams_decide_everything_and_replicates_are_independent(name: str) -> None:
    """Permuting replicates with their streams permutes predictions; so does leaving some out."""
    x, y = sample(name, 1)
    together = fitted(name, x, y)(POINTS[:, :1])
    np.testing.assert_array_equal(fitted(name, x, y)(POINTS[:, :1]), together)
    for order in ([2, 0, 3, 1], [3, 1]):
        alone = fitted(name, x[order], y[order], order)(POINTS[:, :1])
        np.testing.assert_allclose(alone, together[order], rtol=0, atol=FLOAT32.get(name, 1e-9))


@pytest.mark.parametrize("name", LEARNERS)
def test_constants_are_reproduced(name: str) -> None:
    """Noise-free constant responses: the constant, up to the penalty of logistic regression and a network's few steps."""
    x, y = sample(name, 1)
    values = fitted(name, x, np.ones_like(y))(x)
    np.testing.assert_allclose(values, 1.0, rtol=0, atol={"logistic": 1e-2, "mlp": 0.2}.get(name, 1e-7))


@pytest.mark.parametrize("name", [n for n in LEARNERS if components("learner")[n].binary])
def test_classifiers_give_probabilities_and_refuse_numbers(name: str) -> None:
    x, y = sample(name, 2)
    inside = fitted(name, x, y)(POINTS)
    assert ((inside >= 0) & (inside <= 1)).all()
    assert np.isfinite(fitted(name, x, np.zeros_like(y))(POINTS)).all()  # one class only
    with pytest.raises(ValueError, match="y: expected responses 0 or 1"):
        fitted(name, x, y + 0.5)


@pytest.mark.parametrize("name", ["poly", "logistic", "kernel_ridge", "nadaraya_watson", "local_linear"])
def test_chunks_change_nothing(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    x, y = sample(name, 2)
    whole = fitted(name, x, y)(POINTS)
    for module in ("base", "kernel_smoothers"):
        monkeypatch.setattr(f"experiments.learners.{module}.FLOATS", 700)
    np.testing.assert_allclose(fitted(name, x, y)(POINTS), whole, rtol=0, atol=1e-9)


SMOOTHERS = {"knn", "poly", "kernel_ridge", "nadaraya_watson", "local_linear"}


@pytest.mark.parametrize("p", [1, 2])
@pytest.mark.parametrize("name", LEARNERS)
def test_weights_are_the_fits_to_unit_responses(name: str, p: int) -> None:
    """Fitted to e_j the learner returns w_j; some points lie outside, where windows are empty."""
    x, points = sample(name, p)[0][0], 1.3 * POINTS[:, :p]
    found = learner(name).weights(x, points)
    assert (found is not None) == (name in SMOOTHERS)
    if found is not None:
        units = learner(name).fit(np.broadcast_to(x, (len(x), *x.shape)), np.eye(len(x)), [])(points).T
        np.testing.assert_allclose(found, units, rtol=0, atol=1e-7)
        np.testing.assert_allclose(found.sum(axis=1), 1.0, rtol=0, atol=1e-9)


def epanechnikov(x: Array, at: Array, h: float) -> Array:
    return np.maximum(1 - ((x - at) ** 2).sum(axis=1) / h**2, 0.0)


def by_hand_mean(x: Array, y: Array, at: Array, h: float) -> float:
    weight = epanechnikov(x, at, h)
    return float(weight @ y / weight.sum())


def by_hand_plane(x: Array, y: Array, at: Array, h: float) -> float:
    """Minimise sum K (Y - a - b'u)^2 + 1e-3 (sum K) |b|^2 over (a, b), as one least squares problem."""
    weight, u = epanechnikov(x, at, h), (x - at) / h
    p = x.shape[1]
    design = np.hstack([np.ones((len(x), 1)), u]) * np.sqrt(weight)[:, None]
    penalty = np.hstack([np.zeros((p, 1)), np.sqrt(1e-3 * weight.sum()) * np.eye(p)])
    target = np.concatenate([y * np.sqrt(weight), np.zeros(p)])
    return float(np.linalg.lstsq(np.vstack([design, penalty]), target, rcond=None)[0][0])


@pytest.mark.parametrize("p", [1, 2])
@pytest.mark.parametrize(("name", "oracle"), [("nadaraya_watson", by_hand_mean), ("local_linear", by_hand_plane)])
def test_smoothers_are_their_formula(name: str, oracle: Any, p: int) -> None:
    x, y = sample(name, p, 400)
    made = replace(learner(name), factor=0.9)  # type: ignore[type-var]
    values, points = made.fit(x, y, [])(POINTS[:, :p]), POINTS[:, :p]
    h = 0.9 * p**0.5 * 400 ** (-1 / (4 + p))
    np.testing.assert_allclose(values[1], [oracle(x[1], y[1], at, h) for at in points], rtol=0, atol=1e-9)


@pytest.mark.parametrize("name", ["nadaraya_watson", "local_linear"])
@pytest.mark.parametrize("p", [1, 2])
def test_an_empty_window_takes_the_nearest_neighbours(name: str, p: int) -> None:
    x, y = sample(name, p)
    far = np.full((1, p), 7.0)
    np.testing.assert_array_equal(fitted(name, x, y)(far), fitted("knn", x, y)(far))


def test_running_sums_lose_nothing_that_matters() -> None:
    """Far from the origin, unevenly spread: Beta(5, 1) + 1, n = 20,000, against direct sums."""
    rng = np.random.default_rng(0)
    x = 1 + rng.beta(5, 1, (1, 20000, 1))
    y = np.cos(5 * x[..., 0])
    points = 1 + np.linspace(0.2, 1, 50)[:, None]
    for name, oracle in (("nadaraya_watson", by_hand_mean), ("local_linear", by_hand_plane)):
        made = learner(name)
        h = made.factor * 20000 ** (-1 / 5)  # type: ignore[attr-defined]
        np.testing.assert_allclose(made.fit(x, y, [])(points)[0], [oracle(x[0], y[0], q, h) for q in points], atol=1e-8)


def sklearn_fits(made: Any, x: Array, y: Array, points: Array) -> Array:
    """What scikit-learn predicts for one replicate.

    Logistic: the design carries the constant, so that every coefficient is penalised; scikit-learn's 1/C is n ridge.
    """
    name, (n, p) = type(made).__name__, x.shape
    if name == "KNearestNeighbours":
        return np.asarray(KNeighborsRegressor(made.neighbours(n, p)).fit(x, y).predict(points))
    if name == "KernelRidge":
        model = KernelRidge(alpha=n * made.penalty(n, p), kernel=lambda a, b: np.exp(-np.linalg.norm(a - b)))
        return np.asarray(model.fit(x, y - y.mean()).predict(points) + y.mean())
    if name == "LinearDiscriminant":
        return np.asarray(LinearDiscriminantAnalysis(solver="lsqr").fit(x, y).predict_proba(points)[:, 1])
    if name == "Logistic":
        options = {"fit_intercept": False, "tol": 1e-12, "max_iter": 1000, "solver": "newton-cholesky"}
        model = LogisticRegression(C=1 / (n * made.ridge), **options).fit(made.logits(x).T, y)
        return np.asarray(model.predict_proba(made.logits(points).T)[:, 1])
    degree = PolynomialFeatures(made.degree, include_bias=False)
    return np.asarray(LinearRegression().fit(degree.fit_transform(x), y).predict(degree.transform(points)))


@pytest.mark.parametrize("p", [1, 2, 5])
@pytest.mark.parametrize(
    ("spec", "atol"),
    [({"kind": "knn"}, 1e-8), ({"kind": "poly"}, 1e-8), ({"kind": "poly", "degree": 4}, 1e-6), ({"kind": "lda"}, 1e-7),
     ({"kind": "kernel_ridge"}, 1e-8), ({"kind": "logistic", "ridge": 1e-3}, 1e-8),
     ({"kind": "logistic", "degree": 2, "ridge": 1e-3}, 1e-8)],
)  # fmt: skip
def test_agreement_with_scikit_learn(spec: dict[str, Any], atol: float, p: int) -> None:
    made, (x, y) = build("learner", spec), sample(spec["kind"], p, 200)
    points = np.random.default_rng(2).random((N, p))
    np.testing.assert_allclose(made.fit(x, y, [])(points)[2], sklearn_fits(made, x[2], y[2], points), rtol=0, atol=atol)


def test_logistic_recovers_its_coefficients() -> None:
    """Probabilities drawn from the model: error of the fit of order sqrt(s/n), here below 5 sqrt(2/20000)/4."""
    rng = np.random.default_rng(1)
    x = rng.random((R, 20000, 1))
    truth = expit(1 - 3 * x[..., 0])
    y = (rng.random(truth.shape) < truth).astype(float)
    points = np.linspace(0, 1, 9)[:, None]
    assert np.abs(learner("logistic").fit(x, y, [])(points) - expit(1 - 3 * points[:, 0])).max() < 5 * 0.01 / 4


BOOSTED = {"max_iter": 5, "max_leaf_nodes": 8, "min_samples_leaf": int(np.ceil(0.2 * 60**0.5)), "early_stopping": False}


@pytest.mark.parametrize(
    ("spec", "model"),
    [({"kind": "forest", "trees": 4}, RandomForestRegressor(4, min_samples_leaf=1)),
     ({"kind": "boosting", "iterations": 5}, HistGradientBoostingRegressor(**BOOSTED)),
     ({"kind": "boosting", "iterations": 5, "loss": "log"}, HistGradientBoostingClassifier(**BOOSTED))],
)  # fmt: skip
def test_trees_are_scikit_learns(spec: dict[str, Any], model: Any) -> None:
    log = spec.get("loss") == "log"
    x, y = sample("logistic" if log else spec["kind"], 2)
    model.set_params(random_state=int(streams(1, "learner", 1)[0].integers(2**31))).fit(x[0], y[0])
    theirs = model.predict_proba(POINTS)[:, 1] if log else model.predict(POINTS)
    np.testing.assert_array_equal(build("learner", spec).fit(x, y, streams(1, "learner", R))(POINTS)[0], theirs)


@pytest.mark.parametrize("name", ["knn", "poly", "nadaraya_watson", "local_linear", "kernel_ridge", "forest", "boosting"])
def test_more_data_help(name: str) -> None:
    """Mean squared error at n = 800 below that at n = 50; the ratio is near 5, so chance is negligible."""
    rng = np.random.default_rng(9)
    points = np.linspace(0, 1, 50)[:, None]
    options = {"degree": 5} if name == "poly" else {}
    errors = []
    for n in (50, 800):
        x = rng.random((8, n, 1))
        y = np.sin(3 * x[..., 0]) + 0.3 * rng.standard_normal((8, n))
        predict = build("learner", {"kind": name} | options).fit(x, y, streams(1, "learner", 8))
        errors.append(((predict(points) - np.sin(3 * points[:, 0])) ** 2).mean())
    assert errors[1] < 0.6 * errors[0]
