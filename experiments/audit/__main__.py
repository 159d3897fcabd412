"""The audit from a plain command line: `python -m experiments.audit real.csv synthetic.csv --target income`."""

import re
import sys
from argparse import ArgumentParser
from collections.abc import Sequence
from dataclasses import Field, asdict, fields
from typing import Any, NoReturn, get_type_hints

import yaml

from experiments.audit.options import EXAMPLE, AuditOptions, InputError, only_one
from experiments.config.process import answered
from experiments.config.registry import near

# Everything heavier is imported where it is used: a mistake on the command line is answered at once.

HINTS = get_type_hints(AuditOptions)
USAGE = "python -m experiments.audit REAL SYNTHETIC --target COLUMN [--test TABLE] [--repeats 1] ...   (--help: all options)"


class Parser(ArgumentParser):
    """Mistakes become an `InputError`."""

    def error(self, message: str) -> NoReturn:
        """Name the nearest option where one is unknown."""
        unknown = re.match(r"unrecognized arguments: .*?--(\w+)", message)
        raise InputError(f"{message}{near(unknown[1], list(HINTS)) if unknown else ''}; usage: {USAGE}")


def parser() -> Parser:
    """Return the parser: an option for each of `AuditOptions`, with its type, default and description."""
    made = Parser("python -m experiments.audit", USAGE, __doc__, allow_abbrev=False)
    told = described(AuditOptions)
    made.add_argument("real", nargs="?", default="", help=told["real"])
    made.add_argument("synthetic", nargs="*", help="the synthetic one")
    for option in fields(AuditOptions):
        if option.name not in ("real", "synthetic"):
            made.add_argument(f"--{option.name}", metavar="X", **_kind(option, told[option.name]))
    made.add_argument("--output", default="outputs", help="folder of finished fits, with which an interrupted audit goes on")
    made.add_argument("--workers", type=int, default=2, help="threads (default: 2)", metavar="X")
    made.add_argument("--example", action="store_true", help="audit the two tables that come with the project")
    return made


def _kind(option: Field[Any], told: str) -> dict[str, Any]:
    told = told.replace("%", "%%")
    if HINTS[option.name] == list[str]:
        return {"nargs": "+", "default": [], "help": told}
    default = option.default
    return {"type": HINTS[option.name], "default": default, "help": told + (f" (default: {default})" if default != "" else "")}


def described(options: type) -> dict[str, str]:
    """Return the description of every option, from the docstring."""
    entry = re.compile(r"^ {4}(\w[\w, ]*) : .*\n((?: {8}.*\n)+)", re.MULTILINE)
    found = entry.findall(options.__doc__ or "")
    return {name: " ".join(text.split()) for names, text in found for name in names.split(", ")}


def plain(words: Sequence[str]) -> list[str]:
    """Write `audit.KEY=VALUE`, as messages and the Hydra command line name options, as `--KEY VALUE`."""
    made: list[str] = []
    for word in words:
        key, _, value = word.removeprefix("audit.").partition("=")
        bare = value.strip('"')
        if not word.startswith("audit.") or "=" not in word:
            made.append(word)
        elif key not in HINTS:
            raise InputError(f"audit.{key}: no such option{near(key, list(HINTS))}")
        elif HINTS[key] == list[str]:
            made += [f"--{key}", *map(str, yaml.safe_load(f"[{value.strip('[]')}]"))]
        else:
            made.append(f"--{key}={bare}")
    return made


def options_of(words: Sequence[str]) -> tuple[AuditOptions, dict[str, Any]]:
    """Return the checked options, and the output folder and number of workers."""
    given = vars(parser().parse_intermixed_args(plain(words)))
    rest = {name: given.pop(name) for name in ("output", "workers", "example")}
    tables, example, cut = given.pop("synthetic"), rest.pop("example"), given["split"]
    if example and given["real"]:
        raise InputError("--example: brings its own tables; leave yours out")
    if not (example or tables or cut):
        raise InputError(f"two tables are needed, the real and the synthetic one; usage: {USAGE}")
    if not (example or given["target"] or cut):
        raise InputError("--target: missing; name the column to predict, such as --target income")
    return AuditOptions(**given | (EXAMPLE if example else {"synthetic": "" if cut else only_one(tables)})), rest


def main(words: Sequence[str]) -> int:
    """Audit and return the exit code: 0 whatever the verdict, 2 a mistake, 3 a failed fit."""
    options, rest = options_of(words)
    from experiments.audit.columns import check_heads

    check_heads(options)
    from experiments.audit.api import page

    executor = {"kind": "processes", "workers": rest["workers"]}
    code: int = page().run({"audit": asdict(options), "output": rest["output"], "executor": executor})
    return code


if __name__ == "__main__":
    sys.exit(answered(lambda: main(sys.argv[1:])))
