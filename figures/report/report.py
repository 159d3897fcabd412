"""The report: one self-contained HTML page of claims and figures; what comes from data is escaped."""

import base64
import json
import os
import re
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, select_autoescape
from markupsafe import Markup, escape

from experiments.config.claims import STATEMENTS, statements
from experiments.config.compose import headers, names, stem
from experiments.engine.run import provenance
from experiments.engine.store import write_whole
from figures.claims import records
from figures.claims.verdict import HOLDS, VIOLATED
from figures.report import evidence

TEMPLATES = Path(__file__).parent / "templates"

ABSTRACT = (
    "Synthetic features need not look like real ones for comparable generalization, if the downstream model is well specified.",
    "Nor need they for a consistent ranking of models.",
    "The ranking survives even badly generated responses, as long as the models are separated by a gap in generalization.",
)
"""The three claims of the paper, after its abstract."""


COUNTED = (
    ("kind", "claim", "claims hold"),
    ("type", "near_miss", "near misses fail, as they must"),
    ("type", "wrong_prediction", "wrong predictions are found out"),
    ("type", "complement", "complements fail"),
    ("kind", "identity", "identities hold"),
)
"""What the summary counts: a field of an entry, its value, and how those as expected are called."""


def order() -> list[str]:
    """Return the experiments in the order of the report: suite main, then data, then the others; pictures first."""
    rank, suites = {"main": 0, "data": 1}, names()
    return sorted(suites, key=lambda n: (rank.get(suites[n], 2), bool(headers()[n].get("claims"))))


def write(folder: Path, store: Path) -> Path:
    """Write report.html, self-contained, from the claims.json and figures of a budget's or a variant's folder.

    Returns the page's path. The page names the store, so that a reader finds the raw rows.
    """
    entries = records.read(folder)
    sections = [_section(folder, name, entries) for name in order() if _is_shown(folder, name, entries)]
    bearing = {n: [c for c in entries if _told(c).get("abstract") == n] for n in range(1, len(ABSTRACT) + 1)}
    told = {
        "sections": sections,
        "summary": summary(entries),
        "abstract": [(f"{n}. {text}", bearing[n]) for n, text in enumerate(ABSTRACT, 1) if bearing[n]],
        "evidence_about": evidence.ABOUT,
        "evidence": [evidence.HEADS, *evidence.table(entries, evidence.read())],
        "provenance": provenance(),
        "store": store,
        "expected": records.as_expected,
        "budget": entries[0]["budget"] if entries else "",
    }
    page = render("report.html.jinja", told, {"cited": lambda theorem: cited(theorem, folder)})
    path = folder / "report.html"
    if not path.is_file() or path.read_text(encoding="utf-8") != page:
        write_whole(path, page)
    return path


def _is_shown(folder: Path, name: str, entries: list[records.Claim]) -> bool:
    """Tell whether an experiment has claims here, or was drawn without any."""
    if any(c["experiment"] == name for c in entries):
        return True
    drawn = (folder / "figures" / stem(name)).with_suffix(".json").is_file()
    return drawn and not headers()[name].get("claims")


def _section(folder: Path, name: str, entries: list[records.Claim]) -> dict[str, Any]:
    own = [c for c in entries if c["experiment"] == name]
    base = folder / "figures" / stem(name)
    told = ("title", "story", "limits", "motivation", "tie", "suite")
    section: dict[str, Any] = {key: headers()[name].get(key, "") for key in told} | {"name": name, "claims": own}
    if base.with_suffix(".png").is_file() and base.with_suffix(".json").is_file():
        section["image"] = embedded(base.with_suffix(".png"))
        section["caption"] = json.loads(base.with_suffix(".json").read_text(encoding="utf-8"))["caption"]
        section["pdf"] = base.with_suffix(".pdf").relative_to(folder).as_posix()
    return section


def _told(claim: records.Claim) -> dict[str, Any]:
    """What its experiment's file says of a claim; nothing where it has been renamed since."""
    found: dict[str, Any] = headers().get(claim["experiment"], {}).get("claims", {}).get(claim["id"].rpartition("/")[2], {})
    return found


def summary(entries: list[records.Claim]) -> str:
    """Say in one sentence how many claims, controls and identities came out as they should, were open, skipped, or neither."""
    parts = (_counted([c for c in entries if c[key] == value], text) for key, value, text in COUNTED)
    return "; ".join(filter(None, parts)) + "."


def _counted(own: list[records.Claim], text: str) -> str:
    """Count the entries of one kind: as expected first, then every other verdict that occurs."""
    if not own:
        return ""
    wanted, against = (VIOLATED, HOLDS) if own[0]["kind"] == "control" else (HOLDS, VIOLATED)
    verdicts = Counter(f"{VIOLATED}, known" if c["known"] and c["verdict"] == VIOLATED else c["verdict"] for c in own)
    verdicts[f"{against}, not as expected"] = verdicts.pop(against, 0)
    rest = [f"{number} {verdict}" for verdict, number in verdicts.items() if number and verdict != wanted]
    return ", ".join([f"{verdicts[wanted]} of {len(own)} {text}", *rest])


def cited(theorem: str, folder: Path) -> Markup:
    """Return what a claim rests on, its statements linked to their section of theory/README.md."""
    html = str(escape(theorem))
    for number, heading in statements().items():
        text = str(escape(f"{number} {heading}"))
        if re.search(rf"(?<![\d.]){re.escape(text)}", html):
            page = os.path.relpath(STATEMENTS, folder.resolve())
            html = html.replace(text, f'<a href="{page}#{_section_of(number)}">{text}</a>')
    return Markup(html)


def _section_of(number: str) -> str:
    """The anchor of a statement's section, as GitHub makes it from the heading."""
    found = re.search(rf"^## ({number.partition('.')[0]} .*)$", STATEMENTS.read_text(encoding="utf-8"), flags=re.M)
    return re.sub(r"[^\w -]", "", found[1]).lower().replace(" ", "-") if found else ""


def render(template: str, values: Mapping[str, Any], filters: Mapping[str, Callable[..., Any]] | None = None) -> str:
    """Return the page that a file of templates/ makes of some values, with filters of its own."""
    environment = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=select_autoescape(["html", "jinja"]))
    environment.filters.update(filters or {})
    return environment.get_template(template).render(values)


def embedded(image: Path) -> str:
    """Return an image as base64, empty when there is none."""
    return base64.b64encode(image.read_bytes()).decode() if image.is_file() else ""
