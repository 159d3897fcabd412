"""Hypothesis strategies: arbitrary discrete pairs, ties and uncovered atoms included, and bounded functions on them."""

import numpy as np
from hypothesis import strategies as st

from theory import PairedMeasure

TIED = st.integers(0, 4).map(float)
SPREAD = st.floats(-12, 0).map(lambda exponent: 10.0**exponent)


@st.composite
def pairs(draw, covered=False, most=9):
    """A pair on up to `most` atoms; `covered` keeps q > 0 at every one of them."""
    size = draw(st.integers(1, most))
    weight = draw(st.sampled_from([TIED, SPREAD]))
    p = draw(st.lists(weight, min_size=size, max_size=size).filter(any))
    q = draw(st.lists(weight.filter(bool) if covered else weight, min_size=size, max_size=size).filter(any))
    return PairedMeasure(np.arange(size, dtype=float), np.array(p), np.array(q))


def functions(pair, sup_norm=1.0):
    """Functions on the nodes of a pair with |g| ≤ sup_norm, its extremes and zeros among them."""
    value = st.one_of(st.sampled_from([0.0, 1.0, -1.0]), st.floats(-1, 1))
    return st.lists(value, min_size=pair.size, max_size=pair.size).map(lambda g: sup_norm * np.array(g))


@st.composite
def noisy_pairs(draw, source, count=0):
    """A pair, η with ½, 0 and 1 among its values, and `count` estimates of it."""
    pair = draw(source)
    value = st.one_of(st.sampled_from([0.0, 0.5, 1.0, 0.5 + 1e-7, 0.5 + 1e-9]), st.floats(0, 1))
    estimate = st.one_of(value, st.floats(-1, 2))
    size = {"min_size": pair.size, "max_size": pair.size}
    eta = np.array(draw(st.lists(value, **size)))
    return pair, eta, *(np.array(draw(st.lists(estimate, **size))) for _ in range(count))


@st.composite
def pairs_and_functions(draw, count=1, covered=False):
    """A pair, a sup-norm M and `count` functions with |g| ≤ M."""
    pair = draw(pairs(covered=covered))
    sup_norm = draw(st.sampled_from([1e-3, 1.0, 7.5]))
    return pair, sup_norm, *(draw(functions(pair, sup_norm)) for _ in range(count))
