"""Generated blocks of Markdown pages, here, in docs/ and in figures/published: `python -m figures.report.tables`."""

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from experiments.config.compose import headers
from figures.claims import abstract, records
from figures.publish import PUBLISHED
from figures.report import evidence, gallery, report

ROOT = Path(__file__).resolve().parents[2]
FILES = (ROOT / "README.md", PUBLISHED / "README.md", PUBLISHED / "evidence.md", ROOT / "docs" / "neighbours.md")
BLOCK = re.compile(r"(<!-- table (\w+)[^>]*-->\n).*?(<!-- end -->)", flags=re.S)


def renewed(text: str) -> str:
    """Return a page with every `<!-- table NAME --> ... <!-- end -->` as experiments and published verdicts now have it."""
    return BLOCK.sub(lambda found: found[1] + _table(found[2]) + found[3], text)


def _table(name: str) -> str:
    """Return the block of a name; `<suite>_gallery` is the gallery of a suite."""
    entries = records.read(PUBLISHED)
    blocks = {
        "summary": lambda: report.summary(entries) + "\n",
        "abstract": lambda: _abstract({c["id"]: c for c in entries}),
        "experiments": lambda: gallery.index(entries),
        "open": lambda: gallery.undecided(entries),
        "related": lambda: _related(entries),
        "evidence": lambda: _evidence(entries),
    }
    return blocks[name]() if name in blocks else gallery.exhibits(name.removesuffix("_gallery"), entries)


def _evidence(entries: list[records.Claim]) -> str:
    rows = list(evidence.table(entries, evidence.read()))
    return evidence.ABOUT + "\n\n" + records.markdown_table(evidence.HEADS, rows)


def _related(entries: Sequence[records.Claim]) -> str:
    told = [(n, headers()[n]) for n in report.order() if headers()[n].get("suite") == "related"]
    rows = [[f"`{n}`", str(h["motivation"]), str(h["tie"]), gallery.held(n, entries)] for n, h in told]
    heads = ["experiment", "motivation", "what it says of utility", "claims that hold at paper"]
    return records.markdown_table(heads, rows)


def _abstract(entries: Mapping[str, records.Claim]) -> str:
    heads = ["claim of the abstract", "first answer, worst number", "near miss", "limit"]
    return records.markdown_table(heads, list(_answers(entries)))


def _answers(entries: Mapping[str, records.Claim]) -> Iterator[list[str]]:
    """One row for each claim of the abstract."""
    for number, said in abstract.sentences().items():
        first, miss = entries[said.headline[0]], entries[said.near_misses[0]]
        bearing = records.counted([c for c in entries.values() if c["kind"] == "claim" and abstract.bears_on(c) == number])
        told = ((said.answer, first), (said.near_miss, miss))
        answer, missed = (f"{words}: **{c['verdict']}**, {worst(c['reason']).rpartition(': ')[2]}" for words, c in told)
        figure = f"figures/published/README.md#{gallery.anchor(said.figure)}"
        yield [f"{number}. {said.sentence} ([figure]({figure}))", f"{answer}. In all, {bearing}", missed, said.limit]


def worst(reason: str) -> str:
    """Return the worst number of a reason, up to its interval: of predictions the most in error, of ratios the highest end."""
    number = max(reason.split("; "), key=_badness).partition(" (")[0]
    return "".join(number.partition("]")[:2])


def _badness(part: str) -> float:
    if found := re.search(r"(-?[\d.]+) ± [\d.]+, predicted (-?[\d.]+)", part):
        return abs(float(found[1]) - float(found[2]))
    found = re.search(r" → ([\d.]+) \[", part)
    return float(found[1]) if found else 0.0


if __name__ == "__main__":
    for page in FILES:
        page.write_text(renewed(page.read_text(encoding="utf-8")), encoding="utf-8")
