"""From one experiment's configuration to its cells."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from typing import Any

from experiments.config.registry import ConfigError, build, declared, known_kind, near
from experiments.config.selection import SIZE_AXES, Restrictions
from experiments.engine.store import cell_hash
from experiments.measurements.base import Cell, Measurement

GROUP_OF = {"real_law": "law", "synthetic_law": "law"}
COMPONENT_AXES = ("task", "real_law", "synthetic_law", "generator", "responses", "learner", "dataset", "model")


@dataclass(frozen=True)
class PlannedCell:
    """A cell to compute: its configuration (which is hashed) and the labels of its axes (which are not)."""

    config: dict[str, Any]
    labels: dict[str, Any]

    @cached_property
    def key(self) -> str:
        """The cell's hash, its place on disk."""
        return cell_hash(self.config)


def plan(experiment: Mapping[str, Any]) -> list[PlannedCell]:
    """Return the cells of an experiment, each once: the product of its measurements' axes, as far as `restrict` allows.

    Parameters
    ----------
    experiment : Mapping
        A resolved configuration: `measurement`, one mapping `{label: {kind, options}}` per component axis, lists for
        `n` and `ratio`, `replicates`, `seed`, and `restrict` (experiments.config.selection). An option that holds a list
        where one value is expected is an axis of its own. Each of several measurements has the product of its axes.

    Raises
    ------
    ConfigError
        Unknown component or option, wrong type, value out of range, components that do not fit together.
    """
    cells: dict[str, PlannedCell] = {}
    for name, spec in experiment["measurement"].items():
        for planned in _of_measurement(experiment, name, completed("measurement", spec)):
            cells.setdefault(planned.key, planned)
    if not cells:
        raise ConfigError("restrict: nothing is left of the experiment with these axes")
    return list(cells.values())


def _of_measurement(experiment: Mapping[str, Any], name: str, spec: Mapping[str, Any]) -> Iterator[PlannedCell]:
    measurement: Measurement = build("measurement", spec)
    axes = {axis: _axis(experiment, axis, axis in measurement.joint) for axis in measurement.axes}
    present = {a: [*e[0][0]] if a in measurement.joint else [label for label, _ in e] for a, e in axes.items()}
    restrictions = Restrictions(experiment.get("restrict", {}), present | {"measurement": list(experiment["measurement"])})
    for chosen in product(*axes.values()):
        parts = dict(zip(axes, (value for _, value in chosen)))
        single = {a: label for a, (label, _) in zip(axes, chosen) if a not in measurement.joint} | {"measurement": name}
        for axis in measurement.joint:
            parts[axis] = {k: v for k, v in parts[axis].items() if restrictions.allow(single | {axis: k})}
        if not restrictions.allow(single) or not all(parts[axis] for axis in measurement.joint):
            continue
        seen = {a: tuple(parts[a]) if a in measurement.joint else single[a] for a in axes} | {"measurement": name}
        replicates = restrictions.replicates(seen, experiment["replicates"])
        config = {"measurement": spec, "parts": parts, "replicates": replicates, "seed": experiment["seed"]}
        measurement.check(assemble(config)[1])
        yield PlannedCell(config, seen)


def assemble(config: Mapping[str, Any]) -> tuple[Measurement, Cell]:
    """Build the measurement and the cell of a planned configuration."""
    parts = config["parts"]
    built = {a: _built(a, spec) for a, spec in parts.items() if a in COMPONENT_AXES}
    n = parts.get("n", 0)
    m = round(parts.get("ratio", 1.0) * n)
    cell = Cell(built, n, m, config["replicates"], config["seed"])
    return build("measurement", config["measurement"]), cell


def _built(axis: str, spec: Any) -> Any:
    """One component, or a mapping of them on a joint axis."""
    group = GROUP_OF.get(axis, axis)
    return build(group, spec, axis) if "kind" in spec else {k: build(group, v, f"{axis}.{k}") for k, v in spec.items()}


def completed(group: str, spec: Mapping[str, Any], where: str = "") -> dict[str, Any]:
    """Return a component's configuration, every default filled in and every value of its own type; errors name `where`."""
    part = build(group, spec, where)
    return {"kind": spec["kind"]} | {name: getattr(part, name) for name in declared(group)[spec["kind"]].options}


def _axis(experiment: Mapping[str, Any], axis: str, joint: bool) -> list[tuple[Any, Any]]:
    """The (label, value) pairs along one axis; a joint axis is a single value that holds all of them."""
    entries = list(_entries(experiment, axis))
    if joint:
        entries.sort(key=lambda entry: str(entry[0]))  # positions in rows must not depend on an order that is not hashed
    return [(tuple(label for label, _ in entries), dict(entries))] if joint else entries


def _entries(experiment: Mapping[str, Any], axis: str) -> Iterator[tuple[Any, Any]]:
    """Yield (label, value) along one axis."""
    if axis in SIZE_AXES:
        yield from ((value, value) for value in experiment[axis])
        return
    group = GROUP_OF.get(axis, axis)
    if not any("kind" in spec for spec in experiment[axis].values()):
        raise ConfigError(f"{axis}: nothing selected{near('', declared(group))}")
    for label, spec in experiment[axis].items():
        if "kind" not in spec:
            continue  # options of a component that the command line deselected
        for suffix, single in _expand(group, spec, f"{axis}.{label}"):
            yield label + suffix, completed(group, single, f"{axis}.{label}")


def _expand(group: str, spec: Mapping[str, Any], where: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield one specification for each combination of options given as lists, with a suffix for the label."""
    plain = declared(group)[known_kind(group, spec, where)].options
    lists = {k: v for k, v in spec.items() if isinstance(v, list) and not isinstance(plain.get(k), (list, tuple))}
    for values in product(*lists.values()):
        chosen = dict(zip(lists, values))
        text = ", ".join(f"{k}={v:g}" if isinstance(v, float) else f"{k}={v}" for k, v in chosen.items())
        yield f"({text})" if text else "", {**spec, **chosen}
