"""
Which paths came already: exact, and in a memory that does not grow with ten million of them.

A private SQLite database that begins in memory and goes to a temporary file when it is large.
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import blake2b
from typing import TYPE_CHECKING

from labeler.errors import OutputFailed
from labeler.objects import is_url
from labeler.sources import STDIN


if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_CACHE_KIB = 32_768


@dataclass(slots=True, eq=False)
class SeenPaths:
    """Paths that came, and where records of an earlier run stand."""

    base: sqlite3.Connection

    @classmethod
    def open(cls, records: Iterable[tuple[str, int]] = ()) -> SeenPaths:
        """Begin with the records of an earlier run: paths and places; of a path the last counts."""
        base = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        base.execute(f"PRAGMA cache_size=-{_CACHE_KIB}")
        base.execute("PRAGMA journal_mode=OFF")
        base.execute("CREATE TABLE seen (path BLOB PRIMARY KEY, place INT, came INT) WITHOUT ROWID")
        base.execute("BEGIN")
        seen = cls(base=base)
        with _full_disk_told():
            base.executemany(
                "INSERT OR REPLACE INTO seen VALUES (?, ?, 0)",
                ((_key(path), place) for path, place in records),
            )
        return seen

    def note(self, path: str) -> tuple[bool, int]:
        """Note that a path came; return whether it is the first time, and its place or -1."""
        key = _key(path)
        with _full_disk_told():
            found = self.base.execute("SELECT place, came FROM seen WHERE path=?", (key,))
            place, came = found.fetchone() or (-1, 0)
            if not came:
                self.base.execute("INSERT OR REPLACE INTO seen VALUES (?, ?, 1)", (key, place))
        return not came, int(place)

    def close(self) -> None:
        """Give memory and temporary file back."""
        self.base.close()


@contextmanager
def _full_disk_told() -> Iterator[None]:
    try:
        yield
    except sqlite3.OperationalError as error:
        raise OutputFailed(f"the list of paths seen cannot be kept: {error}") from error


def _key(path: str) -> bytes:
    """Return what stands for a path: two spellings of one name are one file."""
    name = path if is_url(path) or path == STDIN else os.path.abspath(path)  # noqa: PTH100  text
    return blake2b(os.fsencode(name), digest_size=16).digest()
