"""What a user can mend: told in one line, without a traceback."""

from experiments.config.registry import ConfigError


class InputError(ConfigError):
    """A table, a column or an option that cannot be audited; the message names it and the remedy, in one line."""
