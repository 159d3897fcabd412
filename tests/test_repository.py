"""The repository and its README: imports run one way, commands compose, the tree exists, tables are current."""

import ast
import re
import shlex
from pathlib import Path

import pytest
import yaml

from experiments.config.compose import experiments_of, names
from figures.report import tables
from run import COMMANDS as COMMANDS_OF_RUN
from run import command_of
from tests.conftest import ROOT

LAYERS = {"theory": 0, "experiments": 1, "figures": 2}
SOURCES = [p for layer in LAYERS for p in sorted((ROOT / layer).rglob("*.py"))]
TEXT = (ROOT / "README.md").read_text(encoding="utf-8")
COMMANDS = sorted({line.split("#")[0].strip() for line in re.findall(r"^python run\.py .*$", TEXT, flags=re.M)})
LATER = [c for c in COMMANDS if command_of(shlex.split(c)[2:]) is not None]
ELSEWHERE = (" -m ", "=HOST", "=<", "experiment=audit")
PLAIN = [c for c in COMMANDS if c not in LATER and not any(part in c for part in ELSEWHERE)]


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: str(p.relative_to(ROOT)))
def test_imports_run_from_theory_to_figures(path: Path) -> None:
    layer = LAYERS[path.relative_to(ROOT).parts[0]]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            modules = [a.name for a in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            modules = [node.module or ""]
        else:
            continue
        for module in modules:
            assert LAYERS.get(module.split(".")[0], -1) <= layer, f"{path.name} imports {module}"


def test_environment_installs_the_pinned_requirements() -> None:
    parsed = yaml.safe_load((ROOT / "environment.yml").read_text())
    pip = next(d["pip"] for d in parsed["dependencies"] if isinstance(d, dict))
    assert pip == ["-r requirements.txt"]
    assert "pip" in parsed["dependencies"]
    assert any(str(d).startswith("python") for d in parsed["dependencies"])


def test_requirements_are_exact() -> None:
    lines = [line for line in (ROOT / "requirements.txt").read_text().splitlines() if line and line[0] != "#"]
    assert all("==" in line for line in lines)
    assert "torch==2.13.0" in lines


def test_what_is_made_is_ignored() -> None:
    ignored = (ROOT / ".gitignore").read_text().split()
    assert {"outputs/", "data/", ".venv"} <= set(ignored)


def test_ci_calls_make_test() -> None:
    assert "make test" in (ROOT / ".ci" / "run").read_text()


def test_nothing_is_unpickled_or_evaluated() -> None:
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                assert node.func.id not in ("eval", "exec"), path
            if isinstance(node, ast.Import | ast.ImportFrom):
                names = [a.name for a in node.names] + [getattr(node, "module", "") or ""]
                assert "pickle" not in names, path


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
        name, inside = line.split()[0], line.startswith(" ")
        assert (ROOT / (folder if inside else "") / name).exists(), name
        folder = folder if inside else name


def test_make_lists_every_target() -> None:
    makefile = (ROOT / "Makefile").read_text()
    targets = set(re.findall(r"^([a-z-]+):(?!=)", makefile, flags=re.M))
    assert targets == set(re.findall(r"^([a-z-]+):.*## ", makefile, flags=re.M))
