"""Telling synthetic rows from real ones by a non-linear classifier: fidelity as an area under the ROC curve.

Used by measurements on real data and by the audit: both fit on some folds, score the others (`cross_fitted`) and turn
scores into placements (`placements`), from which `intervals.auc_interval` makes the area and its interval.
"""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import expit

Array = NDArray[np.float64]
Rows = NDArray[np.bool_]

FOLDS = 3
ROUNDS, LEAVES = 40, 15
"""Size of the boosted trees that tell the rows of measurements apart."""


def cross_fitted(
    fit: Callable[[Any, Rows], Any], x: Any, real: Rows, fold: NDArray[Any], folds: int = FOLDS
) -> Iterator[tuple[Rows, Any]]:
    """Yield for each fold that holds rows the mask of these, and a model fitted on all others (None: all of one kind).

    Parameters
    ----------
    fit : callable
        From rows (k, p) and which of them are real (k,) to a fitted model.
    x : ndarray or pandas.DataFrame (n, p)
        Rows of both kinds.
    real, fold : ndarray (n,)
        Which rows are real, and the fold of each.
    """
    for k in range(folds):
        held = fold == k
        if held.any():
            yield held, fit(x[~held], real[~held]) if len(np.unique(real[~held])) == 2 else None


def placements(real: Array, synthetic: Array) -> tuple[Array, Array]:
    """Return for each score the share of scores of the other kind on its wrong side, ties counted half.

    The mean over real rows (N,), or over synthetic ones (M,), is the area under the ROC curve of a score that should be
    higher for real rows: 1/2 where the two kinds cannot be told apart, 1 where they always can.
    """
    return share_below(real, synthetic), 1 - share_below(synthetic, real)


def share_below(scores: Array, others: Array) -> Array:
    """Return the share of `others` below each score, ties counted half."""
    ordered = np.sort(others)
    below, upto = (np.searchsorted(ordered, scores, side) for side in ("left", "right"))
    return np.asarray((below + upto) / (2 * len(others)))


def cross_fitted_placements(
    real: pd.DataFrame, synthetic: pd.DataFrame, rng: np.random.Generator
) -> tuple[Array, Array]:
    """Return the placements of real (N,) and synthetic rows (M,), each among those of its own fold.

    `real (N, p)` and `synthetic (M, p)` hold features without missing values; real rows should be unseen by the generator.
    `rng` draws the folds.
    """
    if min(len(real), len(synthetic)) < 2 * FOLDS:
        raise ValueError(f"real, synthetic: expected {2 * FOLDS} rows or more each, got {len(real)}, {len(synthetic)}")
    both = pd.concat([real, synthetic.astype(real.dtypes.to_dict())], ignore_index=True)
    kind, fold = _kinds_and_folds(len(real), len(synthetic), rng)
    placed = np.empty(len(both))
    for held, model in cross_fitted(_boosted_trees, both, kind, fold):
        score = np.asarray(model.decision_function(both[held]))
        placed[held & kind], placed[held & ~kind] = placements(score[kind[held]], score[~kind[held]])
    return placed[kind], placed[~kind]


def real_share(real: Array, synthetic: Array, rng: np.random.Generator) -> Array:
    """Return for each row (N + M,), real ones first, the cross-fitted probability p/(p + q) that it is real.

    Estimated by boosted trees on numbers (N, p) and (M, p); kept within [0.001, 0.999], so that p/q stays below 1,000.
    """
    points = pd.DataFrame(np.concatenate([real, synthetic]))
    kind, fold = _kinds_and_folds(len(real), len(synthetic), rng)
    share = np.empty(len(points))
    for held, model in cross_fitted(_boosted_trees, points, kind, fold):
        share[held] = expit(model.decision_function(points[held]))
    return np.clip(share, 1e-3, 1 - 1e-3)


def _kinds_and_folds(n: int, m: int, rng: np.random.Generator) -> tuple[Rows, NDArray[np.intp]]:
    """Which of n real and m synthetic rows are real, and random folds that hold about equally many of either."""
    return np.arange(n + m) < n, np.concatenate([rng.permutation(size) % FOLDS for size in (n, m)])


def _boosted_trees(x: pd.DataFrame, real: Rows) -> Any:
    """Fit boosted trees whose score is larger where rows look real."""
    from sklearn.ensemble import HistGradientBoostingClassifier
    from sklearn.pipeline import make_pipeline

    from experiments.datasets.encoding import ColumnEncoder

    trees = HistGradientBoostingClassifier(max_iter=ROUNDS, max_leaf_nodes=LEAVES, early_stopping=False, random_state=0)
    return make_pipeline(ColumnEncoder(scaled=False, indicators=False), trees).fit(x, real)
