"""From the words of a command line to resolved, checked experiments; every mistake becomes one line."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any

import yaml
from hydra import compose, initialize_config_dir
from hydra.core.global_hydra import GlobalHydra
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Override
from hydra.errors import HydraException
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from experiments.config.claims import resolved_claims
from experiments.config.registry import ConfigError, components, defaults, near
from experiments.config.schema import AXES, BUDGETS, register
from experiments.engine.executors import KINDS

CONF = Path(__file__).resolve().parents[2] / "conf"
NEUTRAL = ("experiment", "budget", "executor", "output", "data")
"""Keys that choose what is run and where; any other override makes a variant."""

LISTS = ("n", "ratio", "audit.models", "audit.ignore")


@dataclass(frozen=True)
class Experiment:
    """A resolved experiment and how it was asked for."""

    config: dict[str, Any]
    overrides: tuple[str, ...]

    @property
    def name(self) -> str:
        """Its name, which is its file's."""
        return str(self.config["name"])

    @property
    def base(self) -> Path:
        """The budget's folder."""
        return Path(str(self.config["output"])) / str(self.config["budget"])

    @property
    def folder(self) -> Path:
        """Where verdicts, figures and report go: the budget's folder, or one for the variant."""
        changed = sorted(o for o in self.overrides if _key(o).split(".")[0] not in NEUTRAL)
        if not changed:
            return self.base
        digest = hashlib.sha256("\n".join(changed).encode()).hexdigest()[:8]
        return self.base / "variants" / f"{self.name}-{digest}"

    @property
    def command(self) -> str:
        """The command that reproduces just this."""
        rest = [o for o in self.overrides if _key(o) not in ("experiment", "output")]
        return " ".join(["python run.py", f"experiment={self.name}", *(_quoted(o) for o in rest)])


def _quoted(override: str) -> str:
    return f"'{override}'" if re.search(r"[\[\]{}()$ ]", override) else override


@cache
def headers() -> dict[str, dict[str, Any]]:
    """Return what every file of conf/experiment says, not composed, by name (`folder/name` below the top)."""
    root = CONF / "experiment"
    paths = {p.relative_to(root).with_suffix("").as_posix(): p for p in sorted(root.rglob("*.yaml"))}
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return {n: yaml.load(p.read_text(encoding="utf-8"), loader) for n, p in paths.items() if n != "all"}


def names() -> dict[str, str]:
    """Return the suite of every experiment, by name."""
    return {name: str(header.get("suite", "none")) for name, header in headers().items()}


def stem(experiment: str) -> str:
    """Return what the files of an experiment are called: its name, without folders."""
    return experiment.replace("/", "-")


def selected(asked: str) -> list[str]:
    """Return the experiments that `asked` names: one, a comma list, a suite, or `all` (suites main and data)."""
    known = names()
    chosen: list[str] = []
    for word in filter(None, asked.split(",")):
        suite = [n for n, s in known.items() if s == word or (word == "all" and s in ("main", "data"))]
        if not suite and word not in known:
            raise ConfigError(f"experiment: unknown experiment {word!r}{near(word, [*known, 'all'])}")
        chosen += [n for n in suite or [word] if n not in chosen]
    return chosen


def asked(words: Sequence[str]) -> list[str]:
    """Return the experiments that a command line names, all where it names none."""
    named = [w.partition("=")[2] for w in words if w.startswith("experiment=")]
    return selected(",".join(named).strip("[]") or "all")


def experiments_of(words: Sequence[str]) -> list[Experiment]:
    """Compose every experiment that the command line asks for.

    Parameters
    ----------
    words : Sequence[str]
        Hydra overrides, `key=value`; `experiment=` may name several.

    Returns
    -------
    list of Experiment
        In the order asked for.

    Raises
    ------
    ConfigError
        One line that names the key, what was expected and a near match where there is one.
    """
    register()
    words = [_listed(w) for w in words]
    rest = [w for w in words if not w.startswith("experiment=")]
    with _session():
        parsed = [_parse(w) for w in rest]
        for override in parsed:
            _check_group(override)
        return [_one(name, tuple(rest)) for name in asked(words)]


def _session() -> AbstractContextManager[Any]:
    if GlobalHydra.instance().is_initialized():
        return nullcontext()
    return initialize_config_dir(str(CONF), version_base="1.3")


def _listed(word: str) -> str:
    """Write a single size or name as the list of one that the schema wants."""
    key, _, value = word.partition("=")
    return f"{key}=[{value}]" if key in LISTS and value and not value.startswith("[") else word


def jobs(words: Sequence[str]) -> list[list[str]]:
    """Return the command line of every job of a sweep, the last key varying fastest."""
    return [list(chosen) for chosen in product(*map(_choices, words))]


def _choices(word: str) -> list[str]:
    """Return the words that a sweep puts in place of one, that word alone where it sweeps nothing."""
    override = _parse(word)
    key = word.partition("=")[0]
    return [f"{key}={v}" for v in override.sweep_string_iterator()] if override.is_sweep_override() else [word]


def swept(word: str) -> str:
    """Write what a sweep goes through as lists of one, where the schema wants lists: `ratio=1,4` becomes `ratio=[1],[4]`."""
    key, _, value = word.partition("=")
    return f"{key}={','.join(f'[{v}]' for v in value.split(','))}" if key in LISTS and value and "[" not in value else word


def _key(word: str) -> str:
    return word.partition("=")[0].lstrip("+~").split("@")[0]


def _parse(word: str) -> Override:
    try:
        return OverridesParser.create().parse_override(word)
    except HydraException:
        raise ConfigError(f"{word}: expected key=value (quote lists: 'learner=[knn,poly]')") from None


def _check_group(override: Override) -> None:
    """Name unknown options of a group, and unknown keys, with their nearest neighbours."""
    group = override.key_or_group
    options = _options(group)
    if options:
        value = override.value()
        for option in value if isinstance(value, list) else [value]:
            if str(option) not in options:
                raise ConfigError(f"{group}: unknown {group} {str(option)!r}{near(str(option), options)}")


@cache
def _options(group: str) -> list[str]:
    return list(GlobalHydra.instance().config_loader().get_group_options(group))


@cache
def _one(name: str, words: tuple[str, ...]) -> Experiment:
    try:
        composed = compose("config", overrides=[f"experiment={name}", *words])
        if composed.budget not in BUDGETS:
            raise ConfigError(f"budget: unknown budget {str(composed.budget)!r}{near(str(composed.budget), BUDGETS)}")
        config = OmegaConf.to_container(composed, resolve=True)
    except (HydraException, OmegaConfBaseException) as error:
        raise ConfigError(_explained(name, words, error)) from None
    assert isinstance(config, dict)
    resolved = {str(k): v for k, v in config.items() if k not in ("sizes", "size")}
    resolved["claims"] = resolved_claims(resolved["claims"])
    _check_sizes(resolved)
    return Experiment(resolved, words)


def _explained(name: str, words: Sequence[str], error: Exception) -> str:
    """Say in one line what Hydra or OmegaConf could not do."""
    text = str(error)
    found = re.search(r"Could not override '([^']+)'", text)
    if found:
        return _unknown_key(name, found[1])
    found = re.search(r"Error merging override (\S+)", text)
    reason = str(error.__cause__ or error).splitlines()[0]
    if found:
        return f"{_key(found[1])}: {reason}, got {found[1].partition('=')[2]}"
    return f"experiment={name}: {text.splitlines()[0]}"


def _unknown_key(name: str, key: str) -> str:
    node: Any = compose("config", overrides=[f"experiment={name}"])
    *parents, last = key.split(".")
    seen = []
    for parent in parents:
        if not isinstance(node, DictConfig) or parent not in node:
            last = parent
            break
        node = node[parent]
        seen.append(parent)
    known = [str(k) for k in node] if isinstance(node, DictConfig) else []
    where = ".".join([*seen, last])
    if seen and seen[0] in AXES and len(seen) == 1:
        return f"{key}: no {seen[0]} {last!r} is selected here{near(last, known)}"
    return f"{where}: no such key{near(last, known)}" if known else f"{where}: no such key, {'.'.join(seen)} is a value"


def _check_sizes(config: Mapping[str, Any]) -> None:
    """Check the ranges of the numbers that every experiment shares."""
    ranges = {"replicates": 2, "seed": 0}
    for key, least in ranges.items():
        if config[key] < least:
            raise ConfigError(f"{key}: expected a whole number >= {least}, got {config[key]}")
    if any(n < 2 for n in config["n"]):
        raise ConfigError(f"n: expected whole numbers >= 2, got {config['n']}")
    if any(not 0 < r < float("inf") for r in config["ratio"]):
        raise ConfigError(f"ratio: expected numbers > 0, got {config['ratio']}")
    if config["executor"]["workers"] < 1:
        raise ConfigError(f"executor.workers: expected a whole number >= 1, got {config['executor']['workers']}")
    if config["executor"]["kind"] not in KINDS:
        raise ConfigError(f"executor.kind: expected one of {', '.join(KINDS)}, got {config['executor']['kind']!r}")


def listing() -> str:
    """Return every component and experiment found, by group, for `--help`."""
    lines = ["Experiments (experiment=NAME, a comma list, a suite, or all):"]
    lines += [f"  {name:<24} suite {suite}" for name, suite in names().items()]
    for axis, group in AXES.items():
        lines.append(f"\n{axis} ({axis}=NAME or '{axis}=[A,B]'; options as {axis}.NAME.OPTION=VALUE):")
        for name, cls in components(group).items():
            lines.append(f"  {name:<24} {_signature(cls)}")
    return "\n".join(lines)


def _signature(cls: type) -> str:
    return "  ".join(f"{k}={v}" for k, v in defaults(cls).items())
