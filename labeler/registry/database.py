"""
The SQLite file: its tables, how it is opened, and what its errors mean to a user.

Write-ahead log, one writer at a time by BEGIN IMMEDIATE, readers never wait. A connection lives as
long as one call, so the registry can be used from any thread and process.
"""

from __future__ import annotations

import os
import secrets
import sqlite3
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from labeler.errors import RegistryFailed
from labeler.save import TEMPORARY_SUFFIX


if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

APPLICATION_ID = 0x41494743
"""``AIGC``: tells our file from other SQLite files (PRAGMA application_id)."""

SCHEMA = 1
PATIENCE = 10.0
"""Seconds that one attempt waits for another writer."""

ATTEMPTS = 3
"""Attempts to begin a transaction; SQLite's waiting is not fair, so one may starve."""

_TABLES = """
CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE entries (
  number INTEGER PRIMARY KEY,
  kind TEXT NOT NULL,
  time TEXT NOT NULL,
  retain_until TEXT NOT NULL,
  mark INTEGER,
  file_after INTEGER,
  file_before INTEGER,
  salt BLOB,
  body TEXT,
  digest BLOB NOT NULL,
  link BLOB NOT NULL
);
CREATE INDEX by_mark ON entries (mark) WHERE mark IS NOT NULL;
CREATE INDEX by_file_after ON entries (file_after) WHERE file_after IS NOT NULL;
CREATE INDEX by_file_before ON entries (file_before) WHERE file_before IS NOT NULL;
CREATE TABLE prints (
  number INTEGER, position INTEGER, bits BLOB NOT NULL, PRIMARY KEY (number, position)
) WITHOUT ROWID;
CREATE TABLE bands (
  band INTEGER, number INTEGER, PRIMARY KEY (band, number)
) WITHOUT ROWID;
CREATE TRIGGER entries_stay BEFORE DELETE ON entries BEGIN
  SELECT RAISE(ABORT, 'the registry is append-only');
END;
CREATE TRIGGER entries_keep BEFORE UPDATE ON entries
WHEN NEW.body IS NOT NULL OR NEW.salt IS NOT NULL OR NEW.number <> OLD.number
  OR NEW.kind <> OLD.kind OR NEW.time <> OLD.time OR NEW.retain_until <> OLD.retain_until
  OR NEW.digest <> OLD.digest OR NEW.link <> OLD.link OR OLD.retain_until > date('now')
BEGIN
  SELECT RAISE(ABORT, 'the registry is append-only and keeps records six months');
END;
"""


def create(path: Path) -> None:
    """
    Make an empty registry, readable by its owner only; complete or not there at all.

    Raises `RegistryFailed` when the file exists or cannot be written.
    """
    temporary = path.with_name(f".{path.name[:80]}.{secrets.token_hex(6)}{TEMPORARY_SUFFIX}")
    try:
        os.close(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        with explained(path), closing(sqlite3.connect(temporary, isolation_level=None)) as file:
            file.execute(f"PRAGMA application_id={APPLICATION_ID}")
            file.execute(f"PRAGMA user_version={SCHEMA}")
            file.execute("PRAGMA page_size=8192")
            file.execute("PRAGMA journal_mode=WAL")
            file.executescript(_TABLES)
            file.execute("INSERT INTO facts VALUES ('identity', ?)", (secrets.token_hex(16),))
        _publish(temporary, path)
    except FileExistsError as error:
        raise RegistryFailed(f"{path}: exists; a registry is never overwritten") from error
    except OSError as error:
        raise RegistryFailed(f"{path}: cannot be made: {error.strerror}") from error
    finally:
        for ending in ("", "-wal", "-shm"):
            with suppress(OSError):
                Path(f"{temporary}{ending}").unlink(missing_ok=True)


def _publish(temporary: Path, path: Path) -> None:
    """Give the file its name unless that is taken; two makers at a time cannot both win."""
    try:
        os.link(temporary, path)
    except FileExistsError:
        raise
    except OSError:  # a file system without hard links
        if path.exists():
            raise FileExistsError(path) from None
        temporary.rename(path)


@contextmanager
def reading(path: Path) -> Iterator[sqlite3.Connection]:
    """Yield a connection that cannot write; raise `RegistryFailed` for what is no registry."""
    with explained(path), closing(_connected(path)) as connection:
        connection.execute("PRAGMA query_only=ON")
        yield connection


@contextmanager
def writing(path: Path) -> Iterator[sqlite3.Connection]:
    """
    Yield a connection within one transaction, which is on the disk when this returns.

    Raises `RegistryFailed`; nothing of the transaction is kept then.
    """
    with explained(path), closing(_connected(path)) as connection:
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA cache_size=-65536")
        _begin(connection)
        try:
            yield connection
        except BaseException:
            with suppress(sqlite3.Error):
                connection.execute("ROLLBACK")
            raise
        connection.execute("COMMIT")


def _begin(connection: sqlite3.Connection) -> None:
    for attempt in range(ATTEMPTS):
        try:
            connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            if attempt == ATTEMPTS - 1 or not _is_busy(error):
                raise
        else:
            return


def _connected(path: Path) -> sqlite3.Connection:
    if not path.is_file():
        what = "is no file" if path.exists() else "there is no registry"
        raise RegistryFailed(f"{path}: {what}; make one with: aigc-label registry init {path}")
    connection = _opened(path)
    try:
        _require_own(connection, path)
    except BaseException:
        connection.close()
        raise
    return connection


def _require_own(connection: sqlite3.Connection, path: Path) -> None:
    own = connection.execute("PRAGMA application_id").fetchone()[0]
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if own != APPLICATION_ID:
        raise RegistryFailed(f"{path}: is no registry; name another file")
    if version != SCHEMA:
        raise RegistryFailed(
            f"{path}: is a registry of version {version}, this program reads {SCHEMA}; use the "
            "program that wrote it"
        )


def _opened(path: Path) -> sqlite3.Connection:
    """Open the file; one that lies where nothing can be written is taken as it is."""
    address = path.absolute().as_uri()
    still = not os.access(path.parent, os.W_OK) and not Path(f"{path}-wal").exists()
    mode = "mode=ro&immutable=1" if still else "mode=rw"
    return sqlite3.connect(f"{address}?{mode}", uri=True, timeout=PATIENCE, isolation_level=None)


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turn SQLite's errors into one line that says what is wrong and what to do."""
    try:
        yield
    except sqlite3.Error as error:
        raise RegistryFailed(f"{path}: {_advice(error)}") from error


def _is_busy(error: sqlite3.Error) -> bool:
    return _code(error) in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}


def _code(error: sqlite3.Error) -> int:
    """Return SQLite's primary result code; errors of the Python module have none."""
    code: int = getattr(error, "sqlite_errorcode", 0)
    return code & 0xFF


def _advice(error: sqlite3.Error) -> str:
    return _ADVICE.get(_code(error), "cannot be used ({})").format(error)


_LOCKED = "another program keeps it locked; try again when that has finished"
_CLOSED = "cannot be opened for writing; look at the permissions of file and folder"
_DAMAGED = "is damaged ({}); restore a copy and run: aigc-label registry check"
_ADVICE: Mapping[int, str] = MappingProxyType(
    {
        sqlite3.SQLITE_BUSY: _LOCKED,
        sqlite3.SQLITE_LOCKED: _LOCKED,
        sqlite3.SQLITE_FULL: "the disk is full; free some space and run it again",
        sqlite3.SQLITE_READONLY: _CLOSED,
        sqlite3.SQLITE_CANTOPEN: _CLOSED,
        sqlite3.SQLITE_PERM: _CLOSED,
        sqlite3.SQLITE_NOTADB: "is no registry, or damaged; name another file or restore a copy",
        sqlite3.SQLITE_CORRUPT: _DAMAGED,
        sqlite3.SQLITE_ERROR: _DAMAGED,
        sqlite3.SQLITE_CONSTRAINT: "refuses it ({})",
    }
)
