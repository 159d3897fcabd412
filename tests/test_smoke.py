"""The main job at smoke size, end to end, and once more."""

import json
import re
from pathlib import Path

import pytest

from tests.conftest import Run, command

KEYS = {
    "id", "kind", "of", "statement", "verdict", "expected", "reason", "rule", "evidence", "experiment", "figure",
    "theorem", "command", "budget", "params",
}  # fmt: skip


def contents(folder: Path) -> dict[str, bytes]:
    """All files of a finished run but those that tell times."""
    return {
        str(p.relative_to(folder)): p.read_bytes()
        for p in sorted(folder.rglob("*"))
        if p.is_file() and p.name not in ("cell.json", "report.html", ".lock")
    }


def test_it_ends_well_and_prints_every_claim(smoke: Run) -> None:
    assert smoke.code in (0, 1), smoke.complained
    claims = json.loads((smoke.output / "smoke" / "claims.json").read_text())
    assert claims
    for claim in claims:
        assert claim["id"] in smoke.printed
        assert set(claim) == KEYS
        assert claim["verdict"] in ("holds", "violated", "inconclusive", "skipped")
        assert claim["kind"] in ("claim", "control", "identity")
        assert claim["expected"] == ("violated" if claim["kind"] == "control" else "holds")


def test_no_identity_is_violated(smoke: Run) -> None:
    claims = json.loads((smoke.output / "smoke" / "claims.json").read_text())
    assert [c["id"] for c in claims if c["kind"] == "identity" and c["verdict"] == "violated"] == []


def test_every_claim_has_a_control_or_is_an_identity(smoke: Run) -> None:
    claims = json.loads((smoke.output / "smoke" / "claims.json").read_text())
    controlled = {f"{c['experiment']}/{c['of']}" for c in claims if c["kind"] == "control"}
    assert {c["id"] for c in claims if c["kind"] == "claim"} <= controlled


def test_the_report_is_self_contained(smoke: Run) -> None:
    page = (smoke.output / "smoke" / "report.html").read_text()
    assert not re.findall(r'src="(?!data:)', page)
    assert page.count("data:image/png;base64,") >= 3
    assert "<script" not in page


def test_a_second_run_changes_no_byte(smoke: Run) -> None:
    before = contents(smoke.output)
    drawn = {p: p.stat().st_mtime_ns for p in smoke.output.rglob("figures/*")}
    again = command(smoke.words, smoke.output, {"UTILITY_DATA": "no-such-folder"})
    assert again.code == smoke.code
    assert contents(smoke.output) == before
    assert again.printed == smoke.printed
    assert {p: p.stat().st_mtime_ns for p in smoke.output.rglob("figures/*")} == drawn  # nothing is drawn again


def test_a_sweep_is_laid_side_by_side(tmp_path: Path) -> None:
    """Two jobs of a multirun leave one page with both, and the verdicts of the unmodified runs alone."""
    words = [
        "-m", "experiment=specification", "budget=smoke", "learner=linear", "synthetic_law=beta", "seed=1,2",
        "executor=serial",
    ]
    swept = command(words, tmp_path)
    assert swept.code in (0, 1), swept.complained
    page = (tmp_path / "smoke" / "variants" / "specification.html").read_text()
    assert "seed=1" in page
    assert "seed=2" in page
    assert swept.printed.count("side by side: ") == 1
    assert not (tmp_path / "smoke" / "claims.json").exists()


@pytest.mark.parametrize(
    ("word", "answer"),
    [
        ("learner.knn.fctor=1,2", "error: learner.knn.fctor: no such key (did you mean 'factor'?)"),
        ("replicates=3,abc", "error: replicates: Value 'abc' of type 'str' could not be converted to Integer, got abc"),
    ],
)
def test_a_mistake_in_a_sweep_is_answered_before_its_first_job(word: str, answer: str, tmp_path: Path) -> None:
    swept = command(["-m", "experiment=convergence", "budget=smoke", word], tmp_path)
    assert (swept.code, swept.complained.strip()) == (2, answer)
    assert not (tmp_path / "store").exists()
