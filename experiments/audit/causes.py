"""Why a gap: re-label the synthetic features as the real responses would, re-weight them to the real law, do both."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.pipeline import make_pipeline

from experiments.audit.discriminator import Pool, fitted
from experiments.audit.encoding import Problem, Schema, Table
from experiments.audit.models import ordinal_columns
from experiments.audit.training import evaluate, learner_seed
from experiments.rng import stream

Array = NDArray[np.float64]
Columns = dict[str, NDArray[Any]]

VARIANTS = ("real", "synthetic", "relabelled", "reweighted", "both", "half")
"""The last is half of the real subsample: how much the model still gains from more rows."""
LARGEST_WEIGHT = 30.0
FOLDS = 3


def prepare(problem: Problem, refits: int, seed: int) -> Columns:
    """Estimate the ratio of densities at the synthetic rows and draw real-like responses there.

    Parameters
    ----------
    problem : Problem
        The tables; training tables only are used.
    refits : int
        Sets of responses to draw.
    seed : int
        The audit's seed.

    Returns
    -------
    dict of arrays
        `weights (m,)`, mean 1: estimated dP/dQ of the features, cross-fitted, cut at `LARGEST_WEIGHT`. `labels (refits,
        m)`: responses drawn from a model of the real ones.
    """
    return {"weights": density_ratio(problem, seed), "labels": real_like_responses(problem, refits, seed)}


def density_ratio(problem: Problem, seed: int) -> Array:
    """Estimate dP/dQ of the features at every synthetic row, each from folds that did not hold it; mean 1."""
    real, synthetic = problem.real, problem.synthetic
    both = Table(np.concatenate([real.features, synthetic.features]), np.concatenate([real.target, synthetic.target]))
    fold = (both.digests(with_target=False) % np.uint64(FOLDS)).astype(np.intp)
    pool = Pool(both.features, np.arange(len(both)) < len(real), fold, problem.schema)
    ratio = np.ones(len(both))
    for k in range(FOLDS):
        held = (fold == k) & ~pool.real
        if held.any():
            odds = fitted(pool, fold != k, seed).predict_proba(pool.features[held])[:, 1]
            ratio[held] = odds / np.maximum(1 - odds, 1e-9) * (len(synthetic) / len(real))
    weights = np.minimum(ratio[~pool.real], LARGEST_WEIGHT)
    normalised: Array = weights / weights.mean()
    return normalised


def real_like_responses(problem: Problem, refits: int, seed: int) -> Array:
    """Draw responses at the synthetic features from a model of the real responses: classes, or mean plus a residual."""
    real, points = problem.real, problem.synthetic.features
    rngs = [stream(seed, "audit/causes/labels", refit) for refit in range(refits)]
    model = _response_model(problem.schema, seed)
    if problem.schema.classification:
        classes = np.unique(real.target)
        chances = model.fit(real.features, np.searchsorted(classes, real.target)).predict_proba(points)
        drawn = [(rng.random((len(points), 1)) > np.cumsum(chances, axis=1)[:, :-1]).sum(axis=1) for rng in rngs]
        return np.stack([classes[d] for d in drawn])
    residuals = _held_out_residuals(problem, seed)
    mean = model.fit(real.features, real.target).predict(points)
    return np.stack([mean + rng.choice(residuals, len(points)) for rng in rngs])


def _response_model(schema: Schema, seed: int) -> Any:
    """Slow, smoothed boosting: its probabilities matter, not only their order."""
    kind = HistGradientBoostingClassifier if schema.classification else HistGradientBoostingRegressor
    columns, categories = ordinal_columns(schema)
    options = {"learning_rate": 0.06, "max_leaf_nodes": 16, "l2_regularization": 1.0, "early_stopping": False}
    return make_pipeline(columns, kind(categorical_features=categories or None, random_state=seed, **options))


def _held_out_residuals(problem: Problem, seed: int) -> Array:
    """Residuals of the real responses, each from a fit that did not see its row."""
    real = problem.real
    fold = stream(seed, "audit/causes/folds").integers(0, FOLDS, len(real))
    residuals = np.empty(len(real))
    for k in range(FOLDS):
        model = _response_model(problem.schema, seed).fit(real.features[fold != k], real.target[fold != k])
        residuals[fold == k] = real.target[fold == k] - model.predict(real.features[fold == k])
    return residuals


def compute(problem: Problem, prepared: Columns, model: str, refit: int, rows: int, seed: int) -> Columns:
    """Train one model on each variant of a subsample, all of one size.

    Parameters
    ----------
    problem : Problem
        The tables.
    prepared : dict of arrays
        The result of `prepare`.
    model : str
        Name in the catalogue.
    refit : int
        Number of this refit: its subsample, drawn responses and learner's seed.
    rows : int
        Most rows of each training table.
    seed : int
        The audit's seed.

    Returns
    -------
    dict of arrays
        `values (variants, N)`: the risk's values per test row, in the order of `VARIANTS`.
    """
    size = min(rows, len(problem.real), len(problem.synthetic))
    chosen = [
        stream(seed, f"audit/causes/{t}", refit).permutation(len(problem.training(t)))[:size] for t in VARIANTS[:2]
    ]
    synthetic, weights = problem.synthetic.take(chosen[1]), prepared["weights"][chosen[1]]
    relabelled = Table(synthetic.features, prepared["labels"][refit][chosen[1]])
    trials = [
        (problem.real.take(chosen[0]), None),
        (synthetic, None),
        (relabelled, None),
        (synthetic, weights / weights.mean()),
        (relabelled, weights / weights.mean()),
        (problem.real.take(chosen[0][: size // 2]), None),
    ]
    values = [
        evaluate(problem, model, train, learner_seed(seed, model, "causes", refit), weight)[0]
        for train, weight in trials
    ]
    return {"values": np.stack(values).astype(np.float32)}
