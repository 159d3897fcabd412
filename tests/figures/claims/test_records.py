"""claims.json: entries are replaced by experiment; what is expected decides the exit code."""

from pathlib import Path

import pytest

from experiments.config.compose import headers
from figures.claims.abstract import sentences
from figures.claims.records import as_expected, counted, merge, read, table

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


def test_every_line_of_the_long_table_says_whether_its_verdict_is_expected() -> None:
    found = [("violated", "claim"), ("violated", "control"), ("inconclusive", "control"), ("holds", "control")]
    entries = [entry("a", str(k), *one) for k, one in enumerate(found)] + [entry("a", "v", "violated", **KNOWN)]
    lines = table(entries, verbose=True).splitlines()
    said = ["! violated, not as", "  fails as expected", "  open", "! holds, not as", "  violated, known since 2026-11"]
    assert all(line.startswith(start) for line, start in zip(lines, said, strict=True))


def test_the_short_table_counts_names_what_is_open_and_fits_the_terminal() -> None:
    """Of the first sentence one claim holds, one is open, one is skipped and a control fails; one claim bears on none."""
    laws = [f"law {k}: 0.{k} ± 0.01, predicted 0.1" for k in (1, 9, 2)]
    reason = "; ".join([*laws, "within 0.05 wanted", "40 more would do"])
    entries = [
        entry("convergence", "vanishing", "holds"), entry("convergence", "predicted", "inconclusive") | {"reason": reason},
        entry("tabular", "utility", "skipped") | {"reason": "data not downloaded (make data): no adult.csv"},
        entry("convergence", "v-uncovered", "violated", "control") | {"of": "vanishing"},
        entry("sample_sizes", "x", "violated"),
    ]  # fmt: skip
    assert table(entries).splitlines() == [
        "1 generalization      1 of 3 claims hold, 1 open, 1 skipped; 1 of 1 controls fail",
        "beyond these          0 of 1 claims hold, 1 violated, not as expected",
        "", "  open: claim convergence/predicted",
        "    farthest of 3: law 9: 0.9 ± 0.01, predicted 0.1; within 0.05 wanted; 40 more would do",
        "", "! violated, not as expected: claim sample_sizes/x", "    because",
        "", "skipped: 1, data not downloaded (make data): tabular",
    ]  # fmt: skip
    reason = "so and so; " * 60 + "40 more would do"
    long = [c | {"id": f"{c['experiment']}/{'x' * 32}", "reason": reason} for c in entries]
    for verbose in (False, True):
        assert max(map(len, table(long, verbose).splitlines())) <= 100
    assert "40 more would do" in table(long)


def test_counts_tell_what_is_open_and_what_is_skipped_apart() -> None:
    """By hand: of four claims one holds, one is open, one known; two of five controls fail."""
    claims = [entry("a", str(k), v) for k, v in enumerate(("holds", "inconclusive", "violated"))]
    claims.append(entry("a", "4", "violated", **KNOWN))
    verdicts = ("violated", "violated", "inconclusive", "skipped", "holds")
    controls = [entry("a", str(k), v, "control") for k, v in enumerate(verdicts)]
    assert counted(claims + controls) == (
        "1 of 4 claims hold, 1 open, 1 violated, not as expected, 1 violated, known since 2026-11; "
        "2 of 5 near misses fail, as they must, 1 open, 1 skipped, 1 holds, not as expected"
    )


def test_the_claims_of_the_abstract_are_answered_by_claims_that_are_there() -> None:
    told = {f"{name}/{slug}": c for name, header in headers().items() for slug, c in header.get("claims", {}).items()}
    for number, sentence in sentences().items():
        assert all(told[i]["abstract"] == number for i in sentence.headline)
        assert all(told[i]["type"] == "near_miss" for i in sentence.near_misses)
        answered = {f"{i.partition('/')[0]}/{told[i]['of']}" for i in sentence.near_misses}
        assert answered <= set(sentence.headline), "a near miss of what it stands beside"
        assert headers()[sentence.figure]["figure"]
    bearing = [c for c in told.values() if "abstract" in c]
    assert {c["abstract"] for c in bearing} == set(sentences())
    assert {c.get("kind", "claim") for c in bearing} == {"claim"}
