"""Utility theory of synthetic data: bounds a computer can check (theory/README.md has the statements and proofs).

What means the same everywhere is described here only; (...) are axes that broadcast, and the shape of results.

- `pair`: the laws P and Q of real and of synthetic features, on N nodes; `curve`: its transfer curve;
- `mu`, `mu_tilde` (..., N): regression functions of the real and of the generator's responses at the nodes; `eta`,
  `eta_tilde` (N,): the same for labels, in [0, 1];
- `basis` (s, N): the s functions that span a linear class; `weights` (N,): non-negative weights of the nodes;
- `a` (...): a squared Q-norm >= 0; `sup_norm` (...): the bound M in [0, 1e150] of a function;
- `e_s`, `e_r` (...): downstream error inside the synthetic world and response error of the generator, the Q-norms of
  f̃ - μ̃ and of μ̃ - μ, >= 0.

Every function raises `ValueError` that names the argument where a value is outside its stated range or shapes do not
fit; docstrings list only errors beyond that.
"""

from theory.checks import MassWarning
from theory.classification import ClassificationCurve, classification_utility_bound
from theory.empirical import LoweredROC, lowered_roc
from theory.faults import class_risk_bound, class_transfer, convex_fault_bound, exchange_rate, fault_split
from theory.fidelity import (
    BestFidelity,
    best_fidelity_bound,
    chi_square,
    fidelity_bound,
    fidelity_constant,
    kl,
    squared_hellinger,
    total_variation,
)
from theory.logistic import logistic_limit, logistic_minimiser
from theory.low_noise import (
    composed_bound,
    fidelity_low_noise_bound,
    fidelity_low_noise_example,
    low_noise_bound,
    low_noise_constant,
    low_noise_exponent,
)
from theory.measures import PairedMeasure
from theory.misspecification import feature_fault_bound, misspecification_bound, misspecification_limit, projection
from theory.mixtures import PooledLeastSquares, mixing_bound
from theory.multiclass import MulticlassCurve
from theory.quadrature import Law
from theory.ranking import certified_by_gap, direction_flip, flip_intervals, ranking_tolerance, worst_response
from theory.rates import (
    ReferenceRate,
    UtilityExponents,
    knn_prior_bound,
    least_squares_variance,
    reference_rate,
    utility_exponents,
)
from theory.regression import prior_utility_bound, risk_bound, risk_floor, utility_bound
from theory.smoothers import (
    Neighbours,
    WorstBias,
    gaussian_risk_bound,
    lipschitz_bias,
    nearest_neighbours,
    smoother_risk,
    worst_bias,
)
from theory.transfer import TransferCurve

__all__ = [
    "BestFidelity", "ClassificationCurve", "Law", "LoweredROC", "MassWarning", "MulticlassCurve", "Neighbours",
    "PairedMeasure", "PooledLeastSquares", "ReferenceRate", "TransferCurve", "UtilityExponents", "WorstBias",
    "best_fidelity_bound", "certified_by_gap", "chi_square", "class_risk_bound", "class_transfer",
    "classification_utility_bound", "composed_bound", "convex_fault_bound", "direction_flip", "exchange_rate",
    "fault_split",    "feature_fault_bound", "fidelity_bound", "fidelity_constant", "fidelity_low_noise_bound",
    "fidelity_low_noise_example", "flip_intervals", "gaussian_risk_bound", "kl", "knn_prior_bound",
    "least_squares_variance", "lipschitz_bias", "logistic_limit", "logistic_minimiser", "low_noise_bound",
    "low_noise_constant", "low_noise_exponent", "lowered_roc", "misspecification_bound", "misspecification_limit",
    "mixing_bound", "nearest_neighbours", "prior_utility_bound", "projection", "ranking_tolerance", "reference_rate",
    "risk_bound", "risk_floor", "smoother_risk", "squared_hellinger", "total_variation", "utility_bound",
    "utility_exponents", "worst_bias", "worst_response",
]
