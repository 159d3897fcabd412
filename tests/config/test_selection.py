"""Which cells are planned, and which rows are judged: labels, caps of sizes, and what overrides do to them."""

from typing import Any

import pandas as pd
import pytest

from experiments.config.compose import experiments_of
from experiments.config.registry import ConfigError
from experiments.config.selection import Restrictions
from experiments.engine.grid import PlannedCell, plan
from figures.rows import matching

PRESENT = {"learner": ["knn", "forest"], "synthetic_law": ["uniform", "beta(a=2)", "beta(a=3)"], "n": [100, 1000]}


def allowed(rules: dict[str, Any], **labels: Any) -> bool:
    return Restrictions(rules, PRESENT).allow({"learner": "knn", "synthetic_law": "uniform", "n": 100} | labels)


@pytest.mark.parametrize(
    ("rule", "labels", "expected"),
    [
        ({"n": 500}, {"n": 100}, True),
        ({"n": 500}, {"n": 1000}, False),
        ({"n": [1000]}, {"n": 100}, False),
        ({"n": [1000]}, {"n": 1000}, True),
        ({"n": 50}, {"n": 1000}, True),  # would leave no size: lifted
        ({"synthetic_law": ["uniform"]}, {"synthetic_law": "beta(a=2)"}, False),
        ({"synthetic_law": "uniform"}, {"synthetic_law": "uniform"}, True),
        ({"synthetic_law": ["beta"]}, {"synthetic_law": "beta(a=2)"}, True),
        ({"synthetic_law": ["beta(a=3)"]}, {"synthetic_law": "beta(a=2)"}, False),
        ({"synthetic_law": {"not": "beta"}}, {"synthetic_law": "beta(a=2)"}, False),
        ({"synthetic_law": {"not": "beta"}}, {"synthetic_law": "uniform"}, True),
        ({"synthetic_law": {"not": ["beta", "uniform"]}}, {"synthetic_law": "uniform"}, False),  # what is excluded stays so
        ({"synthetic_law": "normal"}, {"synthetic_law": "uniform"}, True),  # none of these here: lifted
        ({"responses": "oracle"}, {}, True),  # no such axis in this measurement
    ],
)
def test_rules(rule: dict[str, Any], labels: dict[str, Any], expected: bool) -> None:
    present = PRESENT | {"responses": ["oracle"]} if "responses" in rule else PRESENT
    made = Restrictions({"learner": {"knn": rule}}, present)
    assert made.allow({"learner": "knn", "synthetic_law": "uniform", "n": 100} | labels) is expected
    assert made.allow({"learner": "forest", "synthetic_law": "uniform", "n": 100} | labels)


def test_replicates_are_capped() -> None:
    made = Restrictions({"learner": {"forest": {"replicates": 10}}}, PRESENT)
    assert made.replicates({"learner": "forest"}, 50) == 10
    assert made.replicates({"learner": "forest"}, 5) == 5
    assert made.replicates({"learner": "knn"}, 50) == 50


@pytest.mark.parametrize("rules", [{"lerner": {"knn": {"n": 5}}}, {"learner": {"knn": {"replicate": 5}}}])
def test_misspelt_axes_are_named(rules: dict[str, Any]) -> None:
    with pytest.raises(ConfigError, match=r"restrict\..*no such axis \(did you mean"):
        Restrictions(rules, PRESENT)


@pytest.mark.parametrize(
    ("where", "kept"),
    [
        ({"responses": "worst"}, [1, 2]), ({"responses": "worst(e_r=0.3)"}, [2]),
        ({"responses": {"not": "worst"}}, [3, 4]), ({"responses": ["oracle", "worst(e_r=0.1)"]}, [1, 3]),
        ({"n": [1, 3]}, [1, 3]), ({"n": {"not": 0}, "responses": "oracle"}, [3]),
    ],
)
def test_rows_are_selected_by_labels_with_and_without_their_options(where: dict[str, Any], kept: list[int]) -> None:
    rows = pd.DataFrame({"responses": ["worst(e_r=0.1)", "worst(e_r=0.3)", "oracle", None], "n": [1, 2, 3, 4]})
    assert list(matching(rows, where)["n"]) == kept


def cells(words: list[str]) -> list[PlannedCell]:
    return plan(experiments_of(["experiment=convergence", "budget=smoke", *words])[0].config)


def test_a_restriction_in_a_configuration() -> None:
    words = ["learner=[knn,poly]", "n=[100,200]", "+restrict.learner.poly={n: 100, replicates: 3, synthetic_law: beta}"]
    planned = cells(["synthetic_law=[uniform,beta]", "synthetic_law.beta.a=2", *words])
    poly = [c for c in planned if c.labels["learner"] == "poly"]
    assert [(c.labels["synthetic_law"], c.labels["n"], c.config["replicates"]) for c in poly] == [("beta", 100, 3)]
    assert len([c for c in planned if c.labels["learner"] == "knn"]) == 4


def test_each_member_of_a_joint_axis_is_kept_or_left_out() -> None:
    words = ["experiment=digits", "budget=smoke", "dataset=[digits,breast_cancer]", "generator=real"]
    words += ["model=[linear,tree,naive_bayes]", "n=100", "measurement.real_data.test_size=50"]

    def models(rule: str) -> dict[str, tuple[str, ...]]:
        planned = plan(experiments_of([*words, f"+restrict.dataset.digits.model={{not: {rule}}}"])[0].config)
        assert all(tuple(c.config["parts"]["model"]) == c.labels["model"] for c in planned)
        return {c.labels["dataset"]: c.labels["model"] for c in planned}

    everything = ("linear", "naive_bayes", "tree")
    assert models("[tree, linear]") == {"digits": ("naive_bayes",), "breast_cancer": everything}
    assert models("[tree, linear, naive_bayes]") == {"breast_cancer": everything}


def test_two_measurements_side_by_side() -> None:
    words = ["measurement=[simulated,classification]", "task=[sine,margin]", "learner=[knn]", "synthetic_law=uniform", "n=100"]
    rules = "+restrict.task={sine: {measurement: simulated}, margin: {measurement: classification}}"
    planned = cells([*words, rules])
    assert {(c.config["measurement"]["kind"], c.labels["task"]) for c in planned} == {
        ("simulated", "sine"),
        ("classification", "margin"),
    }


def test_components_that_do_not_fit_together_are_named() -> None:
    with pytest.raises(ConfigError, match="learner: Logistic is for class probabilities, not for Sine"):
        cells(["learner=logistic"])
    with pytest.raises(ConfigError, match="responses: Flips is for class probabilities"):
        cells(["responses=flips"])
    with pytest.raises(ConfigError, match="task: Sine has no classes, use measurement=simulated"):
        cells(["measurement=classification"])
