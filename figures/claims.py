"""Claims: judge each by its rule, keep claims.json, print the table."""

import importlib
import json
import pkgutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from experiments.compose import Experiment
from experiments.registry import ConfigError, near
from experiments.store import write_whole
from figures import rules
from figures.outcome import HOLDS, INCONCLUSIVE, SKIPPED, VIOLATED, Outcome
from figures.tables import matching

Claim = dict[str, Any]
Rule = Callable[[pd.DataFrame, Mapping[str, Any]], Outcome]


def rule(name: str) -> Rule:
    """Return the function that judges by the rule `name`, a file of figures/rules."""
    known = [m.name for m in pkgutil.iter_modules(rules.__path__)]
    if name not in known:
        raise ConfigError(f"claims: unknown rule {name!r}{near(name, known)}")
    found: Rule = importlib.import_module(f"figures.rules.{name}").judge
    return found


def judge(experiment: Experiment, rows: pd.DataFrame, trouble: str = "", skipped: str = "") -> list[Claim]:
    """Return the entries of claims.json for one experiment.

    Parameters
    ----------
    experiment : Experiment
        Its configuration holds the claims.
    rows : pandas.DataFrame
        All its rows.
    trouble : str
        Why the rows are incomplete: every claim is then inconclusive.
    skipped : str
        Why nothing was run: every claim is then skipped.

    Returns
    -------
    list of dict
        As the architecture describes them.
    """
    entries = []
    for slug, claim in experiment.config["claims"].items():
        outcome = _outcome(claim, rows, trouble, skipped)
        entries.append(_entry(experiment, slug, claim, outcome))
    return entries


def _outcome(claim: Mapping[str, Any], rows: pd.DataFrame, trouble: str, skipped: str) -> Outcome:
    if skipped:
        return Outcome(SKIPPED, skipped)
    if trouble:
        return Outcome(INCONCLUSIVE, trouble)
    chosen = matching(rows, claim["where"])
    if chosen.empty:
        return Outcome(INCONCLUSIVE, "not enough data: no cell of this run is about this claim")
    return rule(claim["rule"])(chosen, claim["params"])


def _entry(experiment: Experiment, slug: str, claim: Mapping[str, Any], outcome: Outcome) -> Claim:
    text = " ".join((rule(claim["rule"]).__doc__ or "").split("\n\n")[0].split())
    return {
        "id": f"{experiment.name}/{slug}",
        "kind": claim["kind"],
        "of": claim["of"],
        "statement": claim["statement"],
        "verdict": outcome.verdict,
        "expected": VIOLATED if claim["kind"] == "control" else HOLDS,
        "reason": outcome.reason,
        "rule": f"{claim['rule']}: {text}",
        "params": claim["params"],
        "evidence": outcome.evidence(),
        "experiment": experiment.name,
        "figure": experiment.config["figure"],
        "theorem": claim["theorem"],
        "command": experiment.command,
        "budget": experiment.config["budget"]["name"],
    }


def as_expected(claim: Claim) -> bool:
    """Tell whether a claim came out as it should; inconclusive and skipped are not held against it."""
    return claim["verdict"] in (claim["expected"], INCONCLUSIVE, SKIPPED)


def read(folder: Path) -> list[Claim]:
    """Return the entries of a folder's claims.json, none when there is no such file."""
    path = folder / "claims.json"
    entries: list[Claim] = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else []
    return entries


def merge(folder: Path, fresh: list[Claim], order: list[str]) -> list[Claim]:
    """Replace the entries of the experiments in `fresh`, keep the others, and write claims.json in `order`."""
    rewritten = {c["experiment"] for c in fresh}
    entries = [c for c in read(folder) if c["experiment"] not in rewritten] + fresh
    entries.sort(key=lambda c: order.index(c["experiment"]) if c["experiment"] in order else len(order))
    write_whole(folder / "claims.json", json.dumps(entries, indent=1, ensure_ascii=False) + "\n")
    write_whole(folder / "claims.md", markdown(entries))
    return entries


def table(entries: list[Claim]) -> str:
    """Return the claims as lines for a terminal: verdict, mark where it is not as expected, id, reason."""
    lines = []
    for c in entries:
        mark = " " if as_expected(c) else "!"
        expected = " (as it must)" if c["kind"] == "control" and c["verdict"] == VIOLATED else ""
        lines.append(f"{mark} {c['verdict']:<13}{c['kind']:<9}{c['id']:<38}{shortened(c['reason'])}{expected}")
    return "\n".join(lines)


def markdown(entries: list[Claim]) -> str:
    """Return the claims, without controls and identities, as a Markdown table: claim, theorem, experiment, verdict."""
    lines = ["| claim | theorem | where | verdict | its control |", "| --- | --- | --- | --- | --- |"]
    for c in entries:
        if c["kind"] == "claim":
            slug = c["id"].rpartition("/")[2]
            controls = [o["verdict"] for o in entries if o["experiment"] == c["experiment"] and o["of"] == slug]
            cells = [c["statement"], c["theorem"], f"`{c['id']}`", c["verdict"], ", ".join(controls)]
            lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(lines) + "\n"


def shortened(text: str, most: int = 110) -> str:
    """Return a text cut to so many characters, the last a mark of what is left out."""
    return text if len(text) <= most else text[: most - 1] + "…"
