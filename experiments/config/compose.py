"""From the words of a command line to resolved, checked experiments; every mistake becomes one line."""

import hashlib
import re
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from copy import deepcopy
from dataclasses import dataclass, fields
from functools import cache
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

from experiments.audit.options import AuditOptions
from experiments.config.changes import changes, spread_replicates
from experiments.config.claims import resolved_claims
from experiments.config.registry import ROOT, ConfigError, declared, near
from experiments.config.schema import AXES, BUDGETS, Config, check_overrides, check_sizes, register
from experiments.engine.store import canonical

CONF = ROOT / "conf"
ASIDE = ("executor", "output", "data", "hydra")
"""Keys without influence on results: no part of the command that reproduces them."""

LISTS = ("n", "ratio", *(f"audit.{f.name}" for f in fields(AuditOptions) if f.default_factory is list))


@dataclass(frozen=True)
class Experiment:
    """A resolved experiment, the words that asked for it, and what they change in the shipped one."""

    config: dict[str, Any]
    overrides: tuple[str, ...]
    changes: dict[str, Any]

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
        if not self.changes:
            return self.base
        digest = hashlib.sha256(canonical(self.changes).encode()).hexdigest()[:8]
        return self.base / "variants" / f"{self.name}-{digest}"

    @property
    def command(self) -> str:
        """The command that reproduces just this: the same for every unmodified run of a budget."""
        rest = [o for o in self.overrides if self.changes and _influences(o)]
        budget = [] if any(_key(o) == "budget" for o in rest) else [f"budget={self.config['budget']}"]
        words = [f"experiment={self.name}", *budget, *rest]
        return " ".join(["python run.py", *map(_quoted, words)])


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
    """Compose every experiment that a command line asks for, in the order asked for.

    Raises
    ------
    ConfigError
        One line that names the key, what was expected and a near match where there is one.
    """
    register()
    words = [listed(w) for w in words]
    rest = tuple(w for w in words if not w.startswith("experiment="))
    with _session():
        overrides = [parsed(word) for word in rest]
        for override in overrides:
            _check_key(override)
        check_overrides(overrides)
        return [_one(name, rest) for name in asked(words)]


def _session() -> AbstractContextManager[Any]:
    if GlobalHydra.instance().is_initialized():
        return nullcontext()
    return initialize_config_dir(str(CONF), version_base="1.3")


def listed(word: str) -> str:
    """Write a single size or name as the list of one that the schema wants, and `~learner` as `learner=[]`."""
    key, _, value = word.partition("=")
    if key.startswith("~") and key[1:] in AXES and not value:
        return f"{key[1:]}=[]"
    return f"{key}=[{value}]" if key in LISTS and value and not value.startswith("[") else word


def _key(word: str) -> str:
    return word.partition("=")[0].lstrip("+~").split("@")[0]


def _influences(word: str) -> bool:
    return _key(word).split(".")[0].split("/")[0] not in ASIDE


def parsed(word: str) -> Override:
    """Parse one override, or raise `ConfigError`."""
    try:
        return OverridesParser.create().parse_override(word)
    except HydraException:
        raise ConfigError(f"{word}: expected key=value (quote lists: 'learner=[knn,poly]')") from None


def _check_key(override: Override) -> None:
    """Name unknown keys, and unknown options of a group, with their nearest neighbours; several values are for sweeps.

    What can be seen without composing is checked without, since Hydra takes a while to compose.
    """
    group = override.key_or_group
    options = _options(group)
    top, *below = group.split(".")
    keys = [f.name for f in fields(Config)]
    if not override.is_add() and not options and top not in (*keys, "hydra"):
        raise ConfigError(f"{top}: no such key{near(top, [*keys, 'experiment'])}")
    if top == "budget" and below:
        raise ConfigError(f"{group}: budget is one of {', '.join(BUDGETS)}; sizes are keys of their own, such as replicates=2")
    options_of = declared(AXES[top]) if top in AXES and len(below) == 2 and not override.is_add() else {}
    if below and below[0] in options_of and below[1] not in (*(known := options_of[below[0]].options), "kind"):
        raise ConfigError(f"{group}: no such key{near(below[1], known)}")
    if override.is_sweep_override():
        listed = f" or {group}=[...] to take them together" if options else ""
        raise ConfigError(f"{group}: several values: use -m to sweep{listed}")
    if options and not override.is_delete():
        value = override.value()
        for option in value if isinstance(value, list) else [value]:
            if str(option) not in options:
                raise ConfigError(f"{group}: unknown {group} {str(option)!r}{near(str(option), options)}")


@cache
def _options(group: str) -> list[str]:
    return list(BUDGETS) if group == "budget" else list(GlobalHydra.instance().config_loader().get_group_options(group))


@cache
def _one(name: str, words: tuple[str, ...]) -> Experiment:
    config = deepcopy(_resolved(name, words))
    if config["name"] != name:
        raise ConfigError(f"name: an experiment is named after its file, {name}, got {config['name']!r}")
    plain = (f"budget={config['budget']}",)
    shipped = config if set(filter(_influences, words)) <= set(plain) else _resolved(name, plain)
    spread_replicates(config, shipped)
    changed = changes(config, shipped)
    for other in config["cells_of"]:
        changed |= {f"{other}: {key}": value for key, value in _one(other, words).changes.items()}
    return Experiment(config, words, changed)


@cache
def _resolved(name: str, words: tuple[str, ...]) -> dict[str, Any]:
    try:
        composed = compose("config", overrides=[f"experiment={name}", *words])
        if gone := [f.name for f in fields(Config) if f.name not in composed]:
            raise ConfigError(f"~{gone[0]}: an experiment cannot be without it")
        check_sizes(composed)
        config = OmegaConf.to_container(composed, resolve=True)
    except (HydraException, OmegaConfBaseException) as error:
        raise ConfigError(_explained(name, words, error)) from None
    assert isinstance(config, dict)
    resolved = {str(k): v for k, v in config.items() if k not in ("sizes", "size")}
    resolved["claims"] = resolved_claims(resolved["claims"])
    return resolved


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


def listing() -> str:
    """Return every component and experiment found, by group, for `--help`."""
    lines = ["Experiments (experiment=NAME, a comma list, a suite, or all):"]
    lines += [f"  {name:<24} suite {suite}" for name, suite in names().items()]
    for axis, group in AXES.items():
        lines.append(f"\n{axis} ({axis}=NAME or '{axis}=[A,B]'; options as {axis}.NAME.OPTION=VALUE):")
        for name, found in declared(group).items():
            lines.append(f"  {name:<24} {'  '.join(f'{k}={v}' for k, v in found.options.items())}".rstrip())
    return "\n".join(lines)
