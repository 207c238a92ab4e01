"""
The file of results of a run that can be stopped and taken up again (``--resume``).

Append-only JSON lines: a head with what was asked, then one report a file with a member ``resume``
that says which state of the file was read. So the file is also a plain list of reports, of which
the last one of a path counts. A last line that a killed run left torn is dropped.
"""

from __future__ import annotations

import json
import os
from contextlib import suppress
from dataclasses import dataclass, fields
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any

import labeler
from labeler.errors import OutputFailed
from labeler.save import reason_of


if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

    from detectors.batch.rows import Row
    from detectors.verbs import Inquiry

Stamp = tuple[int, str]
"""Size of a file and its time of change, or the version of an object."""

_TAIL = b', "resume": '
_HEAD = b'{"resume": '
_PATH = b'{"schema": 1, "path": '
_NOT_ASKED = frozenset({"keys", "declared", "name", "registry", "sidecar"})
_SYNC_SECONDS = 5.0
_LINE_BYTES = 64 << 20
_DECODER = json.JSONDecoder()


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What a record says besides the report: of which file, declared how, in which state."""

    path: str
    declared: bool | None
    stamp: Stamp | None


@dataclass(slots=True, kw_only=True, eq=False)
class Journal:
    """A file of results that is open for appending."""

    path: str
    file: BinaryIO
    synced: float = 0.0

    @classmethod
    def open(cls, path: str, inquiry: Inquiry) -> Journal:
        """
        Open a file of results, or begin one; drop a torn last line.

        Raises `OutputFailed` when it cannot be written, is no such file, or when what was asked
        then is not what is asked now.
        """
        try:
            file = Path(path).open("ab+")  # noqa: SIM115  closed by `close`
        except OSError as error:
            raise OutputFailed(f"{path}: cannot be written: {reason_of(error)}") from error
        try:
            _lock(file, path)
            _drop_torn_line(file)
            _begin(file, path, _head(inquiry))
        except OSError as error:
            file.close()
            raise OutputFailed(f"{path}: cannot be written: {reason_of(error)}") from error
        except OutputFailed:
            file.close()
            raise
        return cls(path=path, file=file)

    def add(self, row: Row) -> None:
        """Append a row; raise `OutputFailed` when the disk is full."""
        told = {"declared": row.declared, "stamp": row.stamp}
        line = row.line[:-1].encode() + _TAIL + json.dumps(told).encode() + b"}\n"
        try:
            self.file.write(line)
            self.file.flush()  # a killed process then loses nothing
            if monotonic() - self.synced > _SYNC_SECONDS:
                os.fsync(self.file.fileno())
                self.synced = monotonic()
        except OSError as error:
            raise OutputFailed(f"{self.path}: cannot be written: {reason_of(error)}") from error

    def close(self) -> None:
        """Write through what is there."""
        with suppress(OSError):  # what was not written is verified again
            os.fsync(self.file.fileno())
        with suppress(OSError):
            self.file.close()


def record_places(path: str) -> Iterator[tuple[str, int]]:
    """Yield the path of every record and where it stands in the file."""
    with Path(path).open("rb") as file:
        place = len(file.readline())
        for line in file:
            found = _path_of(line)
            if found is not None:
                yield found, place
            place += len(line)


def read_record(path: str, place: int) -> tuple[str, Kept] | None:
    """Return the report at a place of a file of results, as text, and what else is known of it."""
    try:
        with Path(path).open("rb") as file:
            file.seek(place)
            line = file.readline(_LINE_BYTES)
    except OSError:
        return None
    name, cut = _path_of(line), line.rfind(_TAIL)
    if name is None or cut < 0:
        return None
    try:
        told = json.loads(line[cut + len(_TAIL) : -2])
        stamp = told["stamp"]
        kept = Kept(
            path=name,
            declared=told["declared"],
            stamp=(int(stamp[0]), str(stamp[1])) if stamp else None,
        )
    except (ValueError, KeyError, TypeError, IndexError):
        return None
    return line[:cut].decode() + "}", kept


def _path_of(line: bytes) -> str | None:
    """Return the path in a record without reading the rest of it."""
    if not line.startswith(_PATH) or not line.endswith(b"}\n"):
        return None
    try:
        end = line.index(b'", "modality"', len(_PATH))
        name = _DECODER.decode(line[len(_PATH) : end + 1].decode())
    except ValueError:
        return None
    return name if isinstance(name, str) else None


def _head(inquiry: Inquiry) -> dict[str, Any]:
    """Return what results depend on besides the file: version, options, keys (not readable)."""
    asked = {
        field.name: str(getattr(inquiry, field.name))
        for field in fields(inquiry)
        if field.name not in _NOT_ASKED
    }
    keys = [key.subkey("resume", 8).hex() for key in inquiry.keys]
    known = str(getattr(inquiry, "registry", None) is not None)
    return {"version": labeler.__version__, **asked, "keys": keys, "registry": known}


def _begin(file: BinaryIO, path: str, head: dict[str, Any]) -> None:
    """Write the first line of a new file, or check that of an old one."""
    file.seek(0)
    begun = file.readline(_LINE_BYTES)
    if begun:
        _check_head(path, begun, head)
    else:
        file.write(_HEAD + json.dumps(head).encode() + b"}\n")
        file.flush()


def _check_head(path: str, line: bytes, head: dict[str, Any]) -> None:
    """Raise unless a file was begun with what is asked now."""
    try:
        begun = json.loads(line)["resume"]
        changed = [name for name in head if begun.get(name) != head[name]]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise OutputFailed(f"{path}: is no file that --resume began; name another one") from error
    if changed:
        what = ", ".join(f"{name} {begun.get(name)!s:.40}" for name in changed)
        raise OutputFailed(f"{path}: was begun with {what}; ask for the same, or name another file")


def _drop_torn_line(file: BinaryIO) -> None:
    """Cut a file after its last line feed."""
    size = end = file.seek(0, os.SEEK_END)
    while end:
        start = max(0, end - (1 << 16))
        file.seek(start)
        found = file.read(end - start).rfind(b"\n")
        if found >= 0:
            end = start + found + 1
            break
        end = start
    if end < size:
        file.truncate(end)


def _lock(file: BinaryIO, path: str) -> None:
    """Raise when another run writes to the file; where the system knows no locks, trust."""
    try:
        import fcntl
    except ImportError:
        return
    try:
        fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise OutputFailed(f"{path}: another run is writing to it") from error
    except OSError:  # a file system without locks
        return
