"""Coverage of the audit's own intervals, from independent tables with m = n, with no gap and with a known one."""

import joblib
import numpy as np
import pytest
from scipy import stats
from sklearn.datasets import load_breast_cancer, load_diabetes

from experiments.audit.encoding import EncodedTable, Problem, Schema
from experiments.audit.metrics import full_fits, half_fits, risk_of
from experiments.audit.options import CATALOGUE, available
from experiments.audit.utility import TABLES, Trained, model_result
from tests.audit.worlds import draw, problem, schema

TABLES_EACH = 300
SEED = 2  # none of the tables by which the estimator was designed
SETTINGS = [(task, fault) for task in ("classification", "regression") for fault in ("none", "rigid")]


def trained(tables, name, number, cuts):
    """Values of one model after training on both tables and on the halves of their cuts."""
    full = {t: full_fits(tables, name, t, CATALOGUE[name].seeds, number) for t in TABLES}
    return Trained(full, {t: np.stack([half_fits(tables, name, t, cut, number) for cut in range(cuts)]) for t in TABLES})


def gap_of(tables, name, number, cuts):
    """Gap of one model in the first measure, with its interval."""
    own = trained(tables, name, number, cuts)
    result = model_result(name, own, own, tables.schema.classification, 0.95, risk_of(tables, "auto"))
    return next(iter(result.measures.values())).gap


def one(task, fault, number, models, rows, cuts):
    """Interval of each model from one pair of tables, and its true risk difference on many fresh rows."""
    rng = np.random.default_rng([SEED, number, task == "regression", fault == "rigid"])
    tables = problem(rng, task, fault, rows, tests=rows)
    far = Problem(schema(task), tables.real, tables.synthetic, draw(rng, 4000, task))
    found = {}
    for name in models:
        risks = [full_fits(far, name, t, CATALOGUE[name].seeds, number)[0].mean(dtype=float) for t in TABLES]
        found[name] = (gap_of(tables, name, number, cuts), risks[1] - risks[0])
    return found


def coverage(task, fault, repeats, models, rows, cuts, jobs=1):
    """For each model: tables covered, and mean width over that of the oracle interval (normal, true variance)."""
    calls = (joblib.delayed(one)(task, fault, i, models, rows, cuts) for i in range(repeats))
    runs = joblib.Parallel(n_jobs=jobs)(calls)
    found = {}
    for name in models:
        gaps, truths = zip(*(run[name] for run in runs), strict=True)
        truth = 0.0 if fault == "none" else float(np.mean(truths))
        oracle = 1.96 * np.std([gap.value for gap in gaps], ddof=1)
        found[name] = (sum(g.contains(truth) for g in gaps), np.mean([g.half_width for g in gaps]) / oracle)
    return found


@pytest.mark.parametrize(("task", "fault"), SETTINGS)
def test_small_coverage(task, fault):
    """Gross errors only. At true coverage 0.93, fewer than 16 of 24 has probability below 1e-4 a setting."""
    assert stats.binom.cdf(15, 24, 0.93) < 1e-4
    found = coverage(task, fault, 24, ["linear" if task == "classification" else "tree"], 100, 3)
    for name, (covered, ratio) in found.items():
        assert covered >= 16, name
        assert ratio < 2.5, name


PAPER = [(task, model) for task in ("classification", "regression") for model in available(task == "classification")]
COVERED: dict[tuple[str, str], int] = {}
"""How many of 300 pairs each setting and model has covered; without a gap: `test_calibration_tables.py`."""


@pytest.mark.paper
@pytest.mark.parametrize(("task", "model"), PAPER)
def test_paper_coverage(task, model):
    """300 pairs with a known gap, 10 cuts: coverage at least 91% for each model, width at most 1.5 times the oracle's."""
    covered, ratio = coverage(task, "rigid", TABLES_EACH, [model], 300, 10, jobs=2)[model]
    print(f"{task:<15}{model:<13}coverage {covered / TABLES_EACH:.3f}  width ratio {ratio:.2f}", flush=True)
    COVERED[task, model] = covered
    assert covered >= 0.91 * TABLES_EACH
    assert ratio <= 1.5


def thirds(load, seed):
    """A bundled set dealt at random into real, "synthetic" and test rows: the expected gap is 0 for every model."""
    data = load()
    classes = tuple(map(str, getattr(data, "target_names", ())))
    shape = Schema(tuple(map(str, data.feature_names)), (), (), classes, "target")
    rows_each = len(data.target) // 3
    dealt = np.random.default_rng([SEED, seed]).permutation(len(data.target))[: 3 * rows_each].reshape(3, rows_each)
    return Problem(shape, *(EncodedTable(data.data[rows], data.target[rows].astype(float)) for rows in dealt))


@pytest.mark.paper
@pytest.mark.parametrize("load", [load_breast_cancer, load_diabetes])
def test_bundled_sets_are_shown(load):
    """Shown, not judged: deals of one finite set share their rows, so how often 0 is covered follows no known law."""
    problems = [thirds(load, i) for i in range(20)]
    for name in available(problems[0].schema.classification):
        calls = (joblib.delayed(gap_of)(problem, name, i, 10) for i, problem in enumerate(problems))
        gaps = joblib.Parallel(n_jobs=2)(calls)
        width, value = np.mean([gap.half_width for gap in gaps]), np.std([gap.value for gap in gaps])
        covered = sum(gap.contains(0) for gap in gaps)
        print(f"{load.__name__:<19}{name:<12}0 covered {covered} of 20, gap ±{value:.3g}, half width {width:.3g}", flush=True)
        assert all(0 < gap.half_width < np.inf for gap in gaps), name
