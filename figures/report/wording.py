"""What a page says of a claim: its rule in words, a small table of its groups, the statements that it cites."""

import re
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any, NamedTuple

from markupsafe import Markup, escape

from experiments.config.claims import STATEMENTS, statements
from figures.claims.records import PREDICTED, Claim
from figures.report import formulas

SHOWN = 6
"""Groups in the table of one claim; where there are more, those with the smallest and the largest estimates."""


USUAL = 0.999
"""The joint level of the intervals of a claim, which the page says once."""


class Group(NamedTuple):
    """One line of a claim's evidence: estimate with its interval, and what was predicted, empty where nothing was."""

    name: str
    value: float
    low: float
    high: float
    predicted: str


def groups(claim: Claim) -> list[Group]:
    """Return the groups of a claim, at most `SHOWN`, by their estimates."""
    found = (PREDICTED.search(part) for part in claim["reason"].split("; "))
    predicted = {m.string[: m.start()].removesuffix("C = ").rstrip(" :"): m[3] for m in found if m}
    estimates = claim["evidence"]["estimates"]
    every = [Group(e["name"], e["value"], e["low"], e["high"], predicted.get(e["name"], "")) for e in estimates]
    every.sort(key=lambda g: g.value)
    return every if len(every) <= SHOWN else every[: SHOWN // 2] + every[-SHOWN // 2 :]


def rule_in_words(claim: Claim) -> str:
    """Return what the rule of a claim says, with the claim's parameters in place of their names."""
    text, left = str(claim["rule"]).partition(": ")[2], dict(claim["params"])
    level, group = left.pop("level", None), left.pop("group", [])
    for name in [name for name in left if f"`{name}`" in text]:
        text = text.replace(f"`{name}`", said(left.pop(name)))
    text = text.replace("`", "")
    told = [f"one group for each {' and '.join(map(said, group))}"] if group else []
    told += [f"{said(name)}: {said(value)}" for name, value in left.items()]
    told += [f"all intervals hold jointly with probability {level:.1%}"] if level not in (None, USUAL) else []
    return text + (f" Here: {'; '.join(told)}." if told else "")


def said(value: Any) -> str:
    """Return a parameter in words; a list of lists is one of pairs."""
    if isinstance(value, Mapping):
        return ", ".join(f"{said(key)} {said(each)}" for key, each in value.items())
    if isinstance(value, list):
        return ", ".join(" / ".join(map(said, each)) if isinstance(each, list) else said(each) for each in value)
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value).replace("_", " ")


def cited(theorem: str) -> Markup:
    """Return what a claim rests on, its statements linked to where the page quotes them."""
    html = str(escape(theorem))
    for number, heading in statements().items():
        text = str(escape(f"{number} {heading}"))
        html = re.sub(rf"(?<![\d.]){re.escape(text)}", rf'<a href="#statement-{number}">\g<0></a>', html)
    return Markup(html)


def quoted(theorems: Iterable[str]) -> dict[str, Markup]:
    """Return the words of every statement that some claims rest on, by number and heading, in the order of theory/README.md."""
    joined = "\n".join(theorems)
    cited = [n for n, heading in statements().items() if re.search(rf"(?<![\d.]){re.escape(f'{n} {heading}')}", joined)]
    return {number: formulas.html(texts()[number]) for number in cited}


@cache
def texts() -> dict[str, str]:
    """Return every numbered statement without its proof, as theory/README.md has it."""
    found = re.split(r"^\*\*(\d+\.\d+) ", STATEMENTS.read_text(encoding="utf-8"), flags=re.M)[1:]
    return {number: re.split(r"\*Proof|^## ", text, flags=re.M)[0].strip() for number, text in zip(found[::2], found[1::2])}
