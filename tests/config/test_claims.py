"""Claims: what a control inherits, and what a claim cites."""

import re
from typing import Any

import pytest

from experiments.config.claims import resolved_claims
from experiments.config.compose import experiments_of, headers
from experiments.config.registry import ConfigError
from tests.conftest import ROOT

EMPTY: dict[str, Any] = {
    "rule": "", "kind": "claim", "of": None, "theorem": [], "note": "", "where": {}, "params": {},
    "type": "", "known": {}, "plant": {},
}
CLAIM = EMPTY | {"rule": "tolerance", "where": {"learner": "knn"}, "params": {"pairs": [1], "before": 0.8, "level": 0.999}}


def resolved(**control: Any) -> dict[str, Any]:
    said = EMPTY | {"kind": "control", "type": "near_miss", "of": "order"} | control
    return resolved_claims({"order": CLAIM, "control": said})["control"]


def test_a_control_inherits_what_it_does_not_say() -> None:
    same = resolved()
    assert (same["rule"], same["where"], same["params"]) == (CLAIM["rule"], CLAIM["where"], CLAIM["params"])


def test_it_replaces_single_keys_and_null_removes_one() -> None:
    other = resolved(rule="consistent", where={"task": "sine"}, params={"before": None, "pairs": [2]})
    assert other["rule"] == "consistent"
    assert other["where"] == {"learner": "knn", "task": "sine"}
    assert other["params"] == {"pairs": [2], "level": 0.999}


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ({"of": "ordr"}, r"claims.control.of: unknown claim 'ordr' \(did you mean 'order'\?\)"),
        ({"kind": "contrl"}, r"claims.control.kind: unknown kind 'contrl' \(did you mean 'control'\?\)"),
        ({"type": "nearmiss"}, "claims.control.type: expected 'near_miss' or 'wrong_prediction' or 'complement' for a control"),
        ({"kind": "identity"}, "claims.control.type: expected '' for a identity, got 'near_miss'"),
        ({"known": {"since": "2026-11"}}, "claims.control.known: expected since and why, for a claim or control"),
        ({"theorem": ["3.66"]}, r"claims.control.theorem: theory/README.md has no statement '3.66' \(did you mean '3.6'\?\)"),
        ({"of": None}, "claims.control.rule: expected the name of a rule"),
    ],
)
def test_a_mistake_is_named(said: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        resolved(**said)


def test_a_citation_is_number_and_heading_then_the_note() -> None:
    assert resolved(theorem=["1.7"])["theorem"] == "1.7 Not covered"
    assert resolved(theorem=["2.2", "5.7"], note="two")["theorem"] == "2.2 Dual; 5.7 Label flips: two"
    assert resolved(note="empirical")["theorem"] == "empirical"
    assert resolved()["theorem"] == "none"


@pytest.mark.parametrize("name", [n for n, header in headers().items() if header.get("claims")])
def test_what_is_cited_stands_in_the_theory_under_that_number(name: str) -> None:
    theory = (ROOT / "theory" / "README.md").read_text(encoding="utf-8").replace("$", "")
    [experiment] = experiments_of([f"experiment={name}"])
    for slug, claim in experiment.config["claims"].items():
        said = headers()[name]["claims"][slug]
        assert len(re.findall(r"\d\.\d+ [A-Z]", claim["theorem"])) == len(said.get("theorem", []))
        for cited in re.split(r"; (?=\d\.\d)", claim["theorem"].removesuffix(f": {said.get('note')}")):
            assert not said.get("theorem") or f"\n**{cited}**" in theory
