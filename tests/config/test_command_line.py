"""Options of any dataclass on a plain command line."""

from dataclasses import dataclass, field

import pytest

from experiments.config.command_line import Parser, add_options, plain
from experiments.config.registry import ConfigError


@dataclass
class Schema:
    """Something with options.

    Parameters
    ----------
    rate, share : float
        A number, at most 100%
        or so.
    names : list of str
        Some names.
    fast : bool
        A switch.
    """

    rate: float = 0.5
    share: float = 1.0
    names: list[str] = field(default_factory=list)
    fast: bool = False


def read(*words: str) -> Schema:
    parser = Parser(usage="it", allow_abbrev=False)
    add_options(parser, Schema, ("share",))
    assert "A number, at most 100% or so." in " ".join(parser.format_help().split())
    return Schema(**vars(parser.parse_args(plain(words, Schema, "it"))))


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        ([], Schema()),
        (["--rate", "2", "--names", "a b", "c=d"], Schema(rate=2.0, names=["a b", "c=d"])),
        (["it.rate=2", "it.names=[a b,c]"], Schema(rate=2.0, names=["a b", "c"])),
        (["--fast"], Schema(fast=True)),
        (["it.fast=true", "--no-fast"], Schema()),
        (["it.fast=false"], Schema()),
        (["--fast", "it.fast=False"], Schema()),
    ],
)
def test_both_spellings_are_read(words: list[str], meant: Schema) -> None:
    assert read(*words) == meant


@pytest.mark.parametrize(
    ("word", "told"),
    [("--rat=1", "mean 'rate'"), ("it.rat=1", "mean 'rate'"), ("--share=1", "unrecognized"), ("--rate=x", "invalid float")],
)
def test_mistakes_are_named(word: str, told: str) -> None:
    with pytest.raises(ConfigError, match=told):
        read(word)
