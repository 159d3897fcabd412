"""Entries of claims.json: read, merged, counted, listed on a terminal and as Markdown."""

import json
import re
import textwrap
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from experiments.engine.store import write_whole
from figures.claims.abstract import bears_on, sentences
from figures.claims.verdict import HOLDS, INCONCLUSIVE, SKIPPED

WIDTH = 100
"""Columns of a terminal."""
FAILS = "fails as expected"

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


def called(claim: Claim) -> str:
    """Return a verdict in the words of a reader: whether it is what it should be."""
    verdict: str = claim["verdict"]
    if verdict in (INCONCLUSIVE, SKIPPED):
        return {INCONCLUSIVE: "open"}.get(verdict, verdict)
    if claim["known"]:
        return f"{verdict}, known since {claim['known']['since']}"
    expected = FAILS if claim["kind"] == "control" else HOLDS
    return expected if as_expected(claim) else f"{verdict}, not as expected"


def notable(claim: Claim) -> bool:
    """Return whether a reader should look at a claim: it is open, violated, or not as expected."""
    return called(claim) not in (HOLDS, FAILS, SKIPPED)


def open_beside(entries: Sequence[Claim]) -> list[Claim]:
    """Return the controls that are open where their claim is open, too."""
    undecided = {c["id"] for c in entries if c["verdict"] == INCONCLUSIVE}
    return [c for c in entries if c["id"] in undecided and f"{c['experiment']}/{c['of']}" in undecided]


BY_KIND = (("kind", "claim", "claims hold"), ("kind", "control", "controls fail"), ("kind", "identity", "identities hold"))
BY_TYPE = (
    BY_KIND[0],
    ("type", "near_miss", "near misses fail, as they must"),
    ("type", "wrong_prediction", "wrong predictions are found out"),
    ("type", "complement", "complements fail"),
    BY_KIND[2],
)
"""What is counted: a field of an entry, its value, and how those as expected are called."""


def counted(entries: Sequence[Claim], by: Sequence[tuple[str, str, str]] = BY_TYPE) -> str:
    """Say how many claims, controls and identities came out as they should, are open, skipped, or neither."""
    told = []
    for key, value, text in by:
        if own := [c for c in entries if c[key] == value]:
            words = Counter(called(c) for c in own)
            fine = words.pop(FAILS if own[0]["kind"] == "control" else HOLDS, 0)
            others = [f"{n} {word.replace(HOLDS, 'hold') if n > 1 else word}" for word, n in words.items()]
            told.append(", ".join([f"{fine} of {len(own)} {text}", *others]))
    return "; ".join(told)


def table(entries: Sequence[Claim], verbose: bool = False) -> str:
    """Return the claims as lines for a terminal, none longer than `WIDTH`; `verbose` gives each a line of its own.

    Otherwise: totals for each claim of the abstract and for the rest, what is open or violated with its reason, a line about
    what was skipped.
    """
    if verbose:
        return "\n".join(map(_line, entries))
    lines = []
    for number, name in [*((n, f"{n} {s.name}") for n, s in sentences().items()), (0, "beyond these")]:
        if own := [c for c in entries if bears_on(c) == number]:
            lines += textwrap.wrap(f"{name:<22}{counted(own, BY_KIND)}", WIDTH, subsequent_indent=" " * 22)
    beside = open_beside(entries)
    for c in (c for c in entries if notable(c) and c not in beside):
        own = sum(f"{o['experiment']}/{o['of']}" == c["id"] for o in beside)
        lines += ["", f"{_mark(c)} {called(c)}: {c['kind']} {c['id']}" + (f", and {own} of its controls" if own else "")]
        reason = shortened(brief(c["reason"]), 3 * WIDTH - 30)
        lines += textwrap.wrap(reason, WIDTH, initial_indent="    ", subsequent_indent="    ")
    if left := [c for c in entries if c["verdict"] == SKIPPED]:
        why, where = (dict.fromkeys(c[key].partition(": ")[0] for c in left) for key in ("reason", "experiment"))
        lines += ["", shortened(f"skipped: {len(left)}, {', '.join(why)}: {', '.join(where)}", WIDTH)]
    return "\n".join(lines)


def _line(claim: Claim) -> str:
    start = f"{_mark(claim)} {called(claim):<18}{claim['id']:<38} "
    return start + shortened(brief(claim["reason"]), max(WIDTH - len(start), 10))


def _mark(claim: Claim) -> str:
    return " " if as_expected(claim) else "!"


PREDICTED = re.compile(r"([-+\d.e]+)(?: ± ([\d.e-]+))?, predicted ([-+\d.e]+)$")


def brief(reason: str) -> str:
    """Return a reason that lists several groups, each with its prediction, with the farthest group alone."""
    parts = reason.split("; ")
    off = {part: abs(float(m[1]) - float(m[3])) + float(m[2] or 0) for part in parts if (m := PREDICTED.search(part))}
    if len(off) < 3:
        return reason
    return "; ".join([f"farthest of {len(off)}: {max(off, key=lambda part: off[part])}", *(p for p in parts if p not in off)])


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
    """Return a text cut to so many characters; where it has parts the last is kept, which says what would settle it."""
    if len(text) <= most:
        return text
    last = text.rpartition("; ")[2]
    end = f"… {last}" if len(last) < most // 2 else "…"
    return text[: most - len(end)] + end
