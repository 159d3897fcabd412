"""The gallery of figures/published in Markdown: index, open claims, and each experiment with figure, verdicts and data."""

import json
from collections.abc import Sequence
from typing import Any

from experiments.config.compose import headers, stem
from figures.claims import records
from figures.claims.verdict import HOLDS, INCONCLUSIVE
from figures.publish import PUBLISHED, earlier, notes
from figures.report import report

RESOLVES = " would resolve it"


def index(entries: Sequence[records.Claim]) -> str:
    """Return one row per published experiment, linked to its exhibit."""
    old, drawn = earlier(), _drawn()
    rows = [
        [f"[`{n}`](#{anchor(n)})", str(headers()[n]["title"]), held(n, entries), "earlier" if n in old else "present"]
        for n in report.order()
        if n in drawn
    ]
    return records.markdown_table(["experiment", "title", "claims that hold", "form"], rows)


def undecided(entries: Sequence[records.Claim]) -> str:
    """Return the inconclusive claims, with what was seen and what would resolve them."""
    rows = []
    for c in entries:
        if c["kind"] == "claim" and c["verdict"] == INCONCLUSIVE:
            parts = c["reason"].split("; ")
            resolving = [part.removesuffix(RESOLVES) for part in parts if part.endswith(RESOLVES)]
            seen = "; ".join(part for part in parts if not part.endswith(RESOLVES))
            rows.append([c["statement"], f"`{c['id']}`", records.shortened(seen, 160), "".join(resolving)])
    return records.markdown_table(["claim", "where", "what was seen", "what would resolve it"], rows)


def exhibits(suite: str, entries: Sequence[records.Claim]) -> str:
    """Return the published experiments of a suite one after the other."""
    drawn, made = _drawn(), json.loads((PUBLISHED / "provenance.json").read_text(encoding="utf-8"))
    names = [n for n in report.order() if headers()[n].get("suite") == suite and n in drawn]
    return "\n".join(_exhibit(n, drawn[n], made[n], [c for c in entries if c["experiment"] == n]) for n in names)


def _exhibit(name: str, note: dict[str, str], made: dict[str, Any], entries: Sequence[records.Claim]) -> str:
    """One experiment: figure, caption, claims with verdicts and controls, command, source data."""
    base = stem(name)
    text = f"### {name}\n\n**{note['title']}**\n\n![{note['title']}]({base}.png)\n\n{note['caption']}\n\n"
    rows = [
        [c["statement"], c["theorem"], f"`{c['id']}`: {c['verdict']}", _controls(c, entries)]
        for c in entries
        if c["kind"] == "claim"
    ]
    if rows:
        text += records.markdown_table(["claim", "rests on", "verdict", "its controls"], rows) + "\n"
    identities = [c["verdict"] for c in entries if c["kind"] == "identity"]
    if identities:
        text += f"{identities.count(HOLDS)} of {len(identities)} identities hold. "
    text += f"`python run.py experiment={name} budget={made['budget']}`, {made['date']}, {made['seconds']:,} s of computing"
    return text + f" · [source data]({base}.csv) · [vector image]({base}.svg) · [configuration]({base}.yaml)\n"


def _controls(claim: records.Claim, entries: Sequence[records.Claim]) -> str:
    slug = claim["id"].rpartition("/")[2]
    own = [c for c in entries if c["of"] == slug]
    return "<br>".join(f"{c['type'].replace('_', ' ')}, {c['verdict']}: {c['statement']}" for c in own)


def held(name: str, entries: Sequence[records.Claim]) -> str:
    """Say how many of an experiment's claims hold."""
    own = [c["verdict"] for c in entries if c["experiment"] == name and c["kind"] == "claim"]
    return f"{own.count(HOLDS)} of {len(own)}" if own else "none stated"


def anchor(name: str) -> str:
    """Return the anchor of an experiment's exhibit."""
    return name.replace("/", "")


def _drawn() -> dict[str, dict[str, str]]:
    return {note["experiment"]: note for note in notes()}
