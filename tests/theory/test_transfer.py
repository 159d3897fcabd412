import numpy as np
import pytest

from tests.theory.laws import beta, uniform
from theory import PairedMeasure, TransferCurve


def test_three_atoms_by_hand():
    # r = (4, 1, 1/4): filling in this order gives the knots (α, β) = (.1, .4), (.5, .8), (1, 1) - no more to it.
    curve = TransferCurve(PairedMeasure(np.arange(3.0), [0.4, 0.4, 0.2], [0.1, 0.4, 0.5]))
    np.testing.assert_allclose(curve.power([0, 0.05, 0.1, 0.3, 0.5, 1, 7]), [0, 0.2, 0.4, 0.6, 0.8, 1, 1], atol=1e-15)
    np.testing.assert_allclose(curve.bound([0.4, 9.0], [2.0, 3.0]), [1.6, 9.0])
    np.testing.assert_allclose(curve.lower([0.25, 1.0], 1.0), [0.1, 1.0])
    np.testing.assert_allclose(curve.inverse([0.2, 1.0, 1.1], 1.0), [0.05, 1.0, np.inf])
    np.testing.assert_allclose(curve.hockey_stick([0, 1, 4, np.inf]), [1, 0.3, 0, 0], atol=1e-15)
    np.testing.assert_allclose(curve.tail([0, 0.5, 1, 4]), [1, 0.8, 0.4, 0])
    assert curve.uncovered == 0


@pytest.mark.parametrize("a", [0.05, 0.3, 1.5, 4.0])
def test_uniform_against_beta(a):
    # {x ≤ t} or {x ≥ t} is the region of highest r = x^(1-a)/a: β(α) = α^(1/a) for a > 1, and for a < 1
    # Q(x > t) = 1 - t^a = α gives β = 1 - (1 - α)^(1/a).
    curve = TransferCurve(PairedMeasure.quadrature(uniform(), beta(a), 16))
    alpha = np.linspace(0, 1, 41)
    exact = alpha ** (1 / a) if a > 1 else 1 - (1 - alpha) ** (1 / a)
    np.testing.assert_allclose(curve.power(alpha), exact, atol=1e-6)
