"""The report: what it says of claims in words, statements it quotes, what it counts."""

import re
from pathlib import Path
from typing import Any

import pytest

from figures.claims.abstract import sentences
from figures.claims.records import Claim, brief, merge
from figures.report import report
from figures.report.formulas import formula, html
from figures.report.wording import cited, groups, quoted, rule_in_words

PREDICTED = "; ".join(f"law {k}: 0.{k} ± 0.01, predicted 0.1" for k in range(10))


def entry(name: str, verdict: str = "holds", **more: Any) -> Claim:
    estimates = [{"name": f"law {k}", "value": k / 10, "low": k / 10 - 0.01, "high": k / 10 + 0.01} for k in range(10)]
    kind = "control" if more.get("of") else "claim"
    return {
        "id": name, "experiment": name.rpartition("/")[0], "kind": kind, "of": None,
        "type": "near_miss" if more.get("of") else "",
        "statement": f"Of {name} <b>", "verdict": verdict, "expected": "violated" if kind == "control" else "holds",
        "known": {}, "reason": PREDICTED, "theorem": "4.2 The limit of the signed gap", "command": "c", "budget": "smoke",
        "rule": "r: Holds when in every group `column` lies below `most`.",
        "evidence": {"n": 1, "estimates": estimates, "counts": {}},
        "params": {"column": "mean_risk", "most": 0.5, "group": ["law", "n"], "pairs": [["knn", "poly"]], "level": 0.95},
    } | more  # fmt: skip


@pytest.mark.parametrize(
    ("tex", "said"),
    [
        (r"\frac{d+1}{2} \le \sqrt{a}", "(d+1)/2 ≤ √a"),
        (r"\Vert\tilde f - \hat{\mu}\Vert_Q^2", "‖f̃ − μ̂‖<sub>Q</sub><sup>2</sup>"),
        (r"\bigl\lbrace x_{i+1} \lt \lambda \bigr\rbrace", "{ x<sub>i+1</sub> &lt; λ }"),
        (r"\mathbb E_P \log \Delta_\infty < 1", "E<sub>P</sub> log Δ<sub>∞</sub> &lt; 1"),
    ],
)
def test_formulas_are_readable(tex: str, said: str) -> None:
    assert " ".join(formula(tex).split()) == said


def test_statements_keep_their_words_and_lines() -> None:
    text = "*Assumptions.* Let $a < b$\nbe *given*. Then\n```math\na^2 .\n```\n- one & two"
    assert html(text) == "Assumptions. Let a &lt; b be given. Then\na<sup>2</sup> .\n- one &amp; two"
    assert "proof" not in str(quoted(["4.2 The limit of the signed gap"])).lower()


def test_a_citation_leads_to_its_statement() -> None:
    page = cited("1.7 Not covered; 4.2 The limit of the signed gap: <b>")
    assert '<a href="#statement-4.2">4.2 The limit of the signed gap</a>: &lt;b&gt;' in page
    assert list(quoted(["1.7 Not covered", "4.2 The limit of the signed gap: so"])) == ["1.7", "4.2"]


def test_a_rule_is_told_in_words_with_its_parameters() -> None:
    assert rule_in_words(entry("a/x")) == (
        "Holds when in every group mean risk lies below 0.5. "
        "Here: one group for each law and n; pairs: knn / poly; all intervals hold jointly with probability 95.0%."
    )


def test_of_many_groups_the_extremes_are_shown_and_the_farthest_is_named() -> None:
    assert [(g.name, g.predicted) for g in groups(entry("a/x"))] == [(f"law {k}", "0.1") for k in (0, 1, 2, 7, 8, 9)]
    assert brief(PREDICTED + "; within 1 wanted") == "farthest of 10: law 9: 0.9 ± 0.01, predicted 0.1; within 1 wanted"


def test_the_page_answers_the_abstract_and_says_how_verdicts_are_meant(tmp_path: Path) -> None:
    """Of the first sentence one claim holds, one is skipped and a near miss fails; another claim bears on none."""
    found = [
        entry("convergence/vanishing"), entry("convergence/vanishing-uncovered", "violated", of="vanishing"),
        entry("tabular/utility", "skipped"), entry("fidelity/closed-form", "inconclusive"),
    ]  # fmt: skip
    merge(tmp_path, found, report.order())
    page = report.write(tmp_path, tmp_path).read_text()
    assert "1 of 2 claims hold, 1 skipped; 1 of 1 near misses fail, as they must." in page
    assert [s.sentence in page for s in sentences().values()] == [True, False, False]
    assert "Not run: convergence/relative, specification/both-faults, convergence/relative-tail" in page
    assert ">violated<" not in page
    assert page.count("fails as expected") == 2
    assert re.findall(r"Of fidelity/closed-form &lt;b&gt;</a>", page), "what is open stands apart"
