"""One decorator turns a frozen dataclass into a named, typed option; components are found by walking, never listed.

Names and default options are read from the source without importing it, so that a command line is checked, and `--help`
answered, before anything heavy loads; a component's module is imported when it is built.
"""

import ast
import importlib
import types
import typing
from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields, is_dataclass
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Annotated, Any, NamedTuple, TypeVar

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("laws", "tasks", "responses", "generators", "learners", "datasets", "models", "measurements", "related")

T = TypeVar("T")
_found: dict[str, dict[str, type]] = {}


class ConfigError(ValueError):
    """A mistake in the configuration, reported in one line: key, what was expected, near match."""


def component(group: str, name: str) -> Callable[[type[T]], type[T]]:
    """Register a frozen dataclass as the component that a configuration selects by `name`.

    `group` says what it is: `law`, `task`, `responses`, `generator`, `learner`, `dataset`, `model`, `measurement`. Raises
    `TypeError` when the class is not a dataclass, or the name is taken.
    """

    def register(cls: type[T]) -> type[T]:
        if not is_dataclass(cls):
            raise TypeError(f"{cls.__name__} must be a frozen dataclass")
        known = _found.setdefault(group, {})
        if name in known and known[name].__qualname__ != cls.__qualname__:
            raise TypeError(f"{group} {name!r} is defined twice")
        known[name] = cls
        return cls

    return register


class Declared(NamedTuple):
    """A component as its source declares it: the module to import, and its options with their defaults."""

    module: str
    options: dict[str, Any]


@cache
def declared(group: str) -> dict[str, Declared]:
    """Return the components of a group by name, in alphabetical order, without importing them."""
    return dict(sorted(_declared().get(group, {}).items()))


@cache
def _declared() -> dict[str, dict[str, Declared]]:
    found: dict[str, dict[str, Declared]] = {}
    for path in (path for package in PACKAGES for path in sorted((ROOT / "experiments" / package).glob("*.py"))):
        module = f"experiments.{path.parent.name}.{path.stem}"
        for node in _classes(module).values():
            for decorator in node.decorator_list:
                if isinstance(decorator, ast.Call) and _name(decorator.func) == "component":
                    group, name = map(ast.literal_eval, decorator.args)
                    if name in found.setdefault(group, {}):
                        raise TypeError(f"{group} {name!r} is defined twice")
                    found[group][name] = Declared(module, _fields(module, node))
    return found


@cache
def _tree(module: str) -> ast.Module:
    path = ROOT.joinpath(*module.split(".")).with_suffix(".py")
    text = path.read_text(encoding="utf-8") if path.is_file() else ""
    return ast.parse(text if "dataclass" in text else "")


def _classes(module: str) -> dict[str, ast.ClassDef]:
    return {node.name: node for node in _tree(module).body if isinstance(node, ast.ClassDef)}


def _fields(module: str, node: ast.ClassDef) -> dict[str, Any]:
    """Fields of a dataclass and their defaults, which are literals, those of its bases first; none without default."""
    found: dict[str, Any] = {}
    for base in reversed(node.bases):
        place, inherited = _located(module, _name(base))
        if inherited and any("dataclass" in (_name(d), _name(getattr(d, "func", d))) for d in inherited.decorator_list):
            found |= _fields(place, inherited)
    for line in node.body:
        if isinstance(line, ast.AnnAssign) and _name(getattr(line.annotation, "value", line.annotation)) != "ClassVar":
            found[_name(line.target)] = ast.literal_eval(line.value) if line.value else None
    return found


def _name(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else ""


def _located(module: str, name: str) -> tuple[str, ast.ClassDef | None]:
    """Find the class that a module calls `name`: its own, or one that it imports from this project."""
    if name in _classes(module):
        return module, _classes(module)[name]
    for line in _tree(module).body:
        if isinstance(line, ast.ImportFrom) and line.module and any(a.name == name for a in line.names):
            return line.module, _classes(line.module).get(name)
    return module, None


def component_class(group: str, name: str) -> type:
    """Return the class of a component, its module imported."""
    importlib.import_module(declared(group)[name].module)
    return _found[group][name]


def components(group: str) -> dict[str, type]:
    """Return the classes of a group by name, in alphabetical order, all imported."""
    return {name: component_class(group, name) for name in declared(group)}


def near(word: str, known: Iterable[str]) -> str:
    """Return ` (did you mean 'x'?)` for the known word nearest to `word`, or the list of known words."""
    known = sorted(known)
    match = get_close_matches(str(word), known, n=1, cutoff=0.6)
    return f" (did you mean {match[0]!r}?)" if match else f" (known: {', '.join(known)})"


_hints = cache(typing.get_type_hints)


def build(group: str, spec: Mapping[str, Any], where: str = "") -> Any:
    """Make the component that `spec` describes: `{"kind": name, option: value, ...}`, options left out at their defaults.

    Raises `ConfigError` for an unknown kind or option, a wrong type, or a value out of range; messages name the key `where`,
    `group` if empty.
    """
    where = where or group
    kind = known_kind(group, spec, where)
    cls = component_class(group, kind)
    hints = _hints(cls)
    options = {}
    for key, value in spec.items():
        if key == "kind":
            continue
        if key not in {f.name for f in fields(cls)}:
            raise ConfigError(f"{where}.{key}: no such option of {kind}{near(key, hints)}")
        options[key] = convert(value, hints[key], f"{where}.{key}")
    try:
        return cls(**options)
    except (ValueError, TypeError) as error:
        raise ConfigError(f"{where}.{error}") from None


def known_kind(group: str, spec: Mapping[str, Any], where: str) -> str:
    """Return the `kind` of a component's configuration, or raise `ConfigError` where there is none of that name."""
    kind, known = spec.get("kind"), declared(group)
    if kind not in known:
        raise ConfigError(f"{where}: unknown {group} {kind!r}{near(str(kind), known)}")
    return str(kind)


def convert(value: Any, hint: Any, where: str) -> Any:
    """Return `value` as the annotated type (plain types, literals, tuples, dictionaries, unions), or raise `ConfigError`."""
    if typing.get_origin(hint) is typing.Literal:
        if value not in typing.get_args(hint):
            raise ConfigError(f"{where}: expected one of {', '.join(map(str, typing.get_args(hint)))}, got {value!r}")
        return value
    if hint is Any or (value is None and type(None) in typing.get_args(hint)):
        return value
    if typing.get_origin(hint) in (typing.Union, types.UnionType):
        inner = [a for a in typing.get_args(hint) if a is not type(None)]
        return convert(value, inner[0] if inner[0] is not str or isinstance(value, str) else inner[-1], where)
    if typing.get_origin(hint) is dict:
        if not isinstance(value, Mapping):
            raise ConfigError(f"{where}: expected a mapping, got {value!r}")
        return {str(k): convert(v, typing.get_args(hint)[1], f"{where}.{k}") for k, v in value.items()}
    if typing.get_origin(hint) is tuple:
        if isinstance(value, str) or not hasattr(value, "__iter__"):
            raise ConfigError(f"{where}: expected a list, got {value!r}")
        length = 0 if typing.get_args(hint)[-1] is Ellipsis else len(typing.get_args(hint))
        if length and len(value) != length:
            raise ConfigError(f"{where}: expected a list of {length}, got {list(value)!r}")
        return tuple(convert(v, typing.get_args(hint)[0], where) for v in value)
    if hint is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if hint is float and value in ("inf", ".inf"):
        return float("inf")
    if isinstance(value, hint) and not (hint is not bool and isinstance(value, bool)):
        return value
    raise ConfigError(f"{where}: expected {hint.__name__}, got {value!r}")


def require(condition: bool, field: str, expected: str, value: object) -> None:
    """Raise `ValueError("field: expected ..., got ...")` unless `condition` holds: for `__post_init__`."""
    if not condition:
        raise ValueError(f"{field}: expected {expected}, got {value!r}")


class Range(NamedTuple):
    """What the annotation of an option asks of its value: the words for messages, and the test."""

    expected: str
    holds: Callable[[Any], bool]


def whole(least: int) -> Range:
    """Return the range of whole numbers from `least`."""
    return Range(f"a whole number >= {least}", lambda value: value >= least)


def every(expected: str, holds: Callable[[Any], bool]) -> Range:
    """Return the range of the lists whose values all satisfy `holds`."""
    return Range(expected, lambda values: all(map(holds, values)))


UNIT = Range("a number in [0, 1]", lambda value: 0 <= value <= 1)

Count = Annotated[int, whole(1)]
Positive = Annotated[float, Range("a number > 0", lambda value: value > 0)]
NonNegative = Annotated[float, Range("a number >= 0", lambda value: value >= 0)]
Probability = Annotated[float, UNIT]
Shares = Annotated[tuple[float, ...], every("numbers in [0, 1]", UNIT.holds)]


class Component:
    """Base of the components: an option must lie in the range that its annotation states, unless it is None."""

    def __post_init__(self) -> None:
        for name, hint in typing.get_type_hints(type(self), include_extras=True).items():
            for limit in getattr(hint, "__metadata__", ()):
                value = getattr(self, name)
                require(value is None or limit.holds(value), name, limit.expected, value)
