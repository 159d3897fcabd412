"""claims.json: entries are replaced by experiment; what is expected decides the exit code."""

from pathlib import Path

import pytest

from experiments.config.compose import headers
from figures.claims.records import as_expected, merge, read, table
from figures.report import report
from tests.conftest import ROOT

KNOWN = {"since": "2026-11", "why": "seen"}


def entry(experiment: str, slug: str, verdict: str, kind: str = "claim", **known: str) -> dict[str, object]:
    expected = "violated" if kind == "control" or known else "holds"
    return {
        "id": f"{experiment}/{slug}", "experiment": experiment, "verdict": verdict, "kind": kind,
        "expected": expected, "reason": "because", "statement": slug, "theorem": "2.1", "of": None,
        "type": "near_miss" if kind == "control" else "", "known": known,
    }


def test_only_the_experiments_that_ran_are_replaced(tmp_path: Path) -> None:
    merge(tmp_path, [entry("a", "x", "holds"), entry("a", "old", "holds")], ["b", "a"])
    merge(tmp_path, [entry("b", "y", "holds")], ["b", "a"])
    merge(tmp_path, [entry("a", "x", "violated")], ["b", "a"])
    assert [(c["id"], c["verdict"]) for c in read(tmp_path)] == [("b/y", "holds"), ("a/x", "violated")]


@pytest.mark.parametrize(
    ("verdict", "kind", "fine"),
    [
        ("holds", "claim", True), ("violated", "claim", False), ("inconclusive", "claim", True),
        ("skipped", "claim", True), ("violated", "control", True), ("holds", "control", False),
        ("violated", "identity", False),
    ],
)
def test_what_is_as_expected(verdict: str, kind: str, fine: bool) -> None:
    assert as_expected(entry("a", "x", verdict, kind)) is fine
    if kind == "claim":
        assert as_expected(entry("a", "x", verdict, kind, **KNOWN)) is (verdict != "holds")


def test_the_table_marks_what_is_not_as_expected() -> None:
    lines = table([entry("a", "x", "violated"), entry("a", "y", "violated", "control"), entry("a", "z", "violated", **KNOWN)])
    lines = lines.splitlines()
    assert lines[0].startswith("!")
    assert not lines[1].startswith("!")
    assert lines[1].endswith("(as it must)")
    assert lines[2].startswith(" ")
    assert lines[2].endswith("(known since 2026-11)")


def test_the_summary_counts_open_and_skipped_apart() -> None:
    """By hand: of four claims one holds, one is open, one known; two of five controls fail."""
    claims = [entry("a", str(k), v) for k, v in enumerate(("holds", "inconclusive", "violated"))]
    claims.append(entry("a", "4", "violated", **KNOWN))
    verdicts = ("violated", "violated", "inconclusive", "skipped", "holds")
    controls = [entry("a", str(k), v, "control") for k, v in enumerate(verdicts)]
    assert report.summary(claims + controls) == (
        "1 of 4 claims hold, 1 inconclusive, 1 violated, known, 1 violated, not as expected; "
        "2 of 5 near misses fail, as they must, 1 inconclusive, 1 skipped, 1 holds, not as expected."
    )


def test_a_statement_is_quoted_and_linked() -> None:
    page = report.cited("1.7 Not covered; 4.2 The limit of the signed gap: <b>", ROOT / "outputs" / "quick")
    assert '<a href="../../theory/README.md#4-misspecification">4.2 The limit of the signed gap</a>: &lt;b&gt;' in page
    assert '<a href="../../theory/README.md#1-feature-fidelity">1.7 Not covered</a>' in page


def test_every_claim_of_the_paper_is_answered_by_claims() -> None:
    told = [claim for header in headers().values() for claim in header.get("claims", {}).values()]
    bearing = [claim for claim in told if "abstract" in claim]
    assert {claim["abstract"] for claim in bearing} == set(range(1, len(report.ABSTRACT) + 1))
    assert {claim.get("kind", "claim") for claim in bearing} == {"claim"}


def test_the_report_counts_what_bears_on_the_paper(tmp_path: Path) -> None:
    """One claim of the first kind that holds and one that does not; none of the others; one that bears on none."""
    found = [("convergence", "vanishing", "holds"), ("tabular", "utility", "skipped"), ("fidelity", "closed-form", "holds")]
    told = {"budget": "smoke", "rule": "r", "params": {}, "command": "c", "evidence": {"n": 1, "estimates": [], "counts": {}}}
    merge(tmp_path, [entry(*one) | told for one in found], report.order())
    page = report.write(tmp_path, tmp_path).read_text()
    assert "1 of 2 hold" in page
    assert f"1. {report.ABSTRACT[0]}" in page
    assert report.ABSTRACT[1] not in page
