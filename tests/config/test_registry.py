"""Components are found and described without importing them; their options name themselves when they are out of range."""

from dataclasses import MISSING, dataclass, fields
from typing import Any

import pytest

from experiments.config.registry import ConfigError, build, component, components, convert, declared
from experiments.config.schema import AXES


@pytest.mark.parametrize("group", sorted(set(AXES.values())))
def test_the_source_says_what_the_classes_say(group: str) -> None:
    classes = components(group)
    assert list(declared(group)) == sorted(classes)
    for name, cls in classes.items():
        own = {f.name: None if f.default is MISSING else f.default for f in fields(cls)}
        assert declared(group)[name].options == own
        assert all(f.default_factory is MISSING for f in fields(cls))


OUT_OF_RANGE: list[tuple[str, str, str, list[Any]]] = [
    ("law", "mixture", "scales", [[0.5, -1.0]]), ("law", "mixture", "weights", [[]]), ("law", "mixture", "means", [[1.0]]),
    ("law", "beta_mixture", "a", [[1.0]]), ("law", "correlated_normal", "correlation", [1.0]),
    ("law", "correlated_normal", "scale", [0.0]),
    ("task", "kinked", "kink", [2.0]), ("task", "additive", "features", [0]), ("task", "margin", "gamma", [0.0]),
    ("task", "margin", "constant", [1.5]), ("task", "margin", "crossings", [0]), ("task", "waves", "features", [2, 3]),
    ("task", "logit", "strength", [-1.0]), ("task", "sine", "noise", [-0.1]),
    ("learner", "knn", "k", [0]), ("learner", "forest", "trees", [0]), ("learner", "forest", "leaf", [0.0]),
    ("learner", "boosting", "loss", ["hinge"]), ("learner", "lda", "ridge", [0.0]), ("learner", "logistic", "degree", [-1]),
    ("learner", "kernel_ridge", "factor", [0.0]), ("learner", "local_linear", "factor", [-1.0]),
    ("responses", "worst", "e_r", [1.5]), ("responses", "worst", "sup_norm", [0.0]), ("responses", "biased", "e_r", [-0.1]),
    ("responses", "oversmoothed", "width", [0.0]), ("responses", "flips", "zero", [1.2]), ("responses", "fitted", "by", ["?"]),
    ("dataset", "mnist", "digits", [[3], [3, 3], [3, 10]]),
    *(("measurement", "real_data", o, [-1]) for o in ("test_size", "cuts", "costly_cuts", "components", "discriminator")),
    *(("model", kind, next(iter(cls.__dataclass_fields__)), [-1]) for kind, cls in components("model").items()),
]  # fmt: skip


@pytest.mark.parametrize(("group", "kind", "option", "values"), OUT_OF_RANGE)
def test_options_out_of_range_name_themselves(group: str, kind: str, option: str, values: list[Any]) -> None:
    for value in values:
        with pytest.raises(ConfigError, match=f"{option}: expected"):
            build(group, {"kind": kind, option: value})


NETWORK: dict[str, Any] = {
    "width": 0, "depth": -1, "activation": "relux", "initial": "zero", "loss": "hinge", "steps": 0, "batch_size": 0,
    "learning_rate": 0.0, "schedule": "step", "weight_decay": -1.0, "holdout": 1.0, "check_every": 0, "patience": 0,
    "dtype": "float16", "device": "tpu", "memory_mib": float("nan"),
}  # fmt: skip


@pytest.mark.parametrize(("option", "value"), [*NETWORK.items(), ("epochs", 3)])
def test_options_of_networks_name_themselves(option: str, value: Any) -> None:
    with pytest.raises(ConfigError, match="steps" if option == "epochs" else option):
        build("learner", {"kind": "mlp", option: value})


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: build("law", {"kind": "betta"}), "unknown law 'betta'.*'beta'"),
        (lambda: build("law", {"kind": "beta", "c": 1.0}), "no such option of beta"),
        (lambda: convert([1], dict[str, int], "x"), "x: expected a mapping"),
        (lambda: component("law", "plain")(object), "object must be a frozen dataclass"),
        (lambda: component("law", "beta")(dataclass(frozen=True)(type("Other", (), {}))), "law 'beta' is defined twice"),
    ],
)
def test_what_is_no_component_is_named(call: Any, message: str) -> None:
    components("law")
    with pytest.raises((ConfigError, TypeError), match=message):
        call()
    assert convert("inf", float, "x") == float("inf")
