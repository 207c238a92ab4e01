"""Small files of keys and certificates: read within a limit, secret ones only from their owner."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from labeler.errors import InvalidKey, OutputFailed


def read_small(path: str | Path, *, most: int, what: str) -> bytes:
    """
    Return a file of at most ``most`` bytes; ``what`` it is to be stands in the errors.

    Raises `InvalidKey` when it cannot be read or is longer.
    """
    path = Path(path)
    try:
        with path.open("rb") as file:
            content = file.read(most + 1)
    except OSError as error:
        raise InvalidKey(f"{path}: cannot be read as a {what}: {error.strerror}") from error
    if len(content) > most:
        raise InvalidKey(f"{path}: has more than {most:,} bytes, so it is no {what}")
    return content


def read_secret(path: str | Path, *, most: int, what: str = "key file") -> bytes:
    """Do what `read_small` does; a file that others may read raises `InvalidKey` too."""
    content = read_small(path, most=most, what=what)
    if os.name == "posix" and Path(path).stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise InvalidKey(f"{path}: others may read this key file; run: chmod 600 {path}")
    return content


def write_secret(path: str | Path, content: bytes) -> Path:
    """
    Write a new file that its owner alone may read; never overwrite.

    Raises `OutputFailed` when the file exists or cannot be written.
    """
    path = Path(path)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as error:
        raise OutputFailed(
            f"{path}: exists; a key is never overwritten, choose another name"
        ) from error
    except OSError as error:
        raise OutputFailed(f"{path}: cannot be written: {error.strerror}") from error
    with os.fdopen(handle, "wb") as file:
        file.write(content)
    return path
