"""Which unit starts next, and what a failure leaves undone."""

import numpy as np
import pytest

from experiments.audit import work
from experiments.audit.units import Unit
from experiments.audit.work import Results, WorkFailed, next_unit, progress
from tests.audit.worlds import problem

WEIGHTS = Unit({"kind": "weights"}, 3.0, stepwise=True)
CAUSES = Unit({"kind": "causes", "model": "mlp"}, 9.0, stepwise=True, after=WEIGHTS)
MLP = Unit({"kind": "fit", "model": "mlp"}, 2.0, stepwise=True)
FOREST = Unit({"kind": "fit", "model": "forest"}, 1.0)
TREE = Unit({"kind": "fit", "model": "tree"}, 0.1)
UNITS = [TREE, FOREST, MLP, CAUSES, WEIGHTS]


@pytest.mark.parametrize(
    ("left", "running", "wanted"),
    [
        (UNITS, [], WEIGHTS),
        ([TREE, FOREST, MLP, CAUSES], [WEIGHTS], FOREST),
        ([TREE, MLP, CAUSES], [FOREST], CAUSES),
        ([MLP, CAUSES], [WEIGHTS], MLP),
        ([TREE], [FOREST], TREE),
        ([CAUSES], [WEIGHTS], None),
        ([], [TREE], None),
    ],
)
def test_stepwise_beside_others_longest_first_and_after_what_it_needs(left, running, wanted):
    assert next_unit(left, running) is wanted


@pytest.mark.parametrize("workers", [1, 2, 5])
def test_what_comes_after_a_failure_is_left_out_and_the_rest_done(workers, tmp_path, monkeypatch):
    def compute(config, tables, extra):
        if config["kind"] == "weights":
            raise ValueError("no weights")
        return {}

    monkeypatch.setattr(work, "compute", compute)
    results = Results(tmp_path, problem(np.random.default_rng(0), "classification"), workers)
    with pytest.raises(WorkFailed) as failed, progress(UNITS, "audit") as bar:
        results.run(UNITS, bar)
    assert failed.value.failures == ["weights: ValueError: no weights"]
    assert results.missing(UNITS) == [CAUSES, WEIGHTS]


def test_a_unit_gets_the_result_that_it_comes_after(tmp_path, monkeypatch):
    given = {}

    def compute(config, tables, extra):
        given[config["kind"]] = extra
        return {"weights": np.arange(3)}

    monkeypatch.setattr(work, "compute", compute)
    results = Results(tmp_path, problem(np.random.default_rng(0), "classification"), 2)
    with progress(UNITS, "audit") as bar:
        results.run([CAUSES, WEIGHTS], bar)
    assert given["weights"] is None
    assert list(given["causes"]["weights"]) == [0, 1, 2]
