"""Which version of the code made a cell's rows: a digest of the definitions that the cell runs through.

The code is seen as a graph of top-level definitions: functions, classes and constants, each with an edge to every name it
uses. A cell's version covers the definitions reached from the classes of its components and its measurement, without
comments and docstrings, and the versions of the third-party packages reached. A new learner or a better comment makes no
row stale; a corrected formula or another numpy does. `experiments.config` is left out, because a cell's key already covers
its resolved configuration. What cannot be resolved to a definition counts as its whole module.
"""

import ast
import hashlib
import sys
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from importlib.util import resolve_name
from itertools import accumulate
from pathlib import Path
from typing import Any

from experiments.config.registry import component_class
from experiments.engine.grid import COMPONENT_AXES, GROUP_OF

ROOT = Path(__file__).resolve().parents[2]
LAYERS = ("theory", "experiments", "figures")
LEFT_OUT = "experiments.config"
DISTRIBUTIONS = {"sklearn": "scikit-learn", "PIL": "pillow", "yaml": "PyYAML"}
"""Packages that are installed under another name than they are imported by."""

Definition = tuple[str, str]
"""A module and a top-level name in it; `LOOSE` for its statements that bind no name (and its star imports), `WHOLE` for all."""
LOOSE, WHOLE = "", "*"


def fingerprint(config: Mapping[str, Any]) -> str:
    """Return 16 hex digits for the code behind a planned cell's configuration."""
    return _project().version(roots(config))


def of_modules(modules: Iterable[str]) -> str:
    """Return 16 hex digits for the code of whole modules and of what they use."""
    return _project().version(frozenset((module, WHOLE) for module in modules))


def roots(config: Mapping[str, Any]) -> frozenset[Definition]:
    """Return the classes of a planned cell's measurement and components."""
    kinds = {("measurement", config["measurement"]["kind"])}
    for axis, spec in config["parts"].items():
        if axis in COMPONENT_AXES:
            kinds |= {(GROUP_OF.get(axis, axis), one["kind"]) for one in ([spec] if "kind" in spec else spec.values())}
            if axis == "responses" and "by" in spec:
                kinds.add(("learner", spec["by"]))
    classes = (component_class(group, kind) for group, kind in kinds)
    return frozenset((cls.__module__, cls.__qualname__) for cls in classes)


@cache
def _project() -> "CodeGraph":
    return CodeGraph(ROOT)


class CodeGraph:
    """The definitions of the packages `LAYERS` below a folder, and which of them use which; files are read once."""

    def __init__(self, root: Path):
        self.root = root
        self._modules: dict[str, _Module | None] = {}
        self._nodes: dict[Definition, tuple[str, set[Definition]]] = {}
        self._versions: dict[frozenset[Definition], str] = {}

    def version(self, roots: frozenset[Definition]) -> str:
        """Return 16 hex digits for everything reached from some definitions."""
        if roots not in self._versions:
            reached = self.reached(roots)
            lines = [f"{module} {name} {self._node((module, name))[0]}" for module, name in sorted(reached)]
            lines += [f"{package} {_installed(package)}" for package in self.packages(reached)]
            self._versions[roots] = hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]
        return self._versions[roots]

    def reached(self, roots: Iterable[Definition]) -> set[Definition]:
        """Return all definitions that some definitions use, directly or not, names imported from elsewhere included."""
        found: set[Definition] = set()
        waiting = list(roots)
        while waiting:
            definition = waiting.pop()
            if definition not in found:
                found.add(definition)
                waiting += self._node(definition)[1]
        return found

    def packages(self, reached: Iterable[Definition]) -> list[str]:
        """Return the third-party packages among the definitions reached, by the names they are imported by."""
        top = {module.partition(".")[0] for module, _ in reached}
        return sorted(top - set(LAYERS) - sys.stdlib_module_names)

    def _node(self, definition: Definition) -> tuple[str, set[Definition]]:
        """The digest of a definition and what it uses directly."""
        if definition not in self._nodes:
            self._nodes[definition] = self._read(*definition)
        return self._nodes[definition]

    def _read(self, name_of_module: str, name: str) -> tuple[str, set[Definition]]:
        module, submodule = self._module(name_of_module), f"{name_of_module}.{name}"
        if module and name in module.names:
            statements, imported = module.bound.get(name, []), module.imported.get(name, set())
            text = " ".join([*map(ast.dump, statements), *map(str, sorted(imported))])
            used = imported | {definition for statement in statements for definition in module.uses(statement)}
            packages = accumulate(name_of_module.split("."), "{}.{}".format)
            return hashlib.sha256(text.encode()).hexdigest(), used | {(package, LOOSE) for package in packages}
        if module and name == WHOLE:
            return "", {(name_of_module, each) for each in module.names}
        if self._module(submodule):
            return "", {(submodule, WHOLE)}
        return "", {(name_of_module, WHOLE)} if module else set()

    def _module(self, name: str) -> "_Module | None":
        """A module of the project, None for any other."""
        if name not in self._modules:
            base = self.root.joinpath(*name.split("."))
            paths = [p for p in (base.with_suffix(".py"), base / "__init__.py") if p.is_file()]
            ours = name.partition(".")[0] in LAYERS and not f"{name}.".startswith(f"{LEFT_OUT}.")
            self._modules[name] = _Module(name, paths[0]) if paths and ours else None
        return self._modules[name]


class _Module:
    """The top-level statements of one file by the names they bind, and what its imported names stand for."""

    def __init__(self, name: str, path: Path):
        self.name = name
        self.package = name if path.name == "__init__.py" else name.rpartition(".")[0]
        self.bound: dict[str, list[ast.stmt]] = {LOOSE: []}
        self.imported: dict[str, set[Definition]] = {}
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
                node.body = [s for s in node.body if not _is_text(s)]
        for statement in tree.body:
            self._add(statement)
        self.names = {*self.bound, *self.imported}

    def _add(self, statement: ast.stmt) -> None:
        if isinstance(statement, ast.If) and ast.unparse(statement.test).endswith("TYPE_CHECKING"):
            return
        if not isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            for name, definition in self._imports(statement):
                self.imported.setdefault(LOOSE if name == WHOLE else name, set()).add(definition)
        if not isinstance(statement, ast.Import | ast.ImportFrom):
            for name in _names_bound(statement) or {LOOSE}:
                self.bound.setdefault(name, []).append(statement)

    def uses(self, statement: ast.stmt) -> Iterator[Definition]:
        """Yield what a statement of the module uses: names bound at its top level, and what it imports itself."""
        for node in ast.walk(statement):
            if isinstance(node, ast.Name) and node.id in self.names:
                yield self.name, node.id
        yield from (definition for _, definition in self._imports(statement))

    def _imports(self, statement: ast.stmt) -> Iterator[tuple[str, Definition]]:
        """Yield the imports in a statement: the name bound (`WHOLE` for a star) and what it stands for."""
        for node in ast.walk(statement):
            if isinstance(node, ast.Import):
                yield from ((a.asname or a.name.partition(".")[0], (a.name, WHOLE)) for a in node.names)
            elif isinstance(node, ast.ImportFrom):
                source = resolve_name("." * node.level + (node.module or ""), self.package)
                yield from ((a.asname or a.name, (source, a.name)) for a in node.names)


def _names_bound(statement: ast.stmt) -> set[str]:
    """The names that a statement defines or assigns to; in a compound statement, at any depth."""
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return {statement.name}
    parts: list[ast.AST] = [statement]
    if isinstance(statement, ast.Assign):
        parts = [*statement.targets]
    elif isinstance(statement, ast.AnnAssign | ast.AugAssign):
        parts = [statement.target]
    nodes = [node for part in parts for node in ast.walk(part)]
    names = {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    return names | {n.name for n in nodes if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)}


def _is_text(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


@cache
def _installed(package: str) -> str:
    try:
        return version(DISTRIBUTIONS.get(package, package))
    except PackageNotFoundError:
        return "absent"
