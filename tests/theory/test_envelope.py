import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial import ConvexHull

from theory.envelope import UpperEnvelope, concave_hull

LINES = st.lists(st.tuples(st.integers(-9, 9), st.integers(-9, 9)), min_size=1, max_size=12)


@given(LINES)
def test_highest_line_everywhere(lines):
    slopes, intercepts = np.array(lines, dtype=float).T
    envelope = UpperEnvelope.of_lines(slopes, intercepts)
    t = np.concatenate([np.linspace(-25, 25, 201), envelope.breaks])
    every = intercepts + slopes * t[:, None]
    np.testing.assert_allclose(envelope.value(t), every.max(axis=1), atol=1e-12)
    chosen = envelope.index[envelope.highest(t)]
    np.testing.assert_allclose(every[np.arange(t.size), chosen], every.max(axis=1), atol=1e-12)
    assert (np.diff(envelope.breaks) >= 0).all()
    # At the ends the steepest lines win.
    steepest = slopes[envelope.index[envelope.highest(np.array([-np.inf, np.inf]))]]
    assert steepest.tolist() == [slopes.min(), slopes.max()]


def test_hull_of_many_points_against_qhull():
    # More than 64 points: thinned before the chain. The upper part of the convex hull is the reference.
    x, y = np.random.default_rng(2).normal(size=(2, 5000))
    left, right = x.argmin(), x.argmax()
    reference = ConvexHull(np.stack([x, y], axis=1)).vertices
    chord = y[left] + (x - x[left]) * (y[right] - y[left]) / (x[right] - x[left])
    above = [i for i in reference if y[i] >= chord[i]]
    assert sorted(concave_hull(x, y).tolist()) == sorted({*above, int(left), int(right)})


def test_every_point_of_a_concave_curve_stays():
    x = np.linspace(0, 1, 500)
    np.testing.assert_array_equal(concave_hull(x, np.sqrt(x)), np.arange(500))
