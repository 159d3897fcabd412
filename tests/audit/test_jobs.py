"""Which job starts next, and what a failure leaves undone."""

import warnings

import numpy as np
import pytest

from experiments.audit import jobs
from experiments.audit.jobs import Job, JobsFailed, Runner, next_job
from tests.audit.worlds import problem

WEIGHTS = Job({"kind": "weights"}, 3.0, stepwise=True)
CAUSES = Job({"kind": "causes", "model": "mlp"}, 9.0, stepwise=True, after=WEIGHTS)
MLP = Job({"kind": "fit", "model": "mlp"}, 2.0, stepwise=True)
FOREST = Job({"kind": "fit", "model": "forest"}, 1.0)
TREE = Job({"kind": "fit", "model": "tree"}, 0.1)
JOBS = [TREE, FOREST, MLP, CAUSES, WEIGHTS]


@pytest.mark.parametrize(
    ("left", "running", "wanted"),
    [
        (JOBS, [], WEIGHTS), ([TREE, FOREST, MLP, CAUSES], [WEIGHTS], FOREST),
        ([TREE, MLP, CAUSES], [FOREST], CAUSES), ([MLP, CAUSES], [WEIGHTS], MLP), ([TREE], [FOREST], TREE),
        ([CAUSES], [WEIGHTS], None), ([], [TREE], None),
    ],
)
def test_stepwise_beside_others_longest_first_and_after_what_it_needs(left, running, wanted):
    assert next_job(left, running) is wanted


@pytest.mark.parametrize("workers", [1, 2, 5])
def test_what_comes_after_a_failure_is_left_out_and_the_rest_done(workers, tmp_path, monkeypatch):
    def compute(config, tables, needed):
        if config["kind"] == "weights":
            raise ValueError("no weights")
        return {}

    monkeypatch.setattr(jobs, "compute", compute)
    runner = Runner(tmp_path, problem(np.random.default_rng(0), "classification"), workers)
    with pytest.raises(JobsFailed) as failed:
        runner.run(JOBS)
    assert failed.value.args == ("weights: ValueError: no weights",)
    assert runner.missing(JOBS) == [CAUSES, WEIGHTS]


def test_a_job_gets_the_result_that_it_comes_after(tmp_path, monkeypatch):
    given = {}

    def compute(config, tables, needed):
        given[config["kind"]] = needed
        return {"weights": np.arange(3)}

    monkeypatch.setattr(jobs, "compute", compute)
    runner = Runner(tmp_path, problem(np.random.default_rng(0), "classification"), 2)
    runner.run([CAUSES, WEIGHTS])
    assert given["weights"] is None
    assert list(given["causes"]["weights"]) == [0, 1, 2]


def test_harmless_warnings_are_not_shown_even_where_filters_were_reset(monkeypatch):
    """As by threads that restore each other's filters."""
    told: list[str] = []
    monkeypatch.setattr("warnings.showwarning", lambda message, *rest, **more: told.append(str(message)))
    with jobs.without_harmless_warnings():
        warnings.simplefilter("always")
        warnings.warn("lbfgs failed to converge after 50 iterations", stacklevel=1)
        warnings.warn("another one", stacklevel=1)
    assert told == ["another one"]
