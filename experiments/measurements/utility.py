"""The paper's metrics (theory/README.md 0.2): generalization utility, consistent ranking.

Relative utility is a ratio of means over replicates: figures/claims/rules/relative.py.

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


def consistent_ranking(gap_synthetic: ArrayLike, gap_real: ArrayLike) -> NDArray[np.bool_]:
    """Tell whether synthetic data rank two models as real data do: (R(f~1) - R(f~2)) (R(f^1) - R(f^2)) > 0.

    The gaps are the risk of model 1 minus the risk of model 2, after synthetic and after real training. A tie counts as
    inconsistent.
    """
    return np.asarray(np.multiply(gap_synthetic, gap_real) > 0)
