"""Which version of the code made a cell's rows: a digest of the modules that the cell runs through.

The digest covers the modules of the cell's measurement and components and all modules of this project that they import,
directly or not, without comments and docstrings: a new learner or a better comment makes no row stale, a mended formula does.
"""

import ast
import hashlib
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from experiments.config.registry import components
from experiments.engine.grid import COMPONENT_AXES, GROUP_OF

ROOT = Path(__file__).resolve().parents[2]
LAYERS = ("theory", "experiments")


def fingerprint(config: Mapping[str, Any]) -> str:
    """Return 16 hex digits for the code behind a planned cell's configuration."""
    kinds = {("measurement", config["measurement"]["kind"])}
    for axis, spec in config["parts"].items():
        if axis in COMPONENT_AXES:
            group = GROUP_OF.get(axis, axis)
            kinds |= {(group, one["kind"]) for one in ([spec] if "kind" in spec else spec.values())}
            if axis == "responses" and "by" in spec:
                kinds.add(("learner", spec["by"]))
    return of_modules(frozenset(components(group)[kind].__module__ for group, kind in kinds))


@cache
def of_modules(roots: frozenset[str], layers: tuple[str, ...] = LAYERS) -> str:
    """Return 16 hex digits for the code of some modules and all that they import of the packages `layers`."""
    reached: set[str] = set()
    waiting = list(roots)
    while waiting:
        module = waiting.pop()
        if module not in reached:
            reached.add(module)
            waiting += _imports(module, layers)
    text = "\n".join(f"{module} {_digest(module)}" for module in sorted(reached))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _path(module: str) -> Path | None:
    base = ROOT.joinpath(*module.split("."))
    for path in (base.with_suffix(".py"), base / "__init__.py"):
        if path.is_file():
            return path
    return None


@cache
def _tree(module: str) -> ast.Module:
    path = _path(module)
    return ast.parse(path.read_text(encoding="utf-8") if path else "")


@cache
def _imports(module: str, layers: tuple[str, ...]) -> list[str]:
    """The modules of the packages `layers` that a module imports; a package stands for its __init__."""
    return sorted({name for name in _named(_tree(module)) if name.split(".")[0] in layers and _path(name)})


def _named(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (a.name for a in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{a.name}" for a in node.names)


@cache
def _digest(module: str) -> str:
    tree = _tree(module)
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            node.body = [s for s in node.body if not _is_text(s)]
    return hashlib.sha256(ast.dump(tree).encode()).hexdigest()


def _is_text(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
