"""A plain command line, `--KEY VALUE`, for the options of a dataclass: types, defaults and help are those of its definition."""

import re
from argparse import ArgumentParser
from collections.abc import Collection, Sequence
from dataclasses import MISSING, fields
from typing import Any, NoReturn, get_type_hints

import yaml

from experiments.config.registry import ConfigError, near


class Parser(ArgumentParser):
    """Mistakes become a `ConfigError`."""

    def error(self, message: str) -> NoReturn:
        """Name the nearest option where one is unknown."""
        unknown = re.match(r"unrecognized arguments: .*?--(\w+)", message)
        known = [action.dest for action in self._actions]
        raise ConfigError(f"{message}{near(unknown[1], known) if unknown else ''}; usage: {self.usage}")


def add_options(parser: Parser, schema: type, left_out: Collection[str]) -> None:
    """Add an option for each field of a dataclass but those `left_out`; lists of names take several words."""
    hints, told = get_type_hints(schema), described(schema)
    for option in fields(schema):
        if option.name in left_out:
            continue
        kind: dict[str, Any] = {"type": hints[option.name], "default": option.default}
        if hints[option.name] == list[str]:
            kind = {"nargs": "+", "default": []}
        shown = "" if option.default in ("", MISSING) else " (default: %(default)s)"
        parser.add_argument(f"--{option.name}", metavar="X", help=told[option.name].replace("%", "%%") + shown, **kind)


def described(schema: type) -> dict[str, str]:
    """Return the description of every option, from the section `Parameters` of the docstring."""
    entry = re.compile(r"^ {4}(\w[\w, ]*) : .*\n((?: {8}.*\n)+)", re.MULTILINE)
    found = entry.findall(schema.__doc__ or "")
    return {name: " ".join(text.split()) for names, text in found for name in names.split(", ")}


def plain(words: Sequence[str], schema: type, prefix: str) -> list[str]:
    """Write `PREFIX.KEY=VALUE`, as messages and the Hydra command line name options, as `--KEY VALUE`."""
    hints, made = get_type_hints(schema), list[str]()
    for word in words:
        key, _, value = word.removeprefix(f"{prefix}.").partition("=")
        bare = value.strip('"')
        if not word.startswith(f"{prefix}.") or "=" not in word:
            made.append(word)
        elif key not in hints:
            raise ConfigError(f"{prefix}.{key}: no such option{near(key, hints)}")
        elif hints[key] == list[str]:
            made += [f"--{key}", *map(str, yaml.safe_load(f"[{value.strip('[]')}]"))]
        else:
            made.append(f"--{key}={bare}")
    return made
