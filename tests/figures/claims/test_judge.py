"""Claims: parameters of rules are checked before a run; a rule that raises costs its own verdict, not the run."""

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from experiments.config.registry import ConfigError
from figures.claims import judge
from figures.claims.verdict import HOLDS, INCONCLUSIVE, VIOLATED, Outcome
from run import main
from tests.conftest import FEW

VANISHING = {"column": "value", "group": ["learner"], "share": 0.75, "level": 0.999}


@pytest.mark.parametrize(
    ("name", "params", "message"),
    [
        ("vanishin", VANISHING, r"c\.rule: unknown rule 'vanishin' \(did you mean 'vanishing'\?\)"),
        ("vanishing", VANISHING | {"share": "-0.2x"}, r"c\.params\.share: expected float, got '-0.2x'"),
        ("vanishing", VANISHING | {"shre": 1}, r"c\.params\.shre: no such .*did you mean 'share'"),
        ("vanishing", {"column": "value"}, r"c\.params\.group: missing, vanishing needs it"),
        ("vanishing", VANISHING | {"level": 99}, r"c\.params\.level: expected a number between 0 and 1, got 99"),
        ("vanishing", VANISHING | {"group": "learner"}, r"c\.params\.group: expected a list, got 'learner'"),
        ("certified", {"pairs": [["a", "b"]], "by": "gaps", "bound": "b"}, r"c\.params\.by: expected one of gap, class"),
        ("certified", {"pairs": [["a"]], "by": "gap", "bound": "b"}, r"c\.params\.pairs: expected a list of 2"),
        ("mean_matches", VANISHING | {"columns": ["x"]}, r"c\.params\.\w+: "),
    ],
)
def test_mistakes_in_parameters_are_named(name: str, params: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        judge.rule(name, params, "c")


def test_a_rule_that_raises_costs_its_own_verdict(tmp_path: Path) -> None:
    assert main([*FEW, "executor=serial", "claims.both-faults.params.column=absent", f"output={tmp_path}"]) == 3
    assert not list(tmp_path.rglob("concluded/*.json")), "a failed rule is tried again in the next run"
    claims = {c["id"]: c for c in json.loads(next(tmp_path.rglob("claims.json")).read_text())}
    failed = claims.pop("specification/both-faults")
    claims = {slug: c for slug, c in claims.items() if c["of"] != "both-faults"}  # its controls have the same parameters
    assert failed["verdict"] == "inconclusive"
    assert failed["reason"].startswith("rule failed: KeyError: ")
    assert "absent" in failed["reason"]
    assert claims
    assert not any("failed" in c["reason"] for c in claims.values())


@pytest.mark.parametrize(
    ("groups", "verdict", "told"),
    [
        ({"a": VIOLATED, "b": VIOLATED}, VIOLATED, "why"),
        ({"a": VIOLATED, "b": INCONCLUSIVE}, INCONCLUSIVE, "why; inconclusive: b"),
        ({"a": INCONCLUSIVE, "b": HOLDS}, HOLDS, "why; holds: b; inconclusive: a"),
        ({}, VIOLATED, "why"),
    ],
)
def test_a_control_must_fail_in_every_group(groups: dict[str, str], verdict: str, told: str) -> None:
    found = Outcome(VIOLATED, "why", groups=groups).of_control()
    assert (found.verdict, found.reason) == (verdict, told)


def test_a_planted_error_adds_what_a_constant_one_would() -> None:
    """By hand: c^2 = 0.04 is the mean at n = 2; with B = 0.1 a shift adds 2 * 0.2 * 0.1 + 0.04 = 0.08 to the signed gap."""
    rows = pd.DataFrame({"n": [1, 1, 2, 2], "law": "q", "gap": [0.5, -0.5, 0.02, -0.06], "bias": 0.1})
    rows["utility"] = rows["gap"].abs()
    plant = judge.plant({"column": "utility", "by": ["law"], "shift": "bias"})
    assert plant(rows)["utility"].to_numpy() == pytest.approx([0.58, 0.42, 0.10, 0.02])
    assert judge.plant({"column": "utility", "by": ["law"], "size": 0.5})(rows)["utility"].to_numpy() == pytest.approx(
        [0.52, 0.52, 0.04, 0.08]
    )
    with pytest.raises(ConfigError, match=r"claim\.plant\.clumn: no such parameter of plant \(did you mean 'column'\?\)"):
        judge.plant({"clumn": "utility"})
