"""Linear programs as oracles, on pairs whose weights a solver of tolerance 1e-7 can tell apart."""

import numpy as np
from hypothesis import strategies as st
from scipy.optimize import linprog

from theory import PairedMeasure


@st.composite
def lattice_pairs(draw, most=7):
    """A pair on up to `most` atoms with small whole weights, zeros and ties among them."""
    size = draw(st.integers(1, most))
    weights = st.lists(st.integers(0, 5), min_size=size, max_size=size).filter(any)
    return PairedMeasure(np.arange(size, dtype=float), draw(weights), draw(weights))


def most_value(value, cost, budget):
    """Largest Σ value z subject to Σ cost z <= budget, 0 <= z <= 1."""
    return -linprog(-value, cost[None], [budget], bounds=(0, 1)).fun


def least_value(value, cost, quota):
    """Least Σ value z subject to Σ cost z >= quota, 0 <= z <= 1."""
    return linprog(value, -cost[None], [-quota], bounds=(0, 1)).fun
