"""Tables of experiments and claims in the READMEs, here and in figures/published: `python -m figures.report.tables`."""

import re
from collections.abc import Sequence
from pathlib import Path

from experiments.config.compose import headers, stem
from figures.claims import records
from figures.publish import earlier
from figures.report import evidence, report

ROOT = Path(__file__).resolve().parents[2]
PUBLISHED = ROOT / "figures" / "published"
FILES = (ROOT / "README.md", PUBLISHED / "README.md", PUBLISHED / "evidence.md")
BLOCK = re.compile(r"(<!-- table (\w+)[^>]*-->\n).*?(<!-- end -->)", flags=re.S)


def renewed(text: str) -> str:
    """Return a page with every `<!-- table NAME --> ... <!-- end -->` as experiments and published verdicts have it now."""
    return BLOCK.sub(lambda found: found[1] + _table(found[2]) + found[3], text)


def _table(name: str) -> str:
    """Return `summary`, `evidence`, `experiments`, `related`, or the claims of a suite, such as `main_claims`."""
    entries = records.read(PUBLISHED)
    if name == "summary":
        old = ", ".join(f"`{name}`" for name in earlier())
        later = f"\nTheir files have changed since, and they are to be run again: {old}.\n" if old else ""
        return report.summary(entries) + "\n" + later
    if name == "evidence":
        return evidence.ABOUT + "\n\n" + records.markdown_table(evidence.HEADS, list(evidence.table(entries, evidence.read())))
    if name == "experiments":
        rows = [[f"`{n}`", _title(n), _held(n, entries)] for n in _suite("main", "data")]
        return records.markdown_table(["experiment", "title", "claims that hold at paper"], rows)
    if name == "related":
        told = [(n, headers()[n]) for n in _suite("related")]
        rows = [[f"`{n}`", str(header["motivation"]), str(header["tie"]), _held(n, entries)] for n, header in told]
        heads = ["experiment", "motivation", "what it says of utility", "claims that hold at paper"]
        return records.markdown_table(heads, rows)
    shown = _suite(name.removesuffix("_claims"))
    rows = [
        [c["statement"], c["theorem"], f"[`{c['id']}`]({stem(n)}.png)", c["verdict"], records.controls(c, entries)]
        for n in shown
        for c in entries
        if c["experiment"] == n and c["kind"] == "claim"
    ]
    return records.markdown_table(["claim", "rests on", "where", "verdict", "its controls"], rows)


def _suite(*suites: str) -> list[str]:
    return [n for n in report.order() if headers()[n].get("suite") in suites]


def _title(name: str) -> str:
    picture = PUBLISHED / f"{stem(name)}.png"
    title = str(headers()[name]["title"])
    return f"[{title}]({picture.relative_to(ROOT).as_posix()})" if picture.is_file() else title


def _held(name: str, entries: Sequence[records.Claim]) -> str:
    own = [c["verdict"] for c in entries if c["experiment"] == name and c["kind"] == "claim"]
    return f"{own.count('holds')} of {len(own)}" if own else "none stated"


if __name__ == "__main__":
    for page in FILES:
        page.write_text(renewed(page.read_text(encoding="utf-8")), encoding="utf-8")
