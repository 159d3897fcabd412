"""The README is true: commands compose, the tree exists, tables are current."""

import re
import shlex
from pathlib import Path

import pytest

from experiments.config.compose import experiments_of, names
from figures.report import tables
from run import COMMANDS as COMMANDS_OF_RUN
from run import command_of
from tests.conftest import ROOT

TEXT = (ROOT / "README.md").read_text(encoding="utf-8")
COMMANDS = sorted({line.split("#")[0].strip() for line in re.findall(r"^python run\.py .*$", TEXT, flags=re.M)})
LATER = [c for c in COMMANDS if command_of(shlex.split(c)[2:]) is not None]
PLAIN = [
    c
    for c in COMMANDS
    if c not in LATER and " -m " not in c and "=HOST" not in c and "=<" not in c and "experiment=audit" not in c
]


@pytest.mark.parametrize("command", PLAIN)
def test_its_commands_compose(command: str) -> None:
    assert experiments_of(shlex.split(command)[2:])


@pytest.mark.parametrize("command", LATER)
def test_its_commands_about_finished_runs_are_understood(command: str) -> None:
    words = shlex.split(command)[2:]
    keys = {"experiment", str(command_of(words)).partition("=")[0]}
    assert {w.partition("=")[0] for w in words} <= keys
    assert {w.partition("=")[2] for w in words if w.startswith("experiment=")} <= set(names())


def test_there_are_commands() -> None:
    assert len(PLAIN) >= 3
    assert {str(command_of(shlex.split(c)[2:])).partition("=")[0] for c in LATER} == set(COMMANDS_OF_RUN)


@pytest.mark.parametrize("page", tables.FILES, ids=str)
def test_its_tables_are_current(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert text == tables.renewed(text), "python -m figures.report.tables"
    assert "<!-- table" in text


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
