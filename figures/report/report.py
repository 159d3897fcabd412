"""The report: one self-contained HTML page of claims and figures; what comes from data is escaped."""

import base64
import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, select_autoescape

from experiments.config.compose import headers, names, stem
from experiments.engine.run import provenance
from experiments.engine.store import write_whole
from figures.claims import abstract, records
from figures.claims.verdict import INCONCLUSIVE, SKIPPED
from figures.report import evidence, wording

TEMPLATES = Path(__file__).parent / "templates"
NEIGHBOURS = (
    "What else decides the utility of synthetic data, on the same engine. The papers are motivation: the text of "
    "Decruyenaere et al. was read, of several others the repositories, of the rest title and abstract. Statements, "
    "derivations and numbers are ours. Experiments without a claim are measured and drawn, and judge nothing."
)

def order() -> list[str]:
    """Return the experiments in the order of the report: suite main, then data, then the others; pictures first."""
    rank, suites = {"main": 0, "data": 1}, names()
    return sorted(suites, key=lambda n: (rank.get(suites[n], 2), bool(headers()[n].get("claims"))))


def write(folder: Path, store: Path) -> Path:
    """Write report.html, self-contained, from the claims.json and figures of a budget's or a variant's folder.

    Returns the page's path. The page names the store, so that a reader finds the raw rows.
    """
    entries = records.read(folder)
    sections = {name: _section(folder, name, entries) for name in order() if _is_shown(folder, name, entries)}
    drawn = [name for name in (abstract.hero(), *sections) if sections.get(name, {}).get("image")]
    answers = list(_answers(entries, sections))
    above = {*drawn[:1], *(a["sentence"].figure for a in answers)}
    for name, section in sections.items():
        section["above"] = name in above
    told = {
        "hero": sections[drawn[0]] if drawn else None,
        "summary": summary(entries),
        "answers": answers,
        "notable": [c for c in entries if records.notable(c) and c not in records.open_beside(entries)],
        "beside": len(records.open_beside(entries)),
        "parts": [p for p in _parts(list(sections.values())) if p["sections"]],
        "levels": {c["id"]: evidence.in_words(c, evidence.read()) for c in entries},
        "statements": wording.quoted(c["theorem"] for c in entries),
        "provenance": provenance(),
        "store": store,
        "budget": entries[0]["budget"] if entries else "",
        "called": records.called,
        "tone": tone,
        "brief": records.brief,
        "origin": lambda c: next(o["statement"] for o in entries if o["id"] == f"{c['experiment']}/{c['of']}"),
        "groups_of": wording.groups,
        "rule_in_words": wording.rule_in_words,
    }
    page = render("report.html.jinja", told, {"cited": wording.cited})
    path = folder / "report.html"
    if not path.is_file() or path.read_text(encoding="utf-8") != page:
        write_whole(path, page)
    return path


def summary(entries: list[records.Claim]) -> str:
    """Say in one sentence how many claims, controls and identities came out as they should, are open, skipped, or neither."""
    return records.counted(entries) + "."


def tone(claim: records.Claim) -> str:
    """Return the class of the style sheet for a verdict."""
    return "open" if claim["verdict"] in (INCONCLUSIVE, SKIPPED) else "fine" if records.as_expected(claim) else "bad"


def _answers(entries: list[records.Claim], sections: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield what the page says first of each claim of the abstract on which something here bears."""
    by_id = {c["id"]: c for c in entries}
    for number, sentence in abstract.sentences().items():
        own = [c for c in entries if abstract.bears_on(c) == number]
        figure = sections.get(sentence.figure, {})
        if own:
            yield {
                "number": number,
                "sentence": sentence,
                "counted": records.counted(own),
                "headline": [by_id[i] for i in sentence.headline if i in by_id],
                "near_misses": [by_id[i] for i in sentence.near_misses if i in by_id],
                "missing": [i for i in (*sentence.headline, *sentence.near_misses) if i not in by_id],
                "figure": figure if figure.get("image") and sentence.figure != abstract.hero() else None,
                "bearing": [c for c in own if c["kind"] == "claim"],
            }


def _parts(sections: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The experiments below their headings: those about the paper, then the neighbours."""
    related = [s for s in sections if s["suite"] == "related"]
    return [
        {"title": "Experiments", "about": "", "sections": [s for s in sections if s not in related]},
        {"title": "Neighbouring theory", "about": NEIGHBOURS, "sections": related},
    ]


def _is_shown(folder: Path, name: str, entries: list[records.Claim]) -> bool:
    """Tell whether an experiment has claims here, or was drawn without any."""
    if any(c["experiment"] == name for c in entries):
        return True
    drawn = (folder / "figures" / stem(name)).with_suffix(".json").is_file()
    return drawn and not headers()[name].get("claims")


def _section(folder: Path, name: str, entries: list[records.Claim]) -> dict[str, Any]:
    own = [c for c in entries if c["experiment"] == name]
    base = folder / "figures" / stem(name)
    told = ("title", "story", "limits", "motivation", "suite")
    section: dict[str, Any] = {key: headers()[name].get(key, "") for key in told} | {"name": name, "claims": _by_claim(own)}
    section["counted"] = records.counted(own)
    if base.with_suffix(".png").is_file() and base.with_suffix(".json").is_file():
        section["image"] = embedded(base.with_suffix(".png"))
        section["caption"] = json.loads(base.with_suffix(".json").read_text(encoding="utf-8"))["caption"]
        said = "; ".join(f"{c['statement']}: {records.called(c)}" for c in own if c["kind"] == "claim")
        section["alt"] = f"Plot, {section['title']}. {said or section['story']}"
    return section


def _by_claim(own: list[records.Claim]) -> list[records.Claim]:
    """Each claim or identity, then its controls."""
    slugs = [c["id"].rpartition("/")[2] for c in own]
    return sorted(own, key=lambda c: (slugs.index(c["of"] or c["id"].rpartition("/")[2]), c["of"] is not None))


def render(template: str, values: Mapping[str, Any], filters: Mapping[str, Callable[..., Any]] | None = None) -> str:
    """Return the page that a file of templates/ makes of some values, with filters of its own."""
    environment = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=select_autoescape(["html", "jinja"]))
    environment.filters.update(filters or {})
    return environment.get_template(template).render(values)


def embedded(image: Path) -> str:
    """Return an image as base64, empty when there is none."""
    return base64.b64encode(image.read_bytes()).decode() if image.is_file() else ""
