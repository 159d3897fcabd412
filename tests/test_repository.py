"""The repository: imports run one way, the files that tools need say what they should."""

import ast
from pathlib import Path

import pytest
import yaml

from tests.conftest import ROOT

LAYERS = {"theory": 0, "experiments": 1, "figures": 2}
SOURCES = [p for layer in LAYERS for p in sorted((ROOT / layer).rglob("*.py"))]


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
