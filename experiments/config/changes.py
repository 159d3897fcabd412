"""What a resolved configuration changes in the shipped one: by this, and not by words, runs are told apart."""

from collections.abc import Iterator, Mapping
from typing import Any

from omegaconf import OmegaConf

from experiments.config.registry import ROOT, declared
from experiments.config.schema import AXES

APART = ("executor", "output", "data", "budget", "verbose")
"""Keys that say where and how cells are run; the sizes that a budget chooses are compared where they are used."""


def changes(config: Mapping[str, Any], shipped: Mapping[str, Any]) -> dict[str, Any]:
    """Return what differs between two resolved configurations of one experiment.

    Parameters
    ----------
    config, shipped : Mapping
        The configuration asked for, and the one without overrides.

    Returns
    -------
    dict
        The new value of every dotted key that differs; a component axis with other components is a list of their labels,
        and a key that is gone is `~key`. Empty for other spellings of the same values: 1 and 1.0, a default written out.
    """
    found = _differing("", *({k: v for k, v in c.items() if k not in (*APART, *AXES)} for c in (config, shipped)))
    for axis in AXES:
        found |= _of_axis(axis, _selected(config[axis]), _selected(shipped[axis]))
    return found


def spread_replicates(config: dict[str, Any], shipped: Mapping[str, Any]) -> None:
    """Let an override of `replicates` reach measurements with an option of that name, unless it is set itself."""
    if config["replicates"] != shipped["replicates"]:
        for label, spec in config["measurement"].items():
            usual = shipped["measurement"].get(label) or declared("measurement")[spec["kind"]].options
            if "replicates" in spec and spec["replicates"] == usual["replicates"]:
                spec["replicates"] = config["replicates"]


def _selected(axis: Mapping[str, Any]) -> dict[str, Any]:
    """Return the components on an axis; options of one that is not selected have no `kind`."""
    return {label: spec for label, spec in axis.items() if "kind" in spec}


def _of_axis(axis: str, config: Mapping[str, Any], shipped: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {} if list(config) == list(shipped) else {axis: list(config)}
    for label, spec in config.items():
        usual = shipped.get(label) or _by_itself(axis, label)
        found |= _differing(f"{axis}.{label}", _completed(axis, spec), _completed(axis, usual))
    return found


def _by_itself(axis: str, label: str) -> Mapping[str, Any]:
    """Return a component as the command line selects it: a file of conf/, or a class with its defaults."""
    path = ROOT / "conf" / axis / f"{label}.yaml"
    known: Any = OmegaConf.to_container(OmegaConf.load(path)) if path.is_file() else {}
    return dict(known.get(label, {"kind": label}))


def _completed(axis: str, spec: Mapping[str, Any]) -> dict[str, Any]:
    """Return a component's configuration with its default options; an unknown kind is reported when it is built."""
    known = declared(AXES[axis]).get(spec["kind"])
    return {**(known.options if known else {}), **spec}


def _differing(key: str, value: Any, usual: Any) -> dict[str, Any]:
    """Return the leaves below `key` that differ."""
    if not (isinstance(value, Mapping) and isinstance(usual, Mapping)):
        return {} if _plain(value) == _plain(usual) else dict(_leaves(key, value))
    start = f"{key}." if key else ""
    found = {f"~{start}{gone}": True for gone in usual if gone not in value}
    for name, inner in value.items():
        below = f"{start}{name}"
        found |= _differing(below, inner, usual[name]) if name in usual else dict(_leaves(below, inner))
    return found


def _leaves(key: str, value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping) and value:
        for name, inner in value.items():
            yield from _leaves(f"{key}.{name}", inner)
    else:
        yield key, _plain(value)


def _plain(value: Any) -> Any:
    """Write numbers in one way, 1.0 as 1, and keep True apart from 1."""
    if isinstance(value, list | tuple):
        return [_plain(v) for v in value]
    if isinstance(value, bool):
        return str(value).lower()
    return int(value) if isinstance(value, float) and value.is_integer() else value
