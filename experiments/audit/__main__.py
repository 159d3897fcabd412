"""The audit from a plain command line: `python -m experiments.audit real.csv synthetic.csv --target income`."""

import sys
from collections.abc import Sequence
from dataclasses import asdict
from importlib import import_module
from typing import Any

from experiments.audit.options import EXAMPLE, AuditOptions, InputError, synthetic_tables
from experiments.config.command_line import Parser, add_options, plain
from experiments.config.process import answered

USAGE = "python -m experiments.audit REAL SYNTHETIC --target COLUMN [--test TABLE] [--repeats 1] ...   (--help: all options)"


def options_of(words: Sequence[str]) -> tuple[AuditOptions, dict[str, Any]]:
    """Return the checked options, and the synthetic tables, output folder and number of workers."""
    parser = Parser(usage=USAGE, description=__doc__, allow_abbrev=False)
    parser.add_argument("real", nargs="?", default="", help="the real table")
    parser.add_argument("synthetic", nargs="*", help="the synthetic one; several, or a folder of them, are compared")
    add_options(parser, AuditOptions, ("real", "synthetic"))
    parser.add_argument("--output", default="outputs", help="folder of finished fits, with which an interrupted audit goes on")
    parser.add_argument("--workers", type=int, default=2, help="threads (default: 2)", metavar="X")
    parser.add_argument("--example", action="store_true", help="audit the two tables that come with the project")
    given = vars(parser.parse_intermixed_args(plain(words, AuditOptions, "audit")))
    rest = {name: given.pop(name) for name in ("output", "workers", "example")}
    tables, example, cut = given.pop("synthetic"), rest.pop("example"), given["split"]
    if example and given["real"]:
        raise InputError("--example: brings its own tables; leave yours out")
    if not (example or tables or cut):
        got = f"got {given['real'] or 'none'}; an option such as --models takes every word up to the next option"
        raise InputError(f"two tables are needed, the real and the synthetic one, {got}; usage: {USAGE}")
    if not (example or given["target"] or cut):
        raise InputError("--target: missing; name the column to predict, such as --target income")
    paths = [EXAMPLE["synthetic"]] if example else list(synthetic_tables("" if cut else tables).values())
    return AuditOptions(**given | (EXAMPLE if example else {"synthetic": paths[0]})), rest | {"synthetic": paths}


def main(words: Sequence[str]) -> int:
    """Audit and return the exit code: 0 whatever the verdict, 2 a mistake, 3 a failed fit."""
    options, rest = options_of(words)
    from experiments.audit.columns import check_heads

    check_heads(options, rest["synthetic"])
    executor = {"kind": "processes", "workers": rest["workers"]}
    asked = asdict(options) | {"synthetic": rest["synthetic"]}
    return int(import_module("figures.report.audit_page").run({"audit": asked, "output": rest["output"], "executor": executor}))


if __name__ == "__main__":
    sys.exit(answered(lambda: main(sys.argv[1:])))
