"""Sentence, rule, simulated level and power, and near miss of every claim: `python run.py levels=paper`."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import joblib
import pandas as pd

from experiments.config.compose import Experiment
from experiments.config.registry import ConfigError
from experiments.engine.grid import PlannedCell
from experiments.engine.run import collect
from experiments.engine.store import Store, write_whole
from figures.claims import judge, records
from figures.claims.levels import NotSimulated, simulated
from figures.claims.rules.family import recorded

PUBLISHED = Path(__file__).resolve().parents[1] / "published"
HEADS = (
    "claim", "rule", "stated level", "holds if just false", "violated if just true", "power", "near misses, P(they fail)",
)  # fmt: skip
ABOUT = (
    "A rule may err in two ways: it says holds where the sentence is just false, or violated where it is just true, each with "
    "a probability that should be at most the stated level. Both are simulated with the claim's own rows at budget paper: the "
    "data of a group are moved to the edge of what the rule allows, then replicates (1,000 at most) are drawn again, 10,000 "
    "times; for holds the worst group counts, for violated all groups together. Power is how often the rule says "
    "holds where replicates are drawn from the rows as they are; behind a near miss stands how often no group of it holds."
)
ELSEWHERE = {
    "bounds": "exact: no chance is involved",
    "real_data": "intervals over test rows and training tables, whose coverage tests/estimators/test_gaps.py simulates",
}
"""Why rules are not simulated, by their module."""

Levels = Mapping[str, Mapping[str, Any]]


def simulate(budget: str, words: Sequence[str], target: Path = PUBLISHED) -> int:
    """Simulate level and power of all claims of finished runs, the power of their near misses, and write levels.json.

    Prints one line per experiment and returns the exit code, 0. `words` are as in `publish`. A ConfigError when no run is
    complete.
    """
    from figures.publish import chosen, complete_cells

    jobs = []
    for experiment in chosen(budget, words):
        cells, lacking = complete_cells(experiment)
        if lacking:
            print(f"not simulated: {experiment.name}: {lacking}")
        elif experiment.config["claims"]:
            jobs.append(joblib.delayed(_of_experiment)(experiment, cells))
    if not jobs:
        raise ConfigError(f"levels: no complete run with claims; make one first: python run.py budget={budget}")
    found: dict[str, Any] = dict(read(target))
    for entries in joblib.Parallel(n_jobs=min(len(jobs), joblib.cpu_count()), return_as="generator")(jobs):
        found |= entries
        print(f"simulated: {', '.join(entries)}")
    ids = [c["id"] for c in records.read(target)]
    ordered = {i: found[i] for i in sorted(found, key=lambda i: ids.index(i) if i in ids else len(ids))}
    write_whole(target / "levels.json", json.dumps(ordered, indent=1, ensure_ascii=False) + "\n")
    return 0


def _of_experiment(experiment: Experiment, cells: Sequence[PlannedCell]) -> dict[str, dict[str, Any]]:
    rows = collect(experiment.name, cells, Store(Path(experiment.config["output"]) / "store").root)
    claims = {s: c for s, c in experiment.config["claims"].items() if c["kind"] == "claim" or c["type"] == "near_miss"}
    budget = {"budget": experiment.config["budget"]}
    return {f"{experiment.name}/{slug}": budget | level(claim, rows) for slug, claim in claims.items()}


def level(claim: Mapping[str, Any], rows: pd.DataFrame) -> dict[str, Any]:
    """Return simulated level and power of a claim or control, or why there are none."""
    module = judge.known_rules()[claim["rule"]].__module__.rpartition(".")[2]
    if module in ELSEWHERE:
        return {"why": ELSEWHERE[module]}
    try:
        with recorded() as judgements:
            outcome = judge.rule(claim["rule"], claim["params"])(judge.rows_of(claim, rows))
        if judgements and not outcome.groups:
            raise NotSimulated("the rule joins its groups in a way of its own")
        return asdict(simulated(judgements, outcome.groups, edges=claim["kind"] == "claim"))
    except NotSimulated as why:
        return {"why": str(why)}


def read(folder: Path = PUBLISHED) -> Levels:
    """Return the simulated levels of a folder, by the id of claim or control; none when there is no such file."""
    path = folder / "levels.json"
    levels: Levels = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    return levels


def in_words(claim: records.Claim, levels: Levels) -> str:
    """Return in a sentence how often the rule of a claim errs and how often it says holds; empty where that is not known."""
    own = levels.get(claim["id"], {"why": ""})
    if "why" in own:
        return ""
    false, true = _errors(own)
    return f"Simulated: holds if just false {false}, violated if just true {true}, power {own['holds']:.1%}."


def _errors(own: Mapping[str, Any]) -> list[str]:
    return [f"{own[k]:.2%}" if own[k] else f"< {1 / own['draws']:.2%}" for k in ("holds_if_false", "violated_if_true")]


def table(entries: Sequence[records.Claim], levels: Levels) -> Iterator[list[str]]:
    """Yield a row of cells for each claim, as HEADS says."""
    for c in (c for c in entries if c["kind"] == "claim"):
        numbers = {k: v for k, v in c["params"].items() if type(v) in (int, float) and k != "level"}
        rule = c["rule"].partition(": ")[2] + (f" ({', '.join(f'{k} {v:g}' for k, v in numbers.items())})" if numbers else "")
        stated = f"{1 - c['params']['level']:.2%}" if "level" in c["params"] else ""
        own = levels.get(c["id"], {"why": "no finished run"})
        if "why" in own:
            rule, frequencies = f"{rule} Not simulated: {own['why']}.", ["–"] * 3
        else:
            frequencies = [*_errors(own), f"{own['holds']:.1%}"]
        yield [c["statement"], rule, stated, *frequencies, "; ".join(_near_misses(c, entries, levels)) or "none"]


def _near_misses(claim: records.Claim, entries: Sequence[records.Claim], levels: Levels) -> Iterator[str]:
    slug = claim["id"].rpartition("/")[2]
    for o in entries:
        if o["experiment"] == claim["experiment"] and o["of"] == slug and o["type"] == "near_miss":
            fails = levels.get(o["id"], {}).get("fails")
            yield f"{o['statement']}: {o['verdict']}" + ("" if fails is None else f" ({fails:.1%})")
