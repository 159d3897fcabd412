import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.theory.closed_forms import Phi, normal_shift, quantile
from tests.theory.laws import beta, swapped, uniform
from tests.theory.programs import lattice_pairs, least_value, most_value
from tests.theory.strategies import pairs_and_functions
from theory import PairedMeasure, TransferCurve, fidelity_bound, utility_exponents, worst_response
from theory.regression import prior_utility_bound, risk_bound, risk_floor, utility_bound


def sup(g):
    return np.abs(g).max(axis=-1)


class Measured:
    """What a cell measures on every replicate: errors, sup-norms, excess risks, utility; replicates in front."""

    def __init__(self, pair, mu, mu_tilde, synthetic, real):
        self.curve = TransferCurve(pair)
        self.e_s, self.e_r = pair.norm_q(synthetic - mu_tilde), pair.norm_q(mu_tilde - mu)
        self.m, self.m_s, self.m_r = sup(synthetic - mu), sup(synthetic - mu_tilde), sup(mu_tilde - mu)
        self.phi, self.phi_real = pair.norm_p(synthetic - mu) ** 2, pair.norm_p(real - mu) ** 2
        self.utility = np.abs(self.phi - self.phi_real)

    def bounds(self, m=None, curve=None):
        m, curve = self.m if m is None else m, curve or self.curve
        for two_sided in (False, True):
            for sup_norms in (None, (self.m_s, self.m_r)):
                yield utility_bound(curve, self.e_s, self.e_r, m, self.phi_real, two_sided, sup_norms)

    def slack(self):
        return 1e-12 * (np.maximum(self.m, self.m_s + self.m_r) ** 2 + self.phi_real)


def assert_covers(measured, m=None, curve=None, factor=1.0):
    for bound in measured.bounds(m, curve):
        assert np.all(measured.utility <= factor * bound + measured.slack())


def random_replicates(seed, count=4000, size=12):
    """Arbitrary functions on one arbitrary pair, from tiny to large, rough and constant."""
    rng = np.random.default_rng(seed)
    p, q = rng.dirichlet(np.full(size, 0.3)), rng.dirichlet(np.full(size, 0.3))
    scale = 10.0 ** rng.uniform(-3, 1, (4, count, 1))
    return Measured(PairedMeasure(np.arange(size), p, q), *(scale * rng.uniform(-1, 1, (4, count, size))))


def worst_replicates(pair=None):
    """Both errors along the worst function of the pair, so that Φ(f̃) = T_M((e_s + e_r)²), and f̂ = μ."""
    pair = pair or PairedMeasure.quadrature(uniform(), beta(1.5), 8)
    zero = np.zeros(pair.size)
    worst = worst_response(pair, zero, np.linspace(0.05, 0.7, 14), 2.0)
    return Measured(pair, zero, 0.4 * worst, worst, np.zeros_like(worst))


@given(pairs_and_functions(count=4))
def test_bounds_cover_every_replicate_and_two_sided_is_never_larger(case):
    pair, _, *functions = case
    measured = Measured(pair, *functions)
    assert_covers(measured)
    plain, plain_pair, tight, tight_pair = measured.bounds()
    assert tight <= plain
    assert tight_pair <= plain_pair <= plain
    assert 0 <= tight_pair <= tight


@pytest.mark.parametrize("law_q", [beta(2), uniform(0, 2), beta(0.5)])
def test_bound_is_attained(law_q):
    measured = worst_replicates(PairedMeasure.quadrature(uniform(), law_q, 8))
    assert_covers(measured)
    bound = utility_bound(measured.curve, measured.e_s, measured.e_r, 2.0, 0.0)
    np.testing.assert_allclose(measured.utility, bound, rtol=1e-9)
    np.testing.assert_allclose(measured.m, 2.0)


def test_controls_fail_where_the_bounds_hold():
    measured = worst_replicates()
    for control in (
        {"factor": 0.5}, {"factor": 0.99}, {"curve": TransferCurve(swapped(measured.curve.pair))},
        {"m": measured.m_s}, {"m": measured.m_r},
    ):
        with pytest.raises(AssertionError):
            assert_covers(measured, **control)


def transfer_by_program(pair, a, m):
    """T_M(a): with z = (g/M)², the most M² Σ p z subject to Σ q z <= a/M², 0 <= z <= 1."""
    return m**2 * most_value(pair.p, pair.q, a / m**2)


@given(lattice_pairs(), st.floats(0, 0.9), st.floats(0, 0.9), st.sampled_from([0.0, 0.3, 2.0]))
def test_against_linear_programs(pair, e_s, e_r, real):
    curve, m, m_s, m_r = TransferCurve(pair), 2.0, 1.0, 1.5
    first = transfer_by_program(pair, (e_s + e_r) ** 2, m)
    second = (np.sqrt(transfer_by_program(pair, e_s**2, m_s)) + np.sqrt(transfer_by_program(pair, e_r**2, m_r))) ** 2
    floor = m**2 * least_value(pair.p, pair.q, (e_s - e_r) ** 2 / m**2)
    close = {"rtol": 1e-6, "atol": 1e-7}
    np.testing.assert_allclose(risk_bound(curve, e_s, e_r, m), first, **close)
    np.testing.assert_allclose(risk_bound(curve, e_s, e_r, m, (m_s, m_r)), min(first, second), **close)
    np.testing.assert_allclose(risk_floor(curve, e_s, e_r, m), floor, **close)
    np.testing.assert_allclose(utility_bound(curve, e_s, e_r, m, real), max(first, real), **close)
    np.testing.assert_allclose(
        utility_bound(curve, e_s, e_r, m, real, two_sided=True), max(first - real, real - floor), **close
    )


def test_floor_is_attained_and_its_control_fails():
    # f̃ - μ lives where r = 2x is least, on x <= t: Q-mass t, P-mass t², while the swapped pair would claim about t/2.
    pair = PairedMeasure.quadrature(beta(2), uniform(), 8)
    order = np.argsort(pair.ratio)
    reach = np.cumsum(pair.q[order])
    for count in (1, 40, 400):
        g = np.zeros(pair.size)
        g[order[:count]] = 1.0
        e = np.sqrt(reach[count - 1])
        floor = risk_floor(TransferCurve(pair), 1.5 * e, 0.5 * e, 1.0)
        np.testing.assert_allclose(pair.norm_p(g) ** 2, floor, rtol=1e-9)
        assert pair.norm_p(g) ** 2 < risk_floor(TransferCurve(swapped(pair)), 1.5 * e, 0.5 * e, 1.0)


@pytest.mark.parametrize("seed", range(60))
def test_two_sided_bound_is_the_exact_worst_case(seed):
    """Where Q << P: fits and responses with these errors at both ends of [L, B], on random pairs of 7 atoms."""
    rng = np.random.default_rng(seed)
    pair, m, real = PairedMeasure(np.arange(7), *rng.dirichlet(np.full(7, 0.5), 2)), 2.0, rng.uniform(0, 4)
    e_s, e_r = m * rng.dirichlet(np.ones(3))[:2]
    top = worst_response(pair, np.zeros(7), e_s + e_r, m)
    # What is left when the highest ratios of Q-mass 1 - a/M² are taken out: the lowest ones of mass a/M².
    low = np.sqrt(m**2 - worst_response(pair, np.zeros(7), np.sqrt(m**2 - (e_s - e_r) ** 2), m) ** 2)
    utilities = []
    for g, part_s, part_r in ((top, e_s / (e_s + e_r), e_r / (e_s + e_r)), (low, e_s / (e_s - e_r), e_r / (e_r - e_s))):
        np.testing.assert_allclose([pair.norm_q(part_s * g), pair.norm_q(part_r * g)], [e_s, e_r], rtol=1e-6)
        np.testing.assert_allclose(part_s + part_r, 1)
        utilities.append(abs(pair.norm_p(g) ** 2 - real))
    np.testing.assert_allclose(max(utilities), utility_bound(TransferCurve(pair), e_s, e_r, m, real, True), rtol=1e-6)


@pytest.mark.parametrize("tiny", [1e-6, 1e-12, 1e-15])
def test_size_of_rounding_in_the_floor(tiny):
    # f̃ - μ = M off an atom of Q-mass `tiny` and P-mass 1/2: its risk M²/2 is the floor, and r = 1/(2 tiny) just beyond it.
    pair = PairedMeasure([0.0, 1.0], [0.5, 0.5], [1 - tiny, tiny])
    for m in (1.0, 3.7):
        e = pair.norm_q([m, 0.0])
        for share in (0.0, 0.1, 0.37, 5.0):
            floor = risk_floor(TransferCurve(pair), (1 + share) * e, share * e, m)
            # Two norms and a square, each correct to 4 roundings or so of 1.1e-16.
            assert abs(floor - m**2 / 2) <= 0.5 / tiny * 3 * (4 * 2.0**-53) * m * (1 + 2 * share) * e


def test_normal_shift_in_closed_form():
    # T_M(a) = M² Φ(Φ⁻¹(a/M²) + δ), L_M(a) = M²(1 - Φ(Φ⁻¹(1 - a/M²) + δ)): see `normal_shift`.
    family = normal_shift(1.0)
    curve = TransferCurve(PairedMeasure.quadrature(family.law_p, family.law_q, 16))
    e_s, e_r, m, real = np.array([0.02, 0.3, 0.6]), np.array([0.1, 0.3, 0.05]), 1.5, 0.2
    above = m**2 * Phi(quantile((e_s + e_r) ** 2 / m**2) + 1)
    below = m**2 * (1 - Phi(quantile(1 - (e_s - e_r) ** 2 / m**2) + 1))
    bound = utility_bound(curve, e_s, e_r, m, real, two_sided=True)
    np.testing.assert_allclose(bound, np.maximum(above - real, real - below), atol=1e-6)


def test_neither_form_of_the_risk_bound_dominates():
    curve = TransferCurve(PairedMeasure.quadrature(uniform(), beta(2), 8))
    # β(α) = √α, T_M(a) = M√a. First form M(e_s + e_r); second (√(M_s e_s) + √(M_r e_r))².
    e_s, e_r = np.array([0.2, 0.2]), np.array([0.2, 0.01])
    first = risk_bound(curve, e_s, e_r, 1.0)
    both = risk_bound(curve, e_s, e_r, 1.0, (np.array([1.0, 0.3]), np.array([1.0, 0.8])))
    np.testing.assert_allclose(first, e_s + e_r, atol=1e-5)
    np.testing.assert_allclose(both, [0.4, (np.sqrt(0.06) + np.sqrt(0.008)) ** 2], atol=1e-5)
    assert both[1] < first[1]


def assert_prior_covers(parts, factor=1.0, mean_m=None):
    """The law of the sample puts equal weight on the replicates, so that their means are exact expectations."""
    for measured in parts:
        m = np.sqrt(np.mean(measured.m**2)) if mean_m is None else mean_m(measured.m)
        means = (np.mean(measured.e_s**2), np.mean(measured.e_r**2), m, np.mean(measured.phi_real))
        bound = factor * prior_utility_bound(measured.curve, *means)
        assert np.mean(measured.utility) <= bound + np.max(measured.slack())


def uneven_replicates():
    """One good fit and one bad one, both at T_M((e_s + e_r)²), the mean of M being half its root mean square."""
    pair = PairedMeasure([0.0, 1.0], [0.9, 0.1], [0.1, 0.9])
    synthetic = np.array([[0.0, 0.0]] * 3 + [[2.0, 0.0]])
    return Measured(pair, np.zeros(2), np.zeros(2), synthetic, np.zeros((4, 2)))


def test_bounds_cover_thousands_and_their_means_and_controls_fail():
    random = [*map(random_replicates, range(5))]
    for measured in random:
        assert_covers(measured)
    assert_prior_covers([*random, worst_replicates(), uneven_replicates()])
    # Single sizes of sup-norm and error make Jensen and Minkowski equalities up to the factor E U <= T + 0.
    with pytest.raises(AssertionError):
        assert_prior_covers([worst_replicates()], factor=0.5)
    with pytest.raises(AssertionError):
        assert_prior_covers([uneven_replicates()], mean_m=np.mean)


def test_prior_bound_by_hand():
    # β(α) = √α: T_2(a) = 2√a, so (√.01 + √.09)² = .16 gives .8, plus .05.
    curve = TransferCurve(PairedMeasure.quadrature(uniform(), beta(2), 8))
    np.testing.assert_allclose(prior_utility_bound(curve, 0.01, [0.09, 0.0], 2.0, 0.05), [0.85, 0.25], atol=1e-5)


@pytest.mark.parametrize(("d", "u", "v"), [(1.0, 0.5, 0.4), (0.5, 1.0, 1.0), (np.inf, 2 / 3, 0.9), (3.0, 0.5, np.inf)])
def test_exponents_are_the_slopes_of_the_bound(d, u, v):
    # The (V, d) form at (√m^(-u) + √n^(-v))² plus n^(-u), between sizes so large that one power is left.
    size = np.array([1e100, 1e101])

    def bound(m, n):
        return fidelity_bound((m ** (-u / 2) + n ** (-v / 2)) ** 2, 1.0, 2.0, d) + n**-u

    far = np.full(2, 1e300)
    slopes = [-np.diff(np.log10(bound(*sizes)))[0] for sizes in ((size, far), (far, size))]
    exponents = utility_exponents(d, u, v)
    np.testing.assert_allclose(slopes, exponents, rtol=1e-6)
    assert not np.allclose(slopes, (u, min(u, v)), rtol=1e-3) or np.isinf(d)


def test_exact_synthetic_world_leaves_the_floor():
    # e_s = e_r = 0 on covered features: f̃ = μ, so U = Φ(f̂), for any Q.
    curve = TransferCurve(PairedMeasure.quadrature(uniform(), beta(4), 8))
    np.testing.assert_array_equal(utility_bound(curve, 0.0, 0.0, 1.0, [0.0, 0.3]), [0.0, 0.3])
    uncovered = TransferCurve(PairedMeasure.quadrature(uniform(), uniform(0, 0.5), 8))
    np.testing.assert_allclose(utility_bound(uncovered, 0.0, 0.0, 1.0, 0.0), 0.5)


def test_replicates_in_one_call():
    measured = random_replicates(9, count=50)
    together = utility_bound(measured.curve, measured.e_s, measured.e_r, measured.m, measured.phi_real, True)
    single = [
        utility_bound(measured.curve, *each, True)
        for each in zip(measured.e_s, np.broadcast_to(measured.e_r, 50), measured.m, measured.phi_real)
    ]
    assert together.shape == (50,)
    np.testing.assert_array_equal(together, single)
