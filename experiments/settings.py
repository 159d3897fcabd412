"""Where real data lie on this machine: a matter of the machine, not of a cell's configuration."""

import os
from pathlib import Path

VARIABLE = "UTILITY_DATA"


def data_folder() -> Path:
    """Return the data folder: the environment variable UTILITY_DATA, else `data`."""
    return Path(os.environ.get(VARIABLE, "data"))
