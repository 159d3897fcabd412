"""Files of data: found, unpacked, and refused when their content is not the expected one."""

import gzip
import hashlib
import io
import os
import zlib
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from experiments.measurements.base import Unavailable

BUNDLED = Path(__file__).parent / "bundled"
"""The data that the repository holds; its README has sources and licences."""

VARIABLE = "UTILITY_DATA"
"""The environment variable that names the data folder."""

IDX_BYTES = 0x08
"""The IDX type code of unsigned bytes."""


class CorruptData(OSError):
    """A data file is damaged, short or not the expected one; the message names it."""


def data_folder() -> Path:
    """Return the data folder: the environment variable UTILITY_DATA, else `data`."""
    return Path(os.environ.get(VARIABLE, "data"))


def content(folder: Path, name: str) -> bytes:
    """Return the unpacked content of `folder/name` or `folder/name.gz`.

    Raises
    ------
    Unavailable
        Neither file is there.
    CorruptData
        The archive is damaged or ends early.
    """
    plain, packed = folder / name, folder / f"{name}.gz"
    if plain.is_file():
        return plain.read_bytes()
    if not packed.is_file():
        raise Unavailable(f"data not downloaded (make data): no {plain}[.gz]")
    try:
        return gzip.decompress(packed.read_bytes())
    except (OSError, EOFError, zlib.error) as error:
        raise CorruptData(f"{packed}: damaged or short archive ({error})") from None


def idx_array(folder: Path, name: str, md5: str) -> NDArray[np.uint8]:
    """Return an IDX file of unsigned bytes as an array, its size and its MD5 checked.

    Layout: two zero bytes, type code, number of axes, each length as a big-endian 32-bit number, then the values.
    """
    data = content(folder, name)
    if len(data) < 4 or data[:3] != bytes([0, 0, IDX_BYTES]):
        raise CorruptData(f"{folder / name}: not an IDX file of unsigned bytes")
    start = 4 + 4 * data[3]
    shape = tuple(int(length) for length in np.frombuffer(data[4:start], dtype=">u4"))
    if len(data) != start + int(np.prod(shape, dtype=np.int64)):
        raise CorruptData(f"{folder / name}: expected {start} + {shape} bytes, got {len(data)}")
    if hashlib.md5(data).hexdigest() != md5:
        raise CorruptData(f"{folder / name}: expected MD5 {md5}, got {hashlib.md5(data).hexdigest()}")
    return np.frombuffer(data, dtype=np.uint8, offset=start).reshape(shape)


def csv_frame(folder: Path, name: str, digest: str) -> pd.DataFrame:
    """Return a CSV file with header, its SHA-256 beginning with `digest`; empty cells and `?` are missing."""
    data = content(folder, name)
    found = hashlib.sha256(data).hexdigest()
    if not found.startswith(digest):
        lines = len(data.splitlines())
        raise CorruptData(f"{folder / name}: expected SHA-256 {digest}, got {found} ({lines} lines): damaged or short")
    return pd.read_csv(io.BytesIO(data), keep_default_na=False, na_values=["", "?"])
