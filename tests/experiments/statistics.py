"""Tests of samples, with p values."""

import numpy as np
from scipy import stats


def kolmogorov_smirnov(uniform: np.ndarray) -> float:
    """The p value of the hypothesis that the values are independent and uniform on [0, 1]."""
    return float(stats.kstest(uniform, "uniform").pvalue)
