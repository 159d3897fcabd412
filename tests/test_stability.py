"""Quick runs with other seeds: which verdicts stay."""

import json
from collections import Counter
from pathlib import Path

import pytest

from tests.conftest import ROOT, command

SEEDS = (1, 2, 3, 4, 5)


def verdicts(output: Path) -> dict[tuple[str, str], str]:
    """Kind and id of every claim, control and identity of a run, with its verdict."""
    entries = [e for path in output.rglob("claims.json") for e in json.loads(path.read_text(encoding="utf-8"))]
    return {(e["kind"], e["id"]): e["verdict"] for e in entries}


def table(runs: list[dict[tuple[str, str], str]]) -> str:
    """One line for each claim: how many of the seeds gave which verdict."""
    lines = [f"Verdicts at budget=quick over the seeds {', '.join(map(str, SEEDS))}.", ""]
    lines += ["| kind | claim | verdicts |", "| --- | --- | --- |"]
    for kind, name in runs[0]:
        counted = Counter(run[kind, name] for run in runs)
        lines.append(f"| {kind} | `{name}` | {', '.join(f'{n} {verdict}' for verdict, n in counted.most_common())} |")
    return "\n".join(lines) + "\n"


@pytest.mark.paper
def test_no_seed_turns_a_verdict_round(tmp_path: Path) -> None:
    """Open verdicts may vary at these sizes; a claim violated, or a control or identity turned round, may not.

    A true claim is violated with probability at most 0.1% for each seed, so that n claims and 5 seeds raise a false alarm
    with probability at most n / 200.
    """
    runs = []
    for seed in SEEDS:
        command(["experiment=main", "budget=quick", f"seed={seed}"], tmp_path / str(seed))
        runs.append(verdicts(tmp_path / str(seed)))
    (ROOT / "outputs").mkdir(exist_ok=True)
    (ROOT / "outputs" / "stability.md").write_text(table(runs), encoding="utf-8")
    wrong = {"claim": "violated", "control": "holds", "identity": "violated"}
    assert not [(seed, key) for seed, run in zip(SEEDS, runs) for key, verdict in run.items() if verdict == wrong[key[0]]]
