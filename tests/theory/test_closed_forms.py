"""Every formula of sections 1 and 2 against closed forms: quadrature to 1e-6 on a line, 1e-3 in the plane."""

from contextlib import nullcontext

import numpy as np
import pytest

from tests.theory.closed_forms import LINE, PLANE, SPACE, normal_scale, normal_shift, uniform_beta
from theory import MassWarning, PairedMeasure, TransferCurve, chi_square, kl, squared_hellinger, total_variation

ALPHA = np.array([1e-8, 1e-6, 1e-4, 0.001, 0.01, 0.05, 0.1, 0.2, 0.35, 0.5, 0.7, 0.9, 0.95, 0.99, 0.999, 1.0])
DIVERGENCES = {
    "total_variation": total_variation, "chi_square": chi_square, "kl": kl, "squared_hellinger": squared_hellinger,
}


def named(families):
    return pytest.mark.parametrize("family", families, ids=lambda family: family.name)


def quadrature(family):
    # Q falls below the least float64 at 38.6 of its standard deviations: most of P lies beyond, and that is said.
    narrow = family.name == "normal scaled by 0.01 in dimension 1"
    with pytest.warns(MassWarning, match="underflows") if narrow else nullcontext():
        return PairedMeasure.quadrature(family.law_p, family.law_q, 16)


@named(LINE)
def test_curve_and_its_inverse_on_a_line(family):
    curve = TransferCurve(quadrature(family))
    np.testing.assert_allclose(curve.power(ALPHA), family.power(ALPHA), atol=1e-6, rtol=0)
    np.testing.assert_allclose(curve.uncovered, family.uncovered, atol=1e-9)
    m = 2.5
    np.testing.assert_allclose(curve.bound(ALPHA * m**2, m), m**2 * family.power(ALPHA), atol=m**2 * 1e-6, rtol=0)
    # Within rounding of α = 1 the lower curve is as steep as r is large: 1 itself is left out.
    np.testing.assert_allclose(curve.lower(ALPHA[:-1], 1.0), 1 - family.power(1 - ALPHA[:-1]), atol=1e-6, rtol=0)
    # A level t = β(α) in (ρ₀, 1) comes back as α, up to the curve's error over its slope there.
    alpha = ALPHA[(family.power(ALPHA) > family.uncovered + 1e-6) & (family.power(ALPHA) < 1 - 1e-6)]
    slope = (family.power(alpha * 1.001) - family.power(alpha * 0.999)) / (0.002 * alpha)
    error = np.abs(curve.inverse(family.power(alpha), 1.0) - alpha)
    assert (error * slope < 2e-6).all()


@named(LINE)
def test_dual_on_a_line(family):
    # C α + E_C touches β where C = β′(α): both sides of T = inf_C, with C from the closed form and E_C from the nodes.
    curve, alpha = TransferCurve(quadrature(family)), ALPHA[:-1]
    step = np.where(alpha < 1e-3, 1e-2, 1e-3) * np.minimum(alpha, 1 - alpha)
    c = (family.power(alpha + step) - family.power(alpha - step)) / (2 * step)
    np.testing.assert_allclose(c * alpha + curve.hockey_stick(c), family.power(alpha), atol=1e-6, rtol=0)
    assert (c[:, None] * alpha + curve.hockey_stick(c)[:, None] > family.power(alpha) - 1e-6).all()


@pytest.mark.parametrize("name", DIVERGENCES)
@named(LINE)
def test_divergences_on_a_line(family, name):
    expected, found = getattr(family, name), DIVERGENCES[name](quadrature(family))
    if np.isinf(expected) and family.uncovered == 0:
        # No node set has an infinite χ² where Q covers P; the integral must still be seen to diverge.
        assert found > 1e3
    else:
        np.testing.assert_allclose(found, expected, atol=1e-6, rtol=1e-6)


@named(PLANE)
def test_curve_and_divergences_in_the_plane(family):
    pair = PairedMeasure.quadrature(family.law_p, family.law_q, 8)
    np.testing.assert_allclose(TransferCurve(pair).power(ALPHA), family.power(ALPHA), atol=1e-3, rtol=0)
    for name, divergence in DIVERGENCES.items():
        expected = getattr(family, name)
        assert np.isinf(expected) or abs(divergence(pair) - expected) < 1e-3 * max(1, expected), name


@named(SPACE)
def test_sampled_pairs(family):
    """Twelve independent pairs of 20 000 nodes; their mean lies within 7 of its standard errors, plus bias.

    False alarms: Student's t with 11 degrees of freedom exceeds 7 with probability 1.2e-5 on either side, together
    for 4 pairs of laws and 7 numbers 6.6e-4. Self-normalised ratios are biased by O(variance/N): 2e-4 covers it.
    """
    alpha = np.array([0.05, 0.3, 0.8])
    rows = []
    for stream in np.random.default_rng(20).spawn(12):
        pair = PairedMeasure.sampled(family.law_p, family.law_q, 20_000, stream)
        rows.append([*TransferCurve(pair).power(alpha), *(divergence(pair) for divergence in DIVERGENCES.values())])
    expected = np.array([*family.power(alpha), *(getattr(family, name) for name in DIVERGENCES)])
    error = np.std(rows, axis=0, ddof=1) / np.sqrt(len(rows))
    assert (error < 0.02 * np.maximum(1, expected)).all()
    assert (np.abs(np.mean(rows, axis=0) - expected) < 7 * error + 2e-4).all()


@pytest.mark.parametrize("family", [uniform_beta(4.0), normal_shift(1.0), normal_scale(0.5)], ids=lambda f: f.name)
def test_swapped_laws_fail_where_they_should(family):
    # Negative control: β of (Q, P) is not β of (P, Q), except for a shift, which is symmetric.
    swapped = PairedMeasure.quadrature(family.law_q, family.law_p, 16)
    gap = np.abs(TransferCurve(swapped).power(ALPHA) - family.power(ALPHA)).max()
    assert gap < 1e-6 if "shifted" in family.name else gap > 0.05


def test_wrong_law_in_space_fails():
    # Negative control of the Monte Carlo test: a shift of 1.05 in place of 1 lies far outside its tolerance.
    pair = PairedMeasure.sampled(SPACE[0].law_p, SPACE[0].law_q, 240_000, np.random.default_rng(0))
    assert abs(TransferCurve(pair).power(0.3) - normal_shift(1.05).power(0.3)) > 0.01
