"""The claims of the paper's abstract (conf/abstract.yaml), and which claims, controls and identities here bear on which."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import yaml

from experiments.config.compose import CONF, headers


@dataclass(frozen=True)
class Sentence:
    """One claim of the abstract: name, words, the ids that answer it first, the first of each in short, figure, limit."""

    name: str
    sentence: str
    headline: list[str]
    near_misses: list[str]
    answer: str
    near_miss: str
    figure: str
    limit: str


@cache
def sentences() -> dict[int, Sentence]:
    """Return the claims of the abstract by their numbers, from 1."""
    return {number: Sentence(**found) for number, found in enumerate(_file()["sentences"], 1)}


def hero() -> str:
    """Return the experiment whose figure shows all of them."""
    return str(_file()["hero"])


@cache
def _file() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((CONF / "abstract.yaml").read_text(encoding="utf-8"))
    return found


def bears_on(claim: Mapping[str, Any]) -> int:
    """Return the number of the sentence that an entry of claims.json bears on, a control that of its claim; 0 for none."""
    stated = headers().get(claim["experiment"], {}).get("claims", {})
    slug = claim["of"] or claim["id"].rpartition("/")[2]
    return int(stated.get(slug, {}).get("abstract", 0))
