"""The typed schema of a configuration, and one Hydra option for every component found."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from hydra.core.config_store import ConfigStore
from hydra.core.override_parser.types import Override, QuotedString
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from experiments.audit.options import AuditConfig
from experiments.config.registry import ConfigError, declared
from experiments.engine.grid import COMPONENT_AXES, GROUP_OF

BUDGETS = ("smoke", "quick", "paper")
"""Every experiment states its sizes for each of them, under `sizes`; `size` are those of the budget that is asked for."""


@dataclass
class ClaimConfig:
    """A claim: what is said, the rule that judges it, and what the rule needs.

    `kind` is `claim`, `control` (must come out violated, in every group) or `identity` (cannot fail; tests code). A control
    takes `rule`, `where` and `params` from the claim `of`, key by key, and says what differs; `null` removes a key. Its `type`
    is `near_miss` (another world, in which the sentence is false), `wrong_prediction` (the same world) or `complement` (the
    claim turned round); `plant` makes the other world of the claim's own rows (figures/claims/plant.py). `known` says of a
    claim that paper-sized data refute, or a control that does not fail, since when (`since`) and why (`why`). `theorem` lists
    the statements of theory/README.md that it rests on, `note` says in words how, or why there is none. `abstract` is the
    number of the paper's claim that it bears on (conf/abstract.yaml), 0 for none.
    """

    statement: str
    rule: str = ""
    kind: str = "claim"
    type: str = ""
    of: str | None = None
    known: dict[str, str] = field(default_factory=dict)
    plant: dict[str, Any] = field(default_factory=dict)
    abstract: int = 0
    theorem: list[str] = field(default_factory=list)
    note: str = ""
    params: dict[str, Any] = field(default_factory=dict)
    where: dict[str, Any] = field(default_factory=dict)


@dataclass
class ExecutorConfig:
    """How cells are run."""

    kind: str = "processes"
    workers: int = 2
    address: str = ""


@dataclass
class DataConfig:
    """Where real data lie."""

    dir: str = "${oc.env:UTILITY_DATA,data}"


@dataclass
class Config:
    """One experiment, wholly resolved."""

    name: str = "all"
    title: str = ""
    suite: str = "none"
    story: str = ""
    limits: str = ""
    motivation: str = ""
    tie: str = ""
    figure: str = ""
    measurement: dict[str, Any] = field(default_factory=dict)
    task: dict[str, Any] = field(default_factory=dict)
    real_law: dict[str, Any] = field(default_factory=dict)
    synthetic_law: dict[str, Any] = field(default_factory=dict)
    generator: dict[str, Any] = field(default_factory=dict)
    responses: dict[str, Any] = field(default_factory=dict)
    learner: dict[str, Any] = field(default_factory=dict)
    dataset: dict[str, Any] = field(default_factory=dict)
    model: dict[str, Any] = field(default_factory=dict)
    cells_of: list[str] = field(default_factory=list)
    n: list[int] = field(default_factory=list)
    ratio: list[float] = field(default_factory=lambda: [1.0])
    restrict: dict[str, Any] = field(default_factory=dict)
    replicates: int = 20
    seed: int = 2023
    claims: dict[str, ClaimConfig] = field(default_factory=dict)
    budget: str = "quick"
    sizes: dict[str, dict[str, Any]] = field(default_factory=lambda: {budget: {} for budget in BUDGETS})
    size: Any = "${sizes.${budget}}"
    executor: ExecutorConfig = field(default_factory=ExecutorConfig)
    data: DataConfig = field(default_factory=DataConfig)
    audit: Any = field(default_factory=AuditConfig)
    output: str = "outputs"
    verbose: bool = False


EXECUTORS = ("serial", "processes", "dask")

AXES = {axis: GROUP_OF.get(axis, axis) for axis in (*COMPONENT_AXES, "measurement")}
"""Every Hydra group of components, with the group of the registry that fills it."""


@cache
def register() -> None:
    """Put the schema and every component into Hydra's config store, before composing."""
    store = ConfigStore.instance()
    ConfigStore.__deepcopy__ = lambda self, _: self  # type: ignore[attr-defined]  # Hydra copies it whenever it composes
    store.store(name="schema", node=Config)
    for axis, group in AXES.items():
        for name, found in declared(group).items():
            store.store(group=axis, name=name, node={name: {"kind": name} | found.options})


RANGES = {"n": 2, "replicates": 2, "seed": 0, "executor.workers": 1}


def check_sizes(config: DictConfig) -> None:
    """Check the numbers that every experiment shares, as far as they are there, or raise `ConfigError`."""
    for key, least in RANGES.items():
        value = OmegaConf.select(config, key)
        if value is not None and any(v < least for v in (value if key == "n" else [value])):
            expected = "whole numbers" if key == "n" else "a whole number"
            raise ConfigError(f"{key}: expected {expected} >= {least}, got {value}")
    if any(not 0 < r < float("inf") for r in config.ratio):
        raise ConfigError(f"ratio: expected numbers > 0, got {config.ratio}")
    if config.executor.kind not in EXECUTORS:
        raise ConfigError(f"executor.kind: expected one of {', '.join(EXECUTORS)}, got {config.executor.kind!r}")


def check_overrides(overrides: Sequence[Override]) -> None:
    """Check types and ranges of the sizes that a command line sets, without composing."""
    sizes = OmegaConf.structured(Config)
    for override in overrides:
        key, value = override.key_or_group, override.value()
        if key in (*RANGES, "ratio") and not override.is_delete() and not isinstance(value, QuotedString):
            try:
                OmegaConf.update(sizes, key, value)
            except OmegaConfBaseException as error:
                raise ConfigError(f"{key}: {str(error).splitlines()[0]}, got {value}") from None
    check_sizes(sizes)
