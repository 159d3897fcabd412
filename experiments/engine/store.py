"""Rows and provenance on disk: one folder per cell, complete or absent; nothing is pickled."""

import hashlib
import io
import json
import os
import shutil
import socket
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

FORMAT = 1
"""Increase when the meaning of a cell's configuration or of its columns changes: old cells are then left alone."""

Columns = Mapping[str, NDArray[Any]]
State = Literal["sound", "absent", "stale", "damaged"]


class DamagedCell(Exception):
    """A cell's files are not what was written."""


def canonical(config: Mapping[str, Any]) -> str:
    """Return the configuration as JSON with sorted keys: the text that is hashed."""
    return json.dumps(config, sort_keys=True, separators=(",", ":"), allow_nan=True)


def cell_hash(config: Mapping[str, Any]) -> str:
    """Return 20 hex digits of SHA-256 over the format version and the cell's configuration."""
    return hashlib.sha256(f"{FORMAT}:{canonical(config)}".encode()).hexdigest()[:20]


@dataclass(frozen=True)
class Store:
    """A folder of finished cells, `<root>/<cell hash>/{rows.npz, cell.json}`."""

    root: Path

    def path(self, key: str) -> Path:
        """Return the folder of the cell with hash `key`."""
        return self.root / key

    def has(self, key: str) -> bool:
        """Tell whether the cell is finished (its folder appears complete, by one rename)."""
        return (self.path(key) / "cell.json").is_file()

    def stale(self, key: str, code: str) -> bool:
        """Tell whether a finished cell was made by code with another fingerprint than `code`."""
        return self.has(key) and self.note(key).get("code") != code

    def triage(self, key: str, code: str) -> State:
        """Return the state of a cell for code with the fingerprint `code`, and move an unusable one out of the way.

        A cell made by other code is dropped (`stale`); one whose files are lost or altered is set aside (`damaged`).
        """
        if not self.path(key).exists():
            return "absent"
        try:
            note = self.note(key)
            if note.get("code") != code:
                self.drop(key)
                return "stale"
            self._whole(key, note)
        except DamagedCell:
            self.set_aside(key)
            return "damaged"
        return "sound"

    def write(
        self, key: str, config: Mapping[str, Any], code: str, columns: Columns, provenance: Mapping[str, Any]
    ) -> None:
        """Write a finished cell: into a temporary folder, then one rename; the first writer wins."""
        temporary = unfinished(self.root)
        temporary.mkdir(parents=True)
        try:
            data = encode(columns)
            _write_bytes(temporary / "rows.npz", data)
            note = {"config": config, "code": code, "format": FORMAT, "sha256": hashlib.sha256(data).hexdigest()}
            text = json.dumps(note | {"provenance": provenance}, indent=1, sort_keys=True)
            _write_bytes(temporary / "cell.json", text.encode())
            try:
                temporary.rename(self.path(key))
            except OSError:
                if not self.has(key):
                    raise
            (self.root / "failed" / f"{key}.json").unlink(missing_ok=True)
            for parts in self.root.glob(f".parts-{key}-*"):
                shutil.rmtree(parts, ignore_errors=True)
        finally:
            shutil.rmtree(temporary, ignore_errors=True)

    def part(self, key: str, code: str, name: str, compute: Callable[[], Columns]) -> dict[str, NDArray[Any]]:
        """Return a part of an unfinished cell, computed and written unless the same code did so; `write` removes all parts."""
        path = self.root / f".parts-{key}-{code}" / f"{name.replace('/', ' ')}.npz"
        with suppress(FileNotFoundError):
            return decode(path.read_bytes())
        data = encode(compute())
        write_whole(path, data)
        return decode(data)

    def read(self, key: str) -> dict[str, NDArray[Any]]:
        """Return the columns of a finished cell, checked against their SHA-256; `DamagedCell` if they differ."""
        return decode(self.check(key))

    def check(self, key: str) -> bytes:
        """Return the bytes of a finished cell's rows, or raise `DamagedCell` when they are not what was written."""
        return self._whole(key, self.note(key))

    def _whole(self, key: str, note: Mapping[str, Any]) -> bytes:
        try:
            data = (self.path(key) / "rows.npz").read_bytes()
        except OSError as error:
            raise DamagedCell(f"{self.path(key)}: rows.npz cannot be read ({error})") from None
        if hashlib.sha256(data).hexdigest() != note.get("sha256"):
            raise DamagedCell(f"{self.path(key)}: rows.npz does not have the checksum in cell.json")
        return data

    def note(self, key: str) -> dict[str, Any]:
        """Return the parsed cell.json: config, checksum, provenance."""
        try:
            parsed: dict[str, Any] = json.loads((self.path(key) / "cell.json").read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise DamagedCell(f"{self.path(key)}: cell.json cannot be read ({error})") from None
        return parsed

    def write_failure(self, key: str, config: Mapping[str, Any], traceback: str) -> None:
        """Record a failed cell in `failed/<cell hash>.json`: its configuration and traceback."""
        note = {"config": config, "traceback": traceback}
        write_whole(self.root / "failed" / f"{key}.json", json.dumps(note, indent=1, sort_keys=True))

    def drop(self, key: str) -> None:
        """Remove a cell that can be computed again."""
        gone = unfinished(self.root)
        self._move(key, gone)
        shutil.rmtree(gone, ignore_errors=True)

    def set_aside(self, key: str) -> None:
        """Move a damaged cell to `.damaged-<cell hash>-*`."""
        self._move(key, self.root / f".damaged-{key}-{uuid.uuid4().hex[:8]}")

    def _move(self, key: str, place: Path) -> None:
        with suppress(FileNotFoundError):  # another run was faster
            self.path(key).rename(place)


def unfinished(folder: Path, what: str = "") -> Path:
    """Return the path of a temporary file or folder of this process, named after `what` or by a new random name."""
    return folder / f".unfinished-{what or uuid.uuid4().hex}-{os.getpid()}@{socket.gethostname()}"


def begun(folder: Path) -> dict[Path, str]:
    """Return the unfinished files and folders of all processes in a folder, each with its `what`."""
    return {path: path.name.split("-")[1] for path in folder.glob(".unfinished-*")}


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold the lock under which verdicts are written in a folder; say so when another run holds it."""
    from filelock import FileLock, Timeout

    lock = FileLock(folder / ".lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        print(f"another run is writing its verdicts in {folder}: ours follow when it is done")
        lock.acquire()
    try:
        yield
    finally:
        lock.release()


def sweep(folder: Path) -> None:
    """Remove what killed processes of this machine left unfinished in a folder."""
    for left, what in begun(folder).items():
        process, _, machine = left.name.removeprefix(f".unfinished-{what}-").partition("@")
        if machine == socket.gethostname() and not _alive(int(process)):
            shutil.rmtree(left, ignore_errors=True) if left.is_dir() else left.unlink(missing_ok=True)


def _alive(process: int) -> bool:
    """Tell whether a process is running; a killed one keeps its number until its parent waits for it."""
    import psutil

    try:
        return bool(psutil.Process(process).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def encode(columns: Columns) -> bytes:
    """Return the columns as the bytes of an uncompressed npz archive, a function of the columns alone."""
    buffer = io.BytesIO()
    np.savez(buffer, allow_pickle=False, **dict(sorted(columns.items())))
    return buffer.getvalue()


def decode(data: bytes) -> dict[str, NDArray[Any]]:
    """Return the columns that `encode` wrote."""
    with np.load(io.BytesIO(data), allow_pickle=False) as stored:
        return {name: stored[name] for name in stored.files}


def _write_bytes(path: Path, data: bytes) -> None:
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def write_whole(path: Path, data: bytes | str) -> None:
    """Write a file through a temporary one and a rename: readers never see a part, and what kills left is removed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    sweep(path.parent)
    temporary = unfinished(path.parent)
    _write_bytes(temporary, data.encode() if isinstance(data, str) else data)
    temporary.replace(path)
