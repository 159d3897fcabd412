"""Quick runs with other seeds: which verdicts stay."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from figures.claims.records import as_expected
from tests.conftest import ROOT, command

SEEDS = (1, 2, 3, 4, 5)
TURNED: dict[str, tuple[tuple[int, ...], str]] = {
    "related/scaling/floor": ((2,), "terms of order 1/m² bend the law at m = 50: where 0 is predicted and features follow "
        "Beta(2, 1), C fitted to the exact means is 2.5e-5, some 1.7 standard errors"),
    "related/scaling/forecast-pure": ((2, 5), "it is 6% off at Beta(3, 1), which 500 replicates do not always show"),
    "expected_error/predicted-unaveraged": ((1, 3, 5), "of nearest neighbours it is some 14% off, within the margin of 30% "
        "that quick has"),
    "deep_classification/order-hidden": ((4, 5), "known to hold at paper; with the few rows of quick it can fail, as near "
        "misses should"),
}  # fmt: skip
"""Verdicts that turned round, at which seeds, and why; rows are the same bit for bit, so these are all."""


def entries(output: Path) -> dict[str, dict[str, Any]]:
    """Every claim, control and identity of a run, by its id."""
    found = [e for path in output.rglob("claims.json") for e in json.loads(path.read_text(encoding="utf-8"))]
    return {e["id"]: e for e in found}


def table(runs: list[dict[str, dict[str, Any]]]) -> str:
    """One line for each claim: how many of the seeds gave which verdict."""
    seeds = ", ".join(map(str, SEEDS))
    lines = ["# Verdicts over other seeds", "", f"Everything at `budget=quick` with the seeds {seeds}, counted by verdict "
        "(`tests/test_stability.py`). Inconclusive: open at these sizes.", ""]  # fmt: skip
    lines += ["| kind | claim | verdicts |", "| --- | --- | --- |"]
    for name, entry in runs[0].items():
        counted = Counter(run[name]["verdict"] for run in runs)
        kind = entry["type"].replace("_", " ") or entry["kind"]
        lines.append(f"| {kind} | `{name}` | {', '.join(f'{n} {verdict}' for verdict, n in counted.most_common())} |")
    lines += ["", "Turned round:", ""]
    lines += [f"- `{name}` (seed {', '.join(map(str, seeds))}): {why}." for name, (seeds, why) in TURNED.items()]
    return "\n".join(lines) + "\n"


@pytest.mark.paper
def test_no_seed_turns_a_verdict_round(tmp_path: Path) -> None:
    """Open verdicts may vary at these sizes; none but those of `TURNED` are turned round.

    A true claim is violated with probability at most 0.1% for each seed, so that n claims and 5 seeds raise a false alarm
    with probability at most n / 200.
    """
    runs = []
    for seed in SEEDS:
        command(["experiment=all,related", "budget=quick", f"seed={seed}"], tmp_path / str(seed))
        runs.append(entries(tmp_path / str(seed)))
    (ROOT / "outputs").mkdir(exist_ok=True)
    (ROOT / "outputs" / "stability.md").write_text(table(runs), encoding="utf-8")
    turned = {(seed, key) for seed, run in zip(SEEDS, runs) for key, entry in run.items() if not as_expected(entry)}
    assert turned == {(seed, key) for key, (seeds, _) in TURNED.items() for seed in seeds}
