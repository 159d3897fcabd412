"""The report: one self-contained HTML page of claims and figures."""

import json
from pathlib import Path
from typing import Any

from experiments.config.compose import headers, names, stem
from experiments.engine.run import provenance
from experiments.engine.store import write_whole
from figures.claims import records
from figures.claims.verdict import INCONCLUSIVE, SKIPPED
from figures.report.pages import embedded, render

ABSTRACT = (
    "Synthetic features need not look like real ones for comparable generalization, if the downstream model is well specified.",
    "Nor need they for a consistent ranking of models.",
    "The ranking survives even badly generated responses, as long as the models are separated by a gap in generalization.",
)
"""The three claims of the paper, after its abstract."""


def order() -> list[str]:
    """Return the experiments in the order of the report: suite main, then data, then the others; pictures first."""
    rank, suites = {"main": 0, "data": 1}, names()
    return sorted(suites, key=lambda n: (rank.get(suites[n], 2), bool(headers()[n].get("claims"))))


def write(folder: Path, store: Path) -> Path:
    """Write report.html from a folder's claims.json and figures, and return its path.

    Parameters
    ----------
    folder : Path
        A budget's folder, or a variant's.
    store : Path
        Named in the page, so that a reader finds the raw rows.

    Returns
    -------
    Path
        The page, self-contained: images are embedded.
    """
    entries = records.read(folder)
    sections = [_section(folder, name, entries) for name in order() if _is_shown(folder, name, entries)]
    told = {
        "sections": sections,
        "summary": _summary(entries),
        "abstract": [(f"{n}. {text}", found) for n, text in enumerate(ABSTRACT, 1) if (found := _bearing(entries, n))],
        "provenance": provenance(),
        "store": store,
        "expected": records.as_expected,
        "budget": entries[0]["budget"] if entries else "",
    }
    page = render("report.html.jinja", told)
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


def _bearing(entries: list[records.Claim], number: int) -> list[records.Claim]:
    """The claims that bear on one of the paper's."""
    return [c for c in entries if _told(c).get("abstract") == number]


def _told(claim: records.Claim) -> dict[str, Any]:
    """What its experiment's file says of a claim; nothing where it has been renamed since."""
    found: dict[str, Any] = headers().get(claim["experiment"], {}).get("claims", {}).get(claim["id"].rpartition("/")[2], {})
    return found


def _summary(entries: list[records.Claim]) -> str:
    """One sentence: how many claims hold, and what did not come out as expected."""
    own = [c for c in entries if c["kind"] == "claim"]
    verdicts = [c["verdict"] for c in own]
    text = f"{verdicts.count('holds')} of {len(own)} claims hold"
    for verdict in (INCONCLUSIVE, SKIPPED, "violated"):
        if verdict in verdicts:
            text += f", {verdicts.count(verdict)} {verdict}"
    controls = [c for c in entries if c["kind"] == "control"]
    failing = sum(c["verdict"] == c["expected"] for c in controls)
    open_ = sum(c["verdict"] in (INCONCLUSIVE, SKIPPED) for c in controls)
    rest = f" ({open_} not settled at these sizes)" if open_ else ""
    return f"{text}; {failing} of {len(controls)} negative controls fail, as they must{rest}."
