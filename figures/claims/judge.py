"""Claims: check the parameters of their rules before a run, judge each by its rule afterwards."""

import importlib
import pkgutil
from collections.abc import Mapping
from functools import cache
from typing import Any

import pandas as pd

from experiments.config.compose import Experiment
from experiments.config.registry import build
from figures.claims import rules
from figures.claims.records import RULE_FAILED, Claim
from figures.claims.rules.family import Rule
from figures.claims.verdict import HOLDS, INCONCLUSIVE, SKIPPED, VIOLATED, Outcome
from figures.rows import matching


@cache
def _discover() -> None:
    for module in pkgutil.iter_modules(rules.__path__):
        importlib.import_module(f"{rules.__name__}.{module.name}")


def rule(name: str, params: Mapping[str, Any], where: str = "rule") -> Rule:
    """Return the rule `name` with its parameters, or raise a ConfigError that names the key below `where`."""
    _discover()
    made: Rule = build("rule", {**params, "kind": name}, where)
    return made


def check(experiment: Experiment) -> None:
    """Raise a ConfigError for a claim with an unknown rule, or with parameters that its rule cannot take."""
    for slug, claim in experiment.config["claims"].items():
        rule(claim["rule"], claim["params"], f"claims.{slug}.params")


def judge(experiment: Experiment, rows: pd.DataFrame, trouble: str = "", skipped: str = "") -> list[Claim]:
    """Return the entries of claims.json for one experiment.

    Parameters
    ----------
    experiment : Experiment
        Its configuration holds the claims, checked (`check`).
    rows : pandas.DataFrame
        All its rows.
    trouble : str
        Why the rows are incomplete: every claim is then inconclusive.
    skipped : str
        Why nothing was run: every claim is then skipped.
    """
    entries = []
    for slug, claim in experiment.config["claims"].items():
        judged_by = rule(claim["rule"], claim["params"], f"claims.{slug}.params")
        if skipped or trouble:
            outcome = Outcome(SKIPPED, skipped) if skipped else Outcome(INCONCLUSIVE, trouble)
        else:
            outcome = _outcome(judged_by, rows, claim["where"])
        entries.append(_entry(experiment, slug, claim, judged_by, outcome))
    return entries


def _outcome(judged_by: Rule, rows: pd.DataFrame, where: Mapping[str, Any]) -> Outcome:
    """What the rule says of its rows; a rule that raises costs its own verdict, not the run."""
    try:
        chosen = matching(rows, where)
        if chosen.empty:
            return Outcome(INCONCLUSIVE, "not enough data: no cell of this run is about this claim")
        return judged_by(chosen)
    except Exception as error:
        return Outcome(INCONCLUSIVE, f"{RULE_FAILED}: {type(error).__name__}: {error}")


def _entry(experiment: Experiment, slug: str, claim: Mapping[str, Any], judged_by: Rule, outcome: Outcome) -> Claim:
    text = " ".join((type(judged_by).__doc__ or "").split("\n\n")[0].split())
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
