"""The README says what is so: commands compose, the tree is there, every claim is in the table."""

import re
import shlex

import pytest

from experiments.compose import experiments_of, names
from tests.conftest import ROOT

TEXT = (ROOT / "README.md").read_text(encoding="utf-8")
COMMANDS = sorted({line.split("#")[0].strip() for line in re.findall(r"^python run\.py .*$", TEXT, flags=re.M)})
PLAIN = [c for c in COMMANDS if " -m " not in c and "=HOST" not in c and "=<" not in c and "experiment=audit" not in c]


@pytest.mark.parametrize("command", PLAIN)
def test_its_commands_compose(command: str) -> None:
    assert experiments_of(shlex.split(command)[2:])


def test_there_are_commands() -> None:
    assert len(PLAIN) >= 3


@pytest.mark.parametrize("name", [n for n, suite in names().items() if suite in ("main", "data")])
def test_every_claim_is_in_the_table(name: str) -> None:
    [experiment] = experiments_of([f"experiment={name}"])
    for slug, claim in experiment.config["claims"].items():
        if claim["kind"] == "claim":
            assert f"`{name}/{slug}`" in TEXT


def test_the_tree_is_true() -> None:
    tree = TEXT.split("## Tree")[1].split("```")[1]
    folder = ""
    for line in tree.strip().splitlines():
        name = line.split()[0]
        folder = name if not line.startswith(" ") else folder
        path = ROOT / name if not line.startswith(" ") else ROOT / folder / name
        assert path.exists(), name


def test_make_lists_every_target() -> None:
    makefile = (ROOT / "Makefile").read_text()
    targets = set(re.findall(r"^([a-z-]+):(?!=)", makefile, flags=re.M))
    assert targets == set(re.findall(r"^([a-z-]+):.*## ", makefile, flags=re.M))


def test_theorems_of_claims_are_statements_of_the_theory() -> None:
    stated = set(re.findall(r"^\*\*(\d\.\d+)", (ROOT / "theory" / "README.md").read_text(encoding="utf-8"), flags=re.M))
    for name in names():
        [experiment] = experiments_of([f"experiment={name}"])
        for claim in experiment.config["claims"].values():
            assert set(re.findall(r"\d\.\d+", claim["theorem"])) <= stated
