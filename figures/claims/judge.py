"""Claims: check the parameters of their rules before a run, judge each by its rule afterwards."""

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Mapping
from functools import cache, partial
from typing import Any, get_type_hints

import pandas as pd

from experiments.config.compose import Experiment
from experiments.config.registry import ConfigError, convert, near
from figures.claims import rules
from figures.claims.plant import planted
from figures.claims.records import RULE_FAILED, Claim
from figures.claims.rules.family import RULES, Rule
from figures.claims.verdict import HOLDS, INCONCLUSIVE, SKIPPED, VIOLATED, Outcome
from figures.rows import matching


@cache
def known_rules() -> Mapping[str, Rule]:
    """Return every rule by its name."""
    for module in pkgutil.iter_modules(rules.__path__):
        importlib.import_module(f"{rules.__name__}.{module.name}")
    return RULES


def rule(name: str, params: Mapping[str, Any], where: str = "claim") -> Callable[[pd.DataFrame], Outcome]:
    """Return the rule `name` with its parameters, a function of rows.

    A ConfigError names what is unknown, missing or does not fit below the key `where`.
    """
    known = known_rules()
    if name not in known:
        raise ConfigError(f"{where}.rule: unknown rule {name!r}{near(name, known)}")
    where = f"{where}.params"
    converted = _converted(known[name], name, params, where)
    for key in ("level", "level_tau", "confidence"):
        if not 0 < converted.get(key, 0.5) < 1:
            raise ConfigError(f"{where}.{key}: expected a number between 0 and 1, got {converted[key]}")
    return partial(known[name], **converted)


def plant(params: Mapping[str, Any], where: str = "claim") -> Callable[[pd.DataFrame], pd.DataFrame]:
    """Return what a control plants into its rows (`planted`), nothing where there are no parameters; checked as in `rule`."""
    return partial(planted, **_converted(planted, "plant", params, f"{where}.plant")) if params else lambda rows: rows


def _converted(function: Callable[..., Any], name: str, params: Mapping[str, Any], where: str) -> dict[str, Any]:
    """Parameters in the types that the function, of rows and these, asks for."""
    hints, expected = get_type_hints(function), list(inspect.signature(function).parameters.values())[1:]
    for key in params:
        if key not in {p.name for p in expected}:
            raise ConfigError(f"{where}.{key}: no such parameter of {name}{near(key, [p.name for p in expected])}")
    for parameter in expected:
        if parameter.default is parameter.empty and parameter.name not in params:
            raise ConfigError(f"{where}.{parameter.name}: missing, {name} needs it")
    return {key: convert(value, hints[key], f"{where}.{key}") for key, value in params.items()}


def check(experiment: Experiment) -> None:
    """Raise a ConfigError for a claim with an unknown rule, or with parameters that its rule cannot take."""
    for slug, claim in experiment.config["claims"].items():
        rule(claim["rule"], claim["params"], f"claims.{slug}")
        plant(claim["plant"], f"claims.{slug}")


def judge(experiment: Experiment, rows: pd.DataFrame, trouble: str = "", skipped: str = "") -> list[Claim]:
    """Return the entries of claims.json for one experiment whose claims are checked (`check`), from all its rows.

    `trouble` says why the rows are incomplete: every claim is then inconclusive. `skipped` says why nothing was run.
    """
    entries = []
    for slug, claim in experiment.config["claims"].items():
        judged_by = rule(claim["rule"], claim["params"], f"claims.{slug}")
        if skipped or trouble:
            outcome = Outcome(SKIPPED, skipped) if skipped else Outcome(INCONCLUSIVE, trouble)
        else:
            outcome = _outcome(judged_by, rows, claim)
            outcome = outcome.of_control() if claim["kind"] == "control" else outcome
        entries.append(_entry(experiment, slug, claim, outcome))
    return entries


def _outcome(judged_by: Callable[[pd.DataFrame], Outcome], rows: pd.DataFrame, claim: Mapping[str, Any]) -> Outcome:
    """What the rule says of its rows; a rule that raises costs its own verdict, not the run."""
    try:
        chosen = rows_of(claim, rows)
        if chosen.empty:
            return Outcome(INCONCLUSIVE, "not enough data: no cell of this run is about this claim")
        return judged_by(chosen)
    except Exception as error:
        return Outcome(INCONCLUSIVE, f"{RULE_FAILED}: {type(error).__name__}: {error}")


def rows_of(claim: Mapping[str, Any], rows: pd.DataFrame) -> pd.DataFrame:
    """Return the rows that a claim is about, with what it plants."""
    chosen = matching(rows, claim["where"])
    return chosen if chosen.empty else plant(claim["plant"])(chosen)


def _entry(experiment: Experiment, slug: str, claim: Mapping[str, Any], outcome: Outcome) -> Claim:
    text = " ".join((known_rules()[claim["rule"]].__doc__ or "").split("\n\n")[0].split())
    return {
        "id": f"{experiment.name}/{slug}",
        "kind": claim["kind"],
        "type": claim["type"],
        "of": claim["of"],
        "statement": claim["statement"],
        "verdict": outcome.verdict,
        "expected": VIOLATED if (claim["kind"] == "control") != bool(claim["known"]) else HOLDS,
        "known": claim["known"],
        "plant": claim["plant"],
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
