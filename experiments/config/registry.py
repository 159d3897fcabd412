"""One decorator turns a frozen dataclass into a named, typed option; components are found by walking, never listed."""

import importlib
import pkgutil
import types
import typing
from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from difflib import get_close_matches
from functools import cache
from typing import Any, TypeVar

import experiments

PACKAGES = ("laws", "tasks", "responses", "generators", "learners", "datasets", "models", "measurements", "related")

T = TypeVar("T")
_found: dict[str, dict[str, type]] = {}


class ConfigError(ValueError):
    """A mistake in the configuration, told in one line: key, what was expected, near match."""


def component(group: str, name: str) -> Callable[[type[T]], type[T]]:
    """Register a frozen dataclass as the option `name` of `group`.

    Parameters
    ----------
    group : str
        What the component is: `law`, `task`, `responses`, `generator`, `learner`, `dataset`, `model`, `measurement`.
    name : str
        The name that selects it in a configuration.

    Returns
    -------
    Callable
        The decorator, which returns the class unchanged.

    Raises
    ------
    TypeError
        When the class is no dataclass, or the name is taken.
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


@cache
def _discover() -> None:
    for package in PACKAGES:
        parent = importlib.import_module(f"{experiments.__name__}.{package}")
        for module in pkgutil.iter_modules(parent.__path__):
            importlib.import_module(f"{parent.__name__}.{module.name}")


def components(group: str) -> dict[str, type]:
    """Return the classes registered under `group`, by name, in alphabetical order."""
    _discover()
    return dict(sorted(_found.get(group, {}).items()))


def near(word: str, known: typing.Iterable[str]) -> str:
    """Return ` (did you mean 'x'?)` for the known word nearest to `word`, or the list of known words."""
    known = sorted(known)
    match = get_close_matches(str(word), known, n=1, cutoff=0.6)
    return f" (did you mean {match[0]!r}?)" if match else f" (known: {', '.join(known)})"


def defaults(cls: type) -> dict[str, Any]:
    """Return the options of a component with their default values; a field without default gives `None`."""
    return {f.name: _default(f) for f in fields(cls)}


def _default(field: Field[Any]) -> Any:
    if field.default_factory is not MISSING:
        return field.default_factory()
    return None if field.default is MISSING else field.default


def build(group: str, spec: Mapping[str, Any], where: str = "") -> Any:
    """Make the component that `spec` describes, its types and ranges checked.

    Parameters
    ----------
    group : str
        The component's group.
    spec : Mapping
        `{"kind": name, option: value, ...}`; options left out take their defaults.
    where : str
        The key to name in messages; `group` if empty.

    Returns
    -------
    object
        An instance of the registered dataclass.

    Raises
    ------
    ConfigError
        Unknown kind or option, wrong type, value out of range.
    """
    where = where or group
    known = components(group)
    kind = spec.get("kind")
    if kind not in known:
        raise ConfigError(f"{where}: unknown {group} {kind!r}{near(str(kind), known)}")
    cls = known[kind]
    hints = typing.get_type_hints(cls)
    options = {}
    for key, value in spec.items():
        if key == "kind":
            continue
        if key not in {f.name for f in fields(cls)}:
            raise ConfigError(f"{where}.{key}: no such option of {kind}{near(key, defaults(cls))}")
        options[key] = convert(value, hints[key], f"{where}.{key}")
    try:
        return cls(**options)
    except (ValueError, TypeError) as error:
        raise ConfigError(f"{where}.{error}") from None


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
