"""Entries of claims.json: read, merged, listed on a terminal and as Markdown."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from experiments.engine.store import write_whole
from figures.claims.verdict import INCONCLUSIVE, SKIPPED, VIOLATED

Claim = dict[str, Any]
RULE_FAILED = "rule failed"
"""How the reason of a claim begins whose rule raised an exception."""


def as_expected(claim: Claim) -> bool:
    """Return whether a claim came out as it should; inconclusive and skipped are not held against it."""
    return claim["verdict"] in (claim["expected"], INCONCLUSIVE, SKIPPED)


def rule_failed(claim: Claim) -> bool:
    """Return whether the claim's rule raised an exception, so that there is no verdict."""
    return bool(claim["reason"].startswith(RULE_FAILED))


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
        expected = f" ({_why(c)})" if c["verdict"] == c["expected"] == VIOLATED else ""
        lines.append(f"{mark} {c['verdict']:<13}{c['kind']:<9}{c['id']:<38}{shortened(c['reason'])}{expected}")
    return "\n".join(lines)


def _why(claim: Claim) -> str:
    """Why a verdict `violated` is expected."""
    return f"known since {claim['known']['since']}" if claim["known"] else "as it must"


def markdown(entries: list[Claim]) -> str:
    """Return the claims, without controls and identities, as a Markdown table: claim, theorem, experiment, verdict."""
    shown = [c for c in entries if c["kind"] == "claim"]
    rows = [[c["statement"], c["theorem"], f"`{c['id']}`", c["verdict"], controls(c, entries)] for c in shown]
    return markdown_table(["claim", "theorem", "where", "verdict", "its control"], rows)


def controls(claim: Claim, entries: Sequence[Claim]) -> str:
    """Return the verdicts on the negative controls of a claim."""
    slug = claim["id"].rpartition("/")[2]
    return ", ".join(o["verdict"] for o in entries if o["experiment"] == claim["experiment"] and o["of"] == slug)


def markdown_table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return cells of text as a Markdown table."""
    lines = [heads, ["---"] * len(heads), *([cell.replace("|", "\\|") for cell in row] for row in rows)]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def shortened(text: str, most: int = 110) -> str:
    """Return a text cut to so many characters, the last a mark of what is left out."""
    return text if len(text) <= most else text[: most - 1] + "…"
