"""The neighbouring experiments at smoke size, end to end."""

import json
from pathlib import Path

from tests.conftest import command


def test_all_nine_run_at_smoke_size(tmp_path: Path) -> None:
    done = command(["experiment=related", "budget=smoke"], tmp_path)
    assert done.code in (0, 1), done.complained
    claims = json.loads((tmp_path / "smoke" / "claims.json").read_text())
    controlled = {f"{c['experiment']}/{c['of']}" for c in claims if c["kind"] == "control"}
    assert {c["id"] for c in claims if c["kind"] == "claim"} <= controlled
    assert len(list((tmp_path / "smoke" / "figures").glob("related-*.png"))) == 9
    page = (tmp_path / "smoke" / "report.html").read_text()
    assert page.count("data:image/png;base64,") == 9, "experiments without a claim are shown too"
    assert page.count("Neighbouring theory") == 1
