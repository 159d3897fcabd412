"""The twin of the digits: its law against the table, its probabilities by Bayes' rule, its risks on a fresh sample."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.stats import multivariate_normal

from experiments.config.registry import ConfigError
from experiments.datasets.scikit_learn import Digits
from experiments.engine.grid import assemble
from experiments.engine.run import compute
from experiments.measurements.ten_classes import _fits, posterior, twin


def config(n: int = 300, replicates: int = 6, **parts: Any) -> dict[str, Any]:
    base = {
        "dataset": {"kind": "digits"}, "synthetic_law": {"kind": "normal", "scale": 1.5}, "model": {"kind": "linear"},
        "n": n, "ratio": 1.0,
    }  # fmt: skip
    return {"measurement": {"kind": "ten_classes", "nodes": 1000}, "parts": base | parts, "replicates": replicates, "seed": 7}


def test_the_twin_has_the_means_shares_and_spread_of_the_digits() -> None:
    """Mean 0 and covariance I as the components have, shares of the digits; densities by an independent implementation."""
    table = Digits().load(Path())
    law = twin(table, 6)
    weights = np.array(law.weights)
    np.testing.assert_allclose(weights, [np.mean(table.y == c) for c in range(10)])
    means = np.array([[part.mean() for part in each.marginals] for each in law.laws])
    spreads = np.array([part.var() for part in law.laws[0].marginals])
    np.testing.assert_allclose(weights @ means, 0, atol=1e-12)
    between = np.einsum("k,ki,kj->ij", weights, means, means)
    np.testing.assert_allclose(between + np.diag(spreads), np.eye(6), atol=1e-12)
    x = law.sample(np.random.default_rng(0), 50)
    joint = weights * np.column_stack([multivariate_normal(m, np.diag(spreads)).pdf(x) for m in means])
    np.testing.assert_allclose(posterior(law, x), joint / joint.sum(axis=1, keepdims=True), atol=1e-12)


@pytest.mark.parametrize("model", ["linear", "naive_bayes", "tree"])
def test_bounds_hold_on_every_replicate(model: str) -> None:
    got = compute(config(model={"kind": model}))
    assert (got["excess_synthetic"] <= got["bound_classes"] + 1e-9).all()
    assert (got["excess_synthetic"] <= np.minimum(got["bound_pairs"], got["bound_crude"]) + 1e-9).all()
    assert (got["utility"] <= got["bound"] + 1e-9).all()
    np.testing.assert_allclose(got["excess_largest"], got["bound_classes"], rtol=0.01)


def test_excess_is_the_risk_difference_on_a_large_sample() -> None:
    """On 1,000 nodes and on 100,000 fresh points, within 6 standard errors of both."""
    spec = config(replicates=2)
    cell = assemble(spec)[1]
    law = twin(Digits().load(Path()), 6)
    x = law.sample(np.random.default_rng(1), 100_000)
    eta = posterior(law, x)
    got = compute(spec)
    for r, (_, synthetic) in enumerate(_fits(cell, law, cell.parts["synthetic_law"].on(6), x)):
        lost = eta.max(axis=1) - eta[np.arange(len(x)), synthetic.argmax(axis=1)]
        # a node's weight is at most 2/N
        assert abs(lost.mean() - got["excess_synthetic"][r]) < 6 * np.sqrt(2 * (lost**2).mean() / 1000)


def test_what_does_not_fit_is_refused() -> None:
    measurement, cell = assemble(config(dataset={"kind": "diabetes"}))
    with pytest.raises(ConfigError, match="dataset: expected classes"):
        measurement.check(cell)
