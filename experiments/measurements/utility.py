"""The paper's metrics (theory/README.md 0.2): generalization utility, relative utility, consistent ranking.

R is the risk on real data, f^ a model trained on real data and f~ the same model trained on synthetic data.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]


def signed_gap(synthetic: Array, real: Array) -> Array:
    """Return R(f~) - R(f^), positive where synthetic training costs, from risks after synthetic and after real training.

    Or from excess risks, or losses at the same real test rows, whose mean difference is the difference of risks.
    """
    return np.asarray(synthetic - real)


def utility(gap: Array) -> Array:
    """Return the generalization utility U = |R(f~) - R(f^)|, 0 at best, from signed gaps."""
    return np.abs(gap)


def relative_utility(under_q: Array, under_p: Array) -> Array:
    """Return U_Q/U_P: the utility of features from Q over that of features from the real law P, all else equal.

    1 where the synthetic law costs nothing; `inf` where only U_P is 0, `nan` where both are. The ratio of means over
    replicates is the one to report: single replicates have U_P near 0.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.divide(under_q, under_p))


def consistent_ranking(gap_synthetic: ArrayLike, gap_real: ArrayLike) -> NDArray[np.bool_]:
    """Tell whether synthetic data rank two models as real data do: (R(f~1) - R(f~2)) (R(f^1) - R(f^2)) > 0.

    The gaps are the risk of model 1 minus the risk of model 2, after synthetic and after real training. A tie counts as
    inconsistent.
    """
    return np.asarray(np.multiply(gap_synthetic, gap_real) > 0)
