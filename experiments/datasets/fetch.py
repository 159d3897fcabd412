"""Fetch the data sets that the repository does not hold whole: `make data`, or `python -m experiments.datasets.fetch`."""

import gzip
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from experiments.datasets import mnist
from experiments.datasets.files import IDX_BYTES, data_folder
from experiments.engine.store import write_whole

CONNECT_SECONDS = 10
OPENML = {"mnist": 554}
"""Numbers of the sets at openml.org, which scikit-learn's fetcher reads."""


def _fetched(name: str) -> pd.DataFrame:
    from sklearn.datasets import fetch_openml

    bunch: Any = fetch_openml(data_id=OPENML[name], as_frame=True, parser="auto", n_retries=1)
    frame: pd.DataFrame = bunch.frame
    return frame


def idx_bytes(values: NDArray[np.uint8]) -> bytes:
    """Return an array of unsigned bytes in IDX format; see `files.idx_array`."""
    head = bytes([0, 0, IDX_BYTES, values.ndim]) + np.array(values.shape, dtype=">u4").tobytes()
    return head + values.tobytes()


def mnist_files(frame: pd.DataFrame) -> dict[str, bytes]:
    """Return the four IDX files of MNIST by name, from 70,000 rows of 784 pixels and the label, training part first."""
    pixels = frame.iloc[:, :-1].to_numpy(dtype=np.uint8).reshape(-1, 28, 28)
    labels = frame.iloc[:, -1].astype(int).to_numpy(dtype=np.uint8)
    parts = (pixels[:60000], labels[:60000], pixels[60000:], labels[60000:])
    return {name: idx_bytes(part) for (name, _), part in zip(mnist.FILES, parts)}


SETS: dict[str, tuple[Callable[[pd.DataFrame], dict[str, bytes]], Callable[[Path], object]]] = {
    "mnist": (mnist_files, mnist.Mnist().load),
}
"""How each set becomes files, and what reads and checks them."""


def main(names: list[str]) -> int:
    """Fetch the named sets (all if none is named), verify them, and return 0, or 2 when a set failed."""
    socket.setdefaulttimeout(CONNECT_SECONDS)
    folder, failed = data_folder(), []
    for name in names or list(SETS):
        try:
            _fetch_one(name, folder)
            print(f"{name}: in {folder / name}, verified")
        except (OSError, ValueError, KeyError) as error:
            failed.append(name)
            print(f"{name}: {type(error).__name__}: {error}", file=sys.stderr)
    if failed:
        print(f"not fetched: {', '.join(failed)}; files put into {folder} by hand are read too", file=sys.stderr)
    return 2 if failed else 0


def _fetch_one(name: str, folder: Path) -> None:
    if name not in SETS:
        raise ValueError(f"expected one of {', '.join(SETS)}")
    to_files, check = SETS[name]
    for file, data in to_files(_fetched(name)).items():
        write_whole(folder / name / f"{file}.gz", gzip.compress(data, mtime=0))
    check(folder)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
