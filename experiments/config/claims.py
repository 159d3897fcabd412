"""Claims as configurations state them: controls inherit from their claims, citations are looked up in theory/README.md."""

import re
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from experiments.config.registry import ConfigError, near

STATEMENTS = Path(__file__).resolve().parents[2] / "theory" / "README.md"
KINDS = ("claim", "control", "identity")
TYPES = ("near_miss", "wrong_prediction", "complement")
KNOWN = {"since", "why"}


@cache
def statements() -> dict[str, str]:
    """Return the heading of every numbered statement of theory/README.md, without its marks for formulas."""
    found = re.findall(r"^\*\*(\d+\.\d+) ([^*]+)\*\*", STATEMENTS.read_text(encoding="utf-8"), flags=re.M)
    return {number: heading.replace("$", "") for number, heading in found}


def resolved_claims(claims: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """Return the claims of an experiment with everything that they inherit and with the statements that they cite.

    `claims` holds the fields of `ClaimConfig` for every name. In the result `rule`, `where` and `params` are complete, and
    `theorem` is one line: numbers and headings of the statements, then the note. Raises `ConfigError` for an unknown claim,
    kind or statement, or a claim without a rule.
    """
    return {name: _resolved(f"claims.{name}", claim, claims) for name, claim in claims.items()}


def _resolved(key: str, claim: Mapping[str, Any], claims: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    if claim["kind"] not in KINDS:
        raise ConfigError(f"{key}.kind: unknown kind {claim['kind']!r}{near(str(claim['kind']), KINDS)}")
    types = TYPES if claim["kind"] == "control" else ("",)
    if claim["type"] not in types:
        raise ConfigError(f"{key}.type: expected {' or '.join(map(repr, types))} for a {claim['kind']}, got {claim['type']!r}")
    if claim["known"] and (set(claim["known"]) != KNOWN or claim["kind"] == "identity"):
        raise ConfigError(f"{key}.known: expected since and why, for a claim or control, got {sorted(claim['known'])}")
    if claim["of"] is not None and claim["of"] not in claims:
        raise ConfigError(f"{key}.of: unknown claim {claim['of']!r}{near(str(claim['of']), claims)}")
    origin = claims[claim["of"]] if claim["of"] is not None else {}
    rule = claim["rule"] or origin.get("rule")
    if not rule:
        raise ConfigError(f"{key}.rule: expected the name of a rule")
    own = {part: _merged(origin.get(part, {}), claim[part]) for part in ("where", "params")}
    cited = _cited(f"{key}.theorem", claim["theorem"], claim["note"])
    return {k: v for k, v in claim.items() if k != "note"} | {"rule": rule, "theorem": cited} | own


def _merged(inherited: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """Replace single keys; `None` removes one."""
    return {k: v for k, v in {**inherited, **own}.items() if v is not None}


def _cited(key: str, numbers: Sequence[str], note: str) -> str:
    """Name the statements by number and heading, so that a wrong number shows, then the note."""
    for number in numbers:
        if number not in statements():
            raise ConfigError(f"{key}: theory/README.md has no statement {number!r}{near(number, statements())}")
    return ": ".join(filter(None, ["; ".join(f"{n} {statements()[n]}" for n in numbers), note])) or "none"
