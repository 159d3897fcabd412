"""What a command line asks for: a run, or one of the words that look at finished runs."""

from collections.abc import Callable, Sequence

from experiments.config.compose import experiments_of
from experiments.config.registry import ConfigError
from figures import session
from figures.publish import publish, redraw


def _compare(folders: str, words: Sequence[str]) -> int:
    # matplotlib loads here, so that mistakes on the command line are answered at once
    from figures.report.comparison import compare

    return compare(folders, words)


COMMANDS: dict[str, tuple[Callable[[str, Sequence[str]], int], tuple[str, ...]]] = {
    "publish": (publish, ("experiment", "output", "data.dir")),
    "draw": (redraw, ("experiment", "output")),
    "compare": (_compare, ("experiment", "output")),
}
"""For each word what it does and which keys may stand beside it."""


def asked(words: Sequence[str]) -> str | None:
    """Return the first word that looks at finished runs, None where the command line asks for a run."""
    return next((w for w in words if w.partition("=")[0] in COMMANDS), None)


def run(words: Sequence[str]) -> int:
    """Do what a command line asks for and return the exit code.

    Parameters
    ----------
    words : sequence of str
        Hydra overrides, or one of `publish=`, `draw=`, `compare=` with the few keys that it takes.

    Raises
    ------
    ConfigError
        One line that says what is wrong with them.
    """
    word = asked(words)
    if word is None:
        return session.run(experiments_of(words))
    key, _, value = word.partition("=")
    command, keys = COMMANDS[key]
    rest = [w for w in words if w is not word]
    for other in rest:
        if other.partition("=")[0] not in keys:
            raise ConfigError(f"{key}: takes only {', '.join(f'{k}=' for k in keys)} beside it, got {other}")
    return command(value, rest)
