"""The repository and its pages: imports run one way, commands compose, links lead somewhere, tables are current."""

import ast
import re
import shlex
from importlib.util import find_spec
from pathlib import Path

import pytest
import yaml

from experiments.config.compose import experiments_of, names
from figures.publish import PUBLISHED
from figures.report import tables
from run import COMMANDS as COMMANDS_OF_RUN
from run import command_of
from tests.conftest import ROOT

LAYERS = {"theory": 0, "experiments": 1, "figures": 2}
SOURCES = [p for layer in LAYERS for p in sorted((ROOT / layer).rglob("*.py"))]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md")), PUBLISHED / "README.md"]
LINKING = dict.fromkeys([*PAGES, *(p for layer in LAYERS for p in sorted((ROOT / layer).rglob("*.md")))])
FENCED = [
    line.split("#")[0].strip()
    for page in PAGES
    for block in re.findall(r"^```\n(.*?)^```", page.read_text(encoding="utf-8"), flags=re.M | re.S)
    for line in block.replace("\\\n", "").splitlines()
]
COMMANDS = sorted({line for line in FENCED if line.startswith("python run.py ")})
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


@pytest.mark.parametrize("target", sorted({line.split()[1] for line in FENCED if line.startswith("make ")}))
def test_its_targets_exist(target: str) -> None:
    assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text(), flags=re.M)


@pytest.mark.parametrize("module", sorted({line.split()[2] for line in FENCED if line.startswith("python -m ")}))
def test_its_modules_exist(module: str) -> None:
    assert find_spec(module) is not None


@pytest.mark.parametrize("page", LINKING, ids=lambda p: str(p.relative_to(ROOT)))
def test_its_links_lead_somewhere(page: Path) -> None:
    for path, anchor in re.findall(r"\]\(([^)#\s]*)#?([^)\s]*)\)", page.read_text(encoding="utf-8")):
        if path.startswith("http"):
            continue
        target = page.parent / path if path else page
        assert target.exists(), path
        assert not anchor or anchor in anchors(target), f"{path}#{anchor}"


def anchors(page: Path) -> set[str]:
    """Where GitHub lets a link to a page lead: its headings in lower case, without punctuation, spaces as hyphens."""
    headings = re.findall(r"^#+ (.*)$", page.read_text(encoding="utf-8"), flags=re.M)
    return {re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-") for heading in headings}


def test_there_are_commands() -> None:
    assert len(PLAIN) >= 3
    assert {str(command_of(shlex.split(c)[2:])).partition("=")[0] for c in LATER} == set(COMMANDS_OF_RUN)


@pytest.mark.parametrize("page", tables.FILES, ids=str)
def test_its_tables_are_current(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert text == tables.renewed(text), "python -m figures.report.tables"
    assert "<!-- table" in text


@pytest.mark.parametrize(
    ("reason", "told"),
    [
        ("slope -0.3 ± 0.1 over n ≥ 9 (knn), must be below 1", "slope -0.3 ± 0.1 over n ≥ 9"),
        ("a: 0.1 ± 0.2, predicted 0.1; b: 0.5 ± 0.2, predicted 0.2; c: 9 ± 1, predicted 9.1", "b: 0.5 ± 0.2, predicted 0.2"),
        ("U_Q/U_P, a: 1 → 2 [1, 3]; b: 9 → 4 [3, 5]; slopes wanted below 1", "b: 9 → 4 [3, 5]"),
    ],
)
def test_the_worst_number_of_a_reason(reason: str, told: str) -> None:
    assert tables.worst(reason) == told


def test_the_tree_is_true() -> None:
    tree = (ROOT / "README.md").read_text(encoding="utf-8").split("## Tree")[1].split("```")[1]
    folder = ""
    for line in tree.strip().splitlines():
        name, inside = line.split()[0], line.startswith(" ")
        assert (ROOT / (folder if inside else "") / name).exists(), name
        folder = folder if inside else name


def test_make_lists_every_target() -> None:
    makefile = (ROOT / "Makefile").read_text()
    targets = set(re.findall(r"^([a-z-]+):(?!=)", makefile, flags=re.M))
    assert targets == set(re.findall(r"^([a-z-]+):.*## ", makefile, flags=re.M))
