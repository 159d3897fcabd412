"""Every experiment at smoke size, end to end, and once more."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from run import main
from tests.conftest import Run, command

KEYS = {
    "id", "kind", "type", "known", "plant", "of", "statement", "verdict", "expected", "reason", "rule", "evidence",
    "experiment", "figure", "theorem", "command", "budget", "params",
}  # fmt: skip


def contents(folder: Path) -> dict[str, bytes]:
    """All files of a finished run but those that tell times."""
    return {
        str(p.relative_to(folder)): p.read_bytes()
        for p in sorted(folder.rglob("*"))
        if p.is_file() and p.name not in ("cell.json", "report.html", ".lock")
    }


@pytest.fixture
def claims(smoke: Run) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((smoke.output / "smoke" / "claims.json").read_text())
    return found


def test_it_ends_well_and_prints_every_claim(smoke: Run, claims: list[dict[str, Any]]) -> None:
    assert smoke.code in (0, 1), smoke.complained
    assert claims
    for claim in claims:
        assert claim["id"] in smoke.printed
        assert set(claim) == KEYS
        assert claim["verdict"] in ("holds", "violated", "inconclusive"), "nothing needs data from elsewhere"
        assert claim["kind"] in ("claim", "control", "identity")
        assert claim["expected"] == ("violated" if (claim["kind"] == "control") != bool(claim["known"]) else "holds")


def test_no_identity_is_violated_and_every_claim_has_a_control(claims: list[dict[str, Any]]) -> None:
    assert [c["id"] for c in claims if c["kind"] == "identity" and c["verdict"] == "violated"] == []
    controlled = {f"{c['experiment']}/{c['of']}" for c in claims if c["kind"] == "control"}
    assert {c["id"] for c in claims if c["kind"] == "claim"} <= controlled


def test_the_report_is_self_contained(smoke: Run) -> None:
    page = (smoke.output / "smoke" / "report.html").read_text()
    assert not re.findall(r'src="(?!data:)', page)
    assert page.count("data:image/png;base64,") == len(list((smoke.output / "smoke" / "figures").glob("*.png"))) > 20
    assert "<script" not in page
    assert len(list((smoke.output / "smoke" / "figures").glob("related-*.png"))) == 9, "those without a claim are drawn too"
    assert page.count("Neighbouring theory") == 1


def test_a_second_run_changes_no_byte(smoke: Run) -> None:
    """Two experiments whose verdicts are lost are judged and drawn again, in worker processes."""
    before = contents(smoke.output)
    lost = ("digits", "coverage")
    drawn = {p: p.stat().st_mtime_ns for p in smoke.output.rglob("figures/*") if p.stem not in lost}
    for name in lost:
        (smoke.output / "smoke" / "concluded" / f"{name}.json").unlink()
    again = command([w for w in smoke.words if w not in ("verbose=true", "executor=serial")], smoke.output)
    assert again.code == smoke.code
    assert contents(smoke.output) == before
    assert [again.printed.count(f"\n{n} ") + again.printed.startswith(f"{n} ") for n in (1, 2, 3)] == [1, 1, 1]
    assert all(len(line) <= 100 for run in (again, smoke) for line in run.printed.splitlines() if not line.startswith("report"))
    assert {p: p.stat().st_mtime_ns for p in drawn} == drawn, "nothing else is drawn again"


def test_a_sweep_has_the_rows_of_single_runs_and_is_laid_side_by_side(tmp_path: Path) -> None:
    """Two jobs of a multirun leave one page with both, and the verdicts of the unmodified runs alone."""
    swept, single = tmp_path / "swept", tmp_path / "single"
    words = ["experiment=specification", "budget=smoke", "task=parabola", "n=[50,100]", "replicates=3"]
    words += ["executor=serial", "figure="]
    done = command(["-m", *words, "seed=1,2"], swept)
    assert done.code in (0, 1), done.complained
    page = (swept / "smoke" / "variants" / "specification.html").read_text()
    assert "seed=1" in page
    assert "seed=2" in page
    assert done.printed.count("side by side: ") == 1
    assert not (swept / "smoke" / "claims.json").exists()
    for seed in (1, 2):
        main([*words, f"seed={seed}", f"output={single}"])
    rows, same = ({p.parent.name: p.read_bytes() for p in (f / "store").glob("*/rows.npz")} for f in (single, swept))
    assert rows == same != {}
