"""Hydra's own flags: sweeps with any launcher (`-m`), and what it shows or adds (`--cfg job`, `--info`, `--config-dir`)."""

import os
import shutil
import sys
from collections.abc import Callable
from itertools import product
from pathlib import Path
from uuid import uuid4

import hydra
from hydra._internal.utils import get_args_parser
from hydra.core.hydra_config import HydraConfig
from omegaconf import DictConfig

from experiments.config.compose import CONF, LISTS, asked, experiments_of, listed, parsed
from experiments.config.registry import ConfigError
from experiments.config.schema import register

EXIT_CODES = "UTILITY_EXIT_CODES"
"""The variable that tells jobs, in whatever process they run, the folder in which they leave their exit codes."""


def launch(words: list[str], run: Callable[[list[str]], int]) -> int:
    """Hand a command line, flags and overrides, to Hydra and return the largest exit code of a job, 0 where it ran none.

    `run` runs one job, given its overrides, and returns its exit code; launchers may pickle it. A mistake in the overrides
    of any job raises `ConfigError` before the first one runs.
    """
    register()
    args = get_args_parser().parse_intermixed_args(words)
    if args.resolve and not args.cfg:
        raise ConfigError("--resolve: goes with --cfg, as in --cfg job --resolve")
    flags = [w for w in words if w not in args.overrides]
    overrides = [(swept if args.multirun else listed)(w) for w in args.overrides]
    output = "outputs"
    if not (args.config_dir or args.config_path or args.config_name):  # these may add options that are unknown here
        own = [w for w in overrides if not w.startswith("hydra")]
        if not (args.multirun or any(w.startswith("experiment=") for w in own)):
            own.append(f"experiment={asked(own)[0]}")  # one is enough to see a mistake
        for each in jobs(own) if args.multirun else [own]:
            output = str(experiments_of(each)[0].config["output"])
    codes = Path(output).resolve() / f".exit-codes-{uuid4().hex}"

    def job(_: DictConfig) -> None:
        code = run(list(HydraConfig.get().overrides.task))
        place = Path(os.environ[EXIT_CODES])
        place.mkdir(parents=True, exist_ok=True)
        (place / uuid4().hex).write_text(str(code))

    os.environ["HYDRA_FULL_ERROR"] = "1"
    before, sys.argv = sys.argv, [sys.argv[0], *flags, *overrides, f"+hydra.job.env_set.{EXIT_CODES}='{codes}'"]
    try:
        hydra.main(version_base="1.3", config_path=str(CONF), config_name="config")(job)()
        return max((int(p.read_text()) for p in codes.glob("*")), default=0)
    finally:
        sys.argv = before
        shutil.rmtree(codes, ignore_errors=True)


def jobs(words: list[str]) -> list[list[str]]:
    """Return the command line of every job of a sweep, the last key varying fastest."""
    return [list(chosen) for chosen in product(*map(_choices, words))]


def _choices(word: str) -> list[str]:
    """Return the words that a sweep puts in place of one, that word alone where it sweeps nothing."""
    override = parsed(word)
    key = word.partition("=")[0]
    return [f"{key}={v}" for v in override.sweep_string_iterator()] if override.is_sweep_override() else [word]


def swept(word: str) -> str:
    """Write what a sweep goes through as lists of one, where the schema wants lists: `ratio=1,4` becomes `ratio=[1],[4]`."""
    key, _, value = word.partition("=")
    return f"{key}={','.join(f'[{v}]' for v in value.split(','))}" if key in LISTS and value and "[" not in value else word
