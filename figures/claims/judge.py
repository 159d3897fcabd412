"""Claims: judge each by its rule, keep claims.json, print the table."""

import importlib
import pkgutil
from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd

from experiments.config.compose import Experiment
from experiments.config.registry import ConfigError, near
from figures.claims import rules
from figures.claims.records import Claim
from figures.claims.verdict import HOLDS, INCONCLUSIVE, SKIPPED, VIOLATED, Outcome
from figures.rows import matching

Rule = Callable[[pd.DataFrame, Mapping[str, Any]], Outcome]


def rule(name: str) -> Rule:
    """Return the function that judges by the rule `name`, a file of figures/rules."""
    known = [m.name for m in pkgutil.iter_modules(rules.__path__)]
    if name not in known:
        raise ConfigError(f"claims: unknown rule {name!r}{near(name, known)}")
    found: Rule = importlib.import_module(f"figures.claims.rules.{name}").judge
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
        For each claim its verdict, reason, evidence and everything that says what was judged, and how to run it again.
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
        "budget": experiment.config["budget"],
    }
