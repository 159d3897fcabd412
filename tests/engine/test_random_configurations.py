"""Random configurations: each composes and runs, or is refused with one clear line."""

import types
import typing
import warnings
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from experiments.config.compose import experiments_of
from experiments.config.registry import ConfigError, components
from experiments.config.selection import SIZE_AXES
from experiments.engine.grid import GROUP_OF, plan
from experiments.engine.run import compute
from experiments.measurements.simulated import Simulated

PAPER = pytest.mark.paper
AXES = {axis: GROUP_OF.get(axis, axis) for axis in Simulated.axes if axis not in SIZE_AXES}
COMMON = {"generator": ["two_stage"] * 40, "law": ["uniform", "beta", "truncated_normal", "restricted"] * 8}
"""Components that fit most worlds, drawn more often, so that many configurations are runnable."""

VALUES: dict[type, list[Any]] = {
    float: [-1.0, 0.0, 0.1, 0.5, 0.9, 1.0, 2.0, 30.0], int: [-1, 0, 1, 2, 5, 40], bool: [True, False],
    str: ["knn", "no-such-name"],
}


def options(draw: st.DrawFn, kind: type) -> dict[str, Any]:
    """Some options of a component, of the right type but of any value."""
    chosen = {}
    for name, hint in typing.get_type_hints(kind).items():
        if name not in kind.__dataclass_fields__ or draw(st.integers(0, 9)):  # type: ignore[attr-defined]
            continue
        plain = typing.get_args(hint)[0] if typing.get_origin(hint) in (typing.Union, types.UnionType) else hint
        if plain in VALUES:
            chosen[name] = draw(st.sampled_from(VALUES[plain]))
    return chosen


@st.composite
def command_lines(draw: st.DrawFn) -> list[str]:
    words = ["experiment=convergence", "learner=knn", "budget=smoke", "replicates=2", "measurement.simulated.nodes=64"]
    words += ["measurement.simulated.test_size=8", f"n={draw(st.sampled_from([2, 5, 30]))}"]
    words += [f"ratio={draw(st.sampled_from([0.5, 1, 3]))}", f"seed={draw(st.integers(0, 3))}"]
    for axis, group in AXES.items():
        fitting = COMMON.get(group, [])
        name = draw(st.sampled_from([*fitting, *sorted(components(group))]))
        words.append(f"{axis}={name}")
        for option, value in options(draw, components(group)[name]).items():
            words.append(f"{axis}.{name}.{option}={value if value != '' else chr(34) * 2}")
    return words


def planned(words: list[str]) -> list[Any]:
    """The cells of a command line; none when it is refused, which must take one line."""
    refusal = "nothing: refused"
    try:
        return plan(experiments_of(words)[0].config)
    except ConfigError as mistake:
        refusal = str(mistake)
    assert len(refusal.splitlines()) == 1
    assert ":" in refusal
    return []


def run_one(words: list[str]) -> None:
    cells = planned(words)
    assume(cells)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        compute(cells[0].config)


@pytest.mark.parametrize(
    ("check", "examples"),
    [(planned, 20), (run_one, 3), pytest.param(planned, 2000, marks=PAPER), pytest.param(run_one, 200, marks=PAPER)],
)
def test_random_configurations(check: Callable[[list[str]], object], examples: int) -> None:
    @settings(max_examples=examples, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(command_lines())
    def each(words: list[str]) -> None:
        check(words)

    each()
