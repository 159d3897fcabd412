"""What to do next: laws with known constants, mixes of known shares, rows to settle in closed form, copies of known rate."""

import json
from dataclasses import replace

import numpy as np
import pytest
from scipy import optimize, stats

from experiments.audit import next_steps
from experiments.audit.copies import without_copied
from experiments.audit.next_steps import mix_costs, mixed_fits, part_fits
from experiments.audit.utility import to_settle
from experiments.estimators.gaps import FROM_HALF
from experiments.estimators.intervals import Interval
from experiments.estimators.part_curve import size_curve
from figures.report.audit_page import terminal
from figures.report.audit_page import write as write_page
from tests.audit.conftest import audit, write
from tests.audit.worlds import problem
from theory import mixing_bound

A, B, ALPHA, TAU, LEVEL = 0.02, 0.02, 0.6, 0.001, 0.95


def losses(seed, rows=1000):
    """Losses of fits on parts whose risk is that of real training plus A + B 2^(ALPHA k), of variance TAU² 2^(2k/3)."""
    rng = np.random.default_rng([3, seed])
    base, parts = rng.normal(size=rows), []
    for k in range(5):
        shape = (4 if k == 1 else 1, 2**k)
        errors = TAU * 2 ** (k / 3) * rng.normal(size=(*shape, 1))
        parts.append(base + A + B * 2 ** (ALPHA * k) + errors + 0.05 * rng.normal(size=(*shape, rows)))
    return parts, base + 0.05 * rng.normal(size=rows) + TAU * rng.normal()


def test_the_law_is_covered():
    """At a coverage of 93%, 170 or fewer of 200 have probability below 1e-4."""
    assert stats.binom.cdf(170, 200, 0.93) < 1e-4
    covered = np.zeros(3, dtype=int)
    for seed in range(200):
        curve = size_curve(*losses(seed), TAU**2, 16_000, LEVEL)
        truths = (ALPHA, B * (2**-ALPHA - 1), A)
        covered += [i.contains(t) for i, t in zip((curve.exponent, curve.doubling, curve.floor), truths, strict=True)]
    assert curve.rows == [16_000, 8_000, 4_000, 2_000, 1_000]
    assert covered.min() > 170


def test_ends_are_those_of_the_profile_likelihood_by_another_solver():
    """The least misfit given the floor, over b and α by Nelder and Mead, has risen by t² at either end (grid of α: 0.01)."""
    parts, real = losses(1)
    curve = size_curve(parts, real, TAU**2, 16_000, LEVEL)
    excess = np.stack([own.mean(axis=(0, 1)) - real for own in parts])
    degrees, found = [4, 3, 7, 15], []
    for k, own in enumerate(parts[1:], 1):
        means, inside = own.mean(axis=2).var(axis=1, ddof=1).mean(), own.var(axis=1, ddof=1).mean() / own.shape[2]
        found.append(max(means - inside, 0) * FROM_HALF**k)
    tau = np.average(found, weights=degrees)
    noise = np.cov(excess) / excess.shape[1] + np.diag(tau * 2.0 ** (-np.arange(5) / 3)) + tau + TAU**2
    inverse = np.linalg.inv(noise)

    def misfit(a, b, alpha):
        off = excess.mean(axis=1) - a - b * 2.0 ** (alpha * np.arange(5))
        return off @ inverse @ off

    least = optimize.minimize(lambda p: misfit(*p), (A, B, ALPHA), method="Nelder-Mead", options={"xatol": 1e-8, "fatol": 1e-8})
    assert curve.exponent.value == pytest.approx(least.x[2], abs=0.01)
    assert curve.floor.value == pytest.approx(least.x[0], abs=0.001)
    for end in (curve.floor.low, curve.floor.high):
        at_end = optimize.minimize(lambda p, a=end: misfit(a, *p), least.x[1:], method="Nelder-Mead", options={"xatol": 1e-8})
        assert at_end.fun - least.fun == pytest.approx(stats.t.ppf(0.975, sum(degrees)) ** 2, rel=0.02)


def test_parts_are_disjoint_and_mixes_have_their_share_of_real_rows(monkeypatch):
    """The mean target of real rows is 1, that of synthetic ones 0, so a fit that returns it returns the share."""
    tables = problem(np.random.default_rng(0), "regression", rows=200, synthetic_rows=120)
    real, synthetic = (replace(t, target=np.full(len(t), v)) for t, v in ((tables.real, 1), (tables.synthetic, 0)))
    monkeypatch.setattr(next_steps, "evaluate", lambda p, model, train, seed: np.full((4, 3), train.target.mean()))
    for share in (0.0, 0.3, 1.0):
        values = mixed_fits(replace(tables, real=real, synthetic=synthetic), "mlp", share, 120, 2, 1)
        assert values == pytest.approx(np.full((5, 4, 3), share))
    numbered = replace(tables.synthetic, target=2.0 ** (np.arange(120) % 50))
    monkeypatch.setattr(next_steps, "evaluate", lambda p, model, train, seed: np.full((4, 3), train.target.sum()))
    parts = part_fits(replace(tables, synthetic=numbered), "tree", 4, 1)
    assert parts.shape == (4, 4, 3)
    assert parts[:, 0, 0].sum() == pytest.approx(numbered.target.sum())  # every row once


@pytest.mark.parametrize("cuts", [0, 4])
def test_a_mix_is_compared_row_by_row(cuts):
    """Differences c ± 1 in alternate rows; halves apart by 0.2 in every row, so 0.2²/2 x 2^(-2/3) of variance, 4 degrees."""
    rows = 40
    only = np.zeros((1 + 2 * cuts, rows))
    mixed = only + 0.5 + np.tile([1.0, -1.0], rows // 2)
    mixed[1::2] += 0.2
    found = mix_costs({0.3: mixed, 1.0: only}, 0.9)
    parts = [(40 / 39 / rows, rows - 1)] + bool(cuts) * [(0.2**2 / 2 * 2 ** (-2 / 3), cuts)]
    variance = sum(v for v, _ in parts)
    freedom = max(variance**2 / sum(v**2 / f for v, f in parts), min(f for _, f in parts))
    reach = stats.t.ppf(0.95, freedom) * variance**0.5
    assert (found[0.3].low, found[0.3].high) == pytest.approx((0.5 - reach, 0.5 + reach))
    assert (found[1.0].low, found[1.0].high) == (0, 0)


@pytest.mark.parametrize(
    ("half", "given", "told"),
    [
        (1.0, 1.0, "about 4,000 test rows"),  # all of it falls as 1/rows: off by 0.5, so four times as many
        (1.0, 0.99, "about 17,000 test rows"),  # 0.9801 / (0.25 - 0.0199) = 4.26 times 4,000
        (1.0, 0.5, "8 times as many rows"),  # 0.75 is left over tables, more than 0.25: (1 / 0.5)^3
        (10.0, 1.0, "no reasonable number"),
    ],
)
def test_rows_to_settle(half, given, told):
    rows = 4_000 if given == 0.99 else 1_000
    assert told in to_settle(Interval(1.5, 1.5 - half, 1.5 + half, 0.95), given, 1.0, rows)


def test_copies_are_nearer_to_training_rows_and_fresh_rows_are_not():
    """Of copies of 800 training rows, 200 of which are compared with 200 unseen ones, 1/4 + 3/4 x 1/2 are nearer.

    Of 100 fresh tables at most 15 exclude one half: at 5%, more have probability below 1e-4.
    """
    assert stats.binom.sf(15, 100, 0.05) < 1e-4
    whole = problem(np.random.default_rng(1), "regression", rows=800, tests=200)
    copied = without_copied(replace(whole, synthetic=whole.real), 1, unseen=True)[1].nearer
    assert copied.contains(0.625)
    assert copied.low > 0.5
    missed = 0
    for seed in range(100):
        tables = problem(np.random.default_rng([2, seed]), "regression", rows=200, tests=200)
        missed += not without_copied(tables, seed, unseen=True)[1].nearer.contains(0.5)
    assert missed <= 15
    assert without_copied(whole, 1)[1].nearer is None


def test_what_to_do_next_is_told_on_request(tmp_path, monkeypatch):
    """On wrong responses only real rows help; the guarantee beside each share is that of the theory."""
    monkeypatch.setattr(next_steps, "MIX_CUTS", 2)
    paths = write(tmp_path, "classification", "responses", rows=800)
    result = audit(paths, tmp_path, next=True)
    steps = result.next_steps
    assert [round(share, 1) for share in steps.mix] == [k / 10 for k in range(11)]
    assert steps.curve.rows == [800, 400, 200, 100]
    assert steps.curve.costs[0].low > 0
    assert steps.mix[0.0].low > 0
    assert json.loads((tmp_path / "audit.json").read_text())["next_steps"]["mix"]["0.0"]["value"] == steps.mix[0.0].value
    told = terminal(result, tmp_path / "audit.html")
    assert "next: twice as many synthetic rows would change" in told
    assert "is sure to cost no more than is tolerated only" in told
    page = write_page(result, tmp_path).read_text()
    assert f"30% real (≤ {mixing_bound(1e-6, 1.0, 0.3) / 1e-6:.1f}×)" in page
