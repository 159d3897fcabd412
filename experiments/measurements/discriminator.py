"""Telling synthetic features from real ones by a non-linear classifier: fidelity as an area under the ROC curve."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import expit

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


def real_share(real: Array, synthetic: Array, rng: np.random.Generator) -> Array:
    """Return for each row (N + M,), real ones first, the cross-fitted probability p/(p + q) that it is real.

    Estimated by boosted trees on numbers (N, p) and (M, p); kept within [0.001, 0.999], so that p/q stays below 1,000.
    """
    points, kind = np.concatenate([real, synthetic]), np.arange(len(real) + len(synthetic)) < len(real)
    fold = np.concatenate([rng.permutation(len(part)) % FOLDS for part in (real, synthetic)])
    share = np.empty(len(points))
    for k in range(FOLDS):
        held = fold == k
        share[held] = expit(_score(pd.DataFrame(points[~held]), kind[~held], pd.DataFrame(points[held])))
    return np.clip(share, 1e-3, 1 - 1e-3)


def _score(x: pd.DataFrame, real: NDArray[np.bool_], points: pd.DataFrame) -> Array:
    """Scores of points, larger where they look real."""
    from sklearn.ensemble import HistGradientBoostingClassifier
    from sklearn.pipeline import make_pipeline

    from experiments.datasets.encoding import ColumnEncoder

    trees = HistGradientBoostingClassifier(max_iter=ROUNDS, max_leaf_nodes=LEAVES, early_stopping=False, random_state=0)
    fitted = make_pipeline(ColumnEncoder(scaled=False, indicators=False), trees).fit(x, real)
    return np.asarray(fitted.decision_function(points))


def _above(scores: Array, others: Array) -> Array:
    """Share of `others` below each score, ties counted half."""
    ordered = np.sort(others)
    below, upto = (np.searchsorted(ordered, scores, side) for side in ("left", "right"))
    return np.asarray((below + upto) / (2 * len(others)))
