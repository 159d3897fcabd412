import numpy as np

from theory import PairedMeasure, TransferCurve, best_fidelity_bound, chi_square, fidelity_bound, fidelity_constant


def test_constant_of_two_atoms():
    # r = (4, 1/4·...): p = (.8, .2), q = (.2, .8): V(d) = max{4^d · 0.8, 4^-d · 1}.
    pair = PairedMeasure(np.arange(2.0), [0.8, 0.2], [0.2, 0.8])
    d = np.array([0.01, 0.5, 3.0, np.inf])
    np.testing.assert_allclose(fidelity_constant(pair, d), [0.25**0.01, 1.6, 0.8 * 64, 4.0])
    np.testing.assert_allclose(fidelity_constant(pair, 2.0, "moment"), 0.8 * 16 + 0.2 / 16)
    np.testing.assert_allclose(chi_square(pair), 0.36 / 0.2 + 0.36 / 0.8)


def test_best_lies_between_the_curve_and_every_level():
    pair = PairedMeasure(np.arange(4.0), [0.4, 0.3, 0.2, 0.1], [0.1, 0.2, 0.3, 0.4])
    a, m = np.geomspace(1e-8, 4, 50), 2.0
    best = best_fidelity_bound(pair, a, m)
    assert (TransferCurve(pair).bound(a, m) <= best.value * (1 + 1e-12)).all()
    d = np.append(np.geomspace(1e-3, 1e3, 2000), np.inf)
    grid = fidelity_bound(a[:, None], m, fidelity_constant(pair, d), d)
    assert (best.value <= grid.min(axis=1) * (1 + 1e-12)).all()
    np.testing.assert_allclose(best.value, grid.min(axis=1).clip(max=m**2), rtol=1e-3)
