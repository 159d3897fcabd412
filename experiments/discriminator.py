"""Telling synthetic features from real ones by a non-linear classifier: fidelity as an area under the ROC curve."""

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtri

from experiments.intervals import Interval

Array = NDArray[np.float64]

FOLDS = 3
ROUNDS, LEAVES = 40, 15
"""Size of the boosted trees that tell rows apart."""


def placements(real: pd.DataFrame, synthetic: pd.DataFrame, rng: np.random.Generator) -> tuple[Array, Array]:
    """Return for each row the share of rows of the other kind that a cross-fitted score puts on its wrong side.

    The mean over real rows, or over synthetic ones, is the area under the ROC curve: 1/2 where the two kinds cannot be
    told apart, 1 where they always can. Each fold of both kinds is scored by boosted trees fitted on the other folds.

    Parameters
    ----------
    real, synthetic : pandas.DataFrame (N, p), (M, p)
        Features without missing values; real rows should be unseen by the generator.
    rng : numpy.random.Generator
        Draws the folds.

    Returns
    -------
    placements of the real rows (N,), of the synthetic rows (M,)
        Numbers in [0, 1], ties counted half.
    """
    if min(len(real), len(synthetic)) < 2 * FOLDS:
        raise ValueError(f"real, synthetic: expected {2 * FOLDS} rows or more each, got {len(real)}, {len(synthetic)}")
    both = pd.concat([real, synthetic.astype(real.dtypes.to_dict())], ignore_index=True)
    kind = np.arange(len(both)) < len(real)
    fold = np.concatenate([rng.permutation(len(part)) % FOLDS for part in (real, synthetic)])
    placed = np.empty(len(both))
    for k in range(FOLDS):
        held = fold == k
        score = _score(both[~held], kind[~held], both[held])
        ours, theirs = score[kind[held]], score[~kind[held]]
        placed[held & kind], placed[held & ~kind] = _above(ours, theirs), 1 - _above(theirs, ours)
    return placed[kind], placed[~kind]


def auc_interval(real: ArrayLike, synthetic: ArrayLike, level: float = 0.95) -> Interval:
    """Area under the ROC curve from the placements of both kinds, with DeLong's interval.

    Variance: that of the placements of either kind over its number of rows (DeLong, DeLong, Clarke-Pearson 1988).
    Conditional on the generator and on the classifiers of the folds.

    Parameters
    ----------
    real, synthetic : array_like (N,), (M,)
        From `placements`.
    level : float in (0, 1)
        Nominal coverage.
    """
    parts = [np.asarray(part, dtype=np.float64) for part in (real, synthetic)]
    if min(map(len, parts)) < 2:
        raise ValueError(f"real, synthetic: expected two placements or more each, got {[len(p) for p in parts]}")
    value = float(np.mean(parts[0]) + np.mean(parts[1])) / 2
    variance = sum(float(part.var(ddof=1)) / len(part) for part in parts)
    reach = float(ndtri((1 + level) / 2)) * variance**0.5
    return Interval(value, value - reach, value + reach, level)


def _score(x: pd.DataFrame, real: NDArray[np.bool_], points: pd.DataFrame) -> Array:
    """Scores of points, larger where they look real."""
    from sklearn.ensemble import HistGradientBoostingClassifier
    from sklearn.pipeline import make_pipeline

    from experiments.columns import Columns

    trees = HistGradientBoostingClassifier(max_iter=ROUNDS, max_leaf_nodes=LEAVES, early_stopping=False, random_state=0)
    fitted = make_pipeline(Columns(scaled=False, indicators=False), trees).fit(x, real)
    return np.asarray(fitted.decision_function(points))


def _above(scores: Array, others: Array) -> Array:
    """Share of `others` below each score, ties counted half."""
    ordered = np.sort(others)
    below, upto = (np.searchsorted(ordered, scores, side) for side in ("left", "right"))
    return np.asarray((below + upto) / (2 * len(others)))
