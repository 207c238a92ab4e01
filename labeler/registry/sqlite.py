"""The registry in one SQLite file; see `labeler.registry.records.Registry` for the contract."""

from __future__ import annotations

import json
import os
import secrets
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from labeler.errors import RegistryFailed
from labeler.exemption import retention_date
from labeler.payload import MARK_ID_BITS, mark_id
from labeler.registry import nearness
from labeler.registry.chain import Entry, body_digest, first_link, link_fault, next_link
from labeler.registry.database import create, explained, reading, writing
from labeler.registry.records import (
    EXPORT,
    LABEL,
    PURGE,
    LabelRecord,
    Match,
    Verification,
    utc_now,
)


if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Iterator

    from labeler.registry.records import Likeness

MOST_MATCHES = 1000
"""Most records that one look-up returns; a head of few bits may fit half the registry."""

_BATCH = 5_000
_PAGE = 1_000
_COLUMNS = ("number", "kind", "time", "retain_until", "salt", "body", "digest", "link")
_INSERT = """
INSERT INTO entries
  (number, kind, time, retain_until, mark, file_after, file_before, salt, body, digest, link)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""


def open_at(where: str | os.PathLike[str]) -> SqliteRegistry:
    """Return the registry at a path; raise `RegistryFailed` when it is none."""
    registry = SqliteRegistry(Path(os.path.realpath(where)))
    with reading(registry.path):
        return registry


def make_at(where: str | os.PathLike[str], *, known: bool) -> SqliteRegistry:
    """Make the file, or open it when it is ``known`` and there; raise `RegistryFailed`."""
    path = Path(os.path.realpath(where))
    if not (known and path.exists()):
        try:
            create(path)
        except RegistryFailed:
            if not (known and path.exists()):  # else another process made it meanwhile
                raise
    return open_at(path)


@dataclass(frozen=True, slots=True)
class SqliteRegistry:
    """A registry at a path. Holds no connection: it may be pickled, and shared by threads."""

    path: Path

    @property
    def place(self) -> str:
        """Where it is, for messages."""
        return str(self.path)

    def add(self, record: LabelRecord, likeness: Likeness | None = None) -> int:
        """Append one record; return its number once it is on the disk."""
        with writing(self.path) as connection:
            number, link = _head(connection)
            _append(connection, number + 1, link, record)
            if likeness is not None:
                nearness.keep(connection, number + 1, likeness)
        return number + 1

    def add_all(self, records: Iterable[LabelRecord]) -> int:
        """Append many records, some thousands a transaction; return how many."""
        source, count = iter(records), 0
        while batch := list(islice(source, _BATCH)):
            with writing(self.path) as connection:
                number, link = _head(connection)
                for number, record in enumerate(batch, number + 1):  # noqa: B020  goes on from it
                    link = _append(connection, number, link, record)
            count += len(batch)
        return count

    def with_mark(self, mark: int, bits: int = MARK_ID_BITS) -> tuple[Match, ...]:
        """Return records whose mark id begins with the first ``bits`` of ``mark``, newest first."""
        if not 0 < bits <= MARK_ID_BITS:
            raise ValueError(f"a mark id has 1 to {MARK_ID_BITS} bits, not {bits}")
        unread = MARK_ID_BITS - bits
        low = mark >> unread << unread
        return self._found("mark BETWEEN ? AND ?", (low, low | (1 << unread) - 1))

    def with_digest(self, sha256: str) -> tuple[Match, ...]:
        """Return records of the file with this hash, before or after labelling, newest first."""
        head = _file_key(sha256)
        found = self._found("file_after = ? OR file_before = ?", (head, head))
        return tuple(m for m in found if sha256 in {m.record.sha256, m.record.sha256_before})

    def _found(self, where: str, values: tuple[int | None, ...]) -> tuple[Match, ...]:
        query = f"SELECT number, body FROM entries WHERE ({where}) ORDER BY number DESC LIMIT ?"  # noqa: S608  fixed texts
        with reading(self.path) as connection:
            rows = connection.execute(query, (*values, MOST_MATCHES)).fetchall()
        return tuple(_match(number, body) for number, body in rows if body is not None)

    def alike(self, likeness: Likeness, *, most: int = 5) -> tuple[Match, ...]:
        """Return records whose fingerprint is near, the nearest first: hints, no proof."""
        with reading(self.path) as connection:
            near = nearness.nearest(connection, likeness, most=most)
            query = "SELECT number, body FROM entries WHERE number = ? AND body IS NOT NULL"
            rows = [connection.execute(query, (number,)).fetchone() for number in near]
        return tuple(
            Match(number=row[0], record=LabelRecord.from_body(row[1]), distance=near[row[0]])
            for row in rows
            if row is not None
        )

    def records(self, *, kind: str = "") -> Iterator[Match]:
        """Yield every record that is not purged, oldest first; no lock is held meanwhile."""
        last = 0
        query = (
            "SELECT number, body FROM entries WHERE number > ? AND body IS NOT NULL "
            "AND kind <> 'purge' AND ? IN ('', kind) ORDER BY number LIMIT ?"
        )
        while True:
            with reading(self.path) as connection:
                rows = connection.execute(query, (last, kind, _PAGE)).fetchall()
            if not rows:
                return
            yield from (_match(number, body) for number, body in rows)
            last = rows[-1][0]

    def purge(self, *, before: date) -> int:
        """
        Empty the records older than ``before`` and record that; return how many there were.

        Their digests stay, so that the chain verifies. Raises `RegistryFailed` when any of them
        has to be kept longer (R-04, R-57): nothing is purged then.
        """
        today = datetime.now(UTC).date()
        old = "body IS NOT NULL AND kind <> 'purge' AND time < ?"
        with writing(self.path) as connection:
            connection.execute("PRAGMA secure_delete=ON")
            kept = connection.execute(
                f"SELECT number, retain_until FROM entries WHERE {old} AND retain_until > ? "  # noqa: S608  fixed texts
                "ORDER BY number LIMIT 1",
                (before.isoformat(), today.isoformat()),
            ).fetchone()
            if kept is not None:
                raise RegistryFailed(
                    f"{self.path}: entry {kept[0]} is to be kept until {kept[1]} (Measures art. 9: "
                    "six months at least); name an earlier day"
                )
            numbers = [
                row[0]
                for row in connection.execute(
                    f"SELECT number FROM entries WHERE {old}",  # noqa: S608  fixed texts
                    (before.isoformat(),),
                )
            ]
            if numbers:
                _empty(connection, numbers, before)
        if numbers:
            self._settle()
        return len(numbers)

    def _settle(self) -> None:
        """Bring the log into the file, so that what was purged is not left in the log."""
        with explained(self.path), reading(self.path) as connection:
            connection.execute("PRAGMA query_only=OFF")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def check(self, head: str = "") -> Verification:
        """
        Recompute the chain from its first entry and look for ``head`` in it.

        Every record is hashed again, the columns that look-ups use are compared with it, and an
        empty record must be accounted for by a recorded purge. What was cut off at the end shows
        only against a ``head`` noted earlier.
        """
        with reading(self.path) as connection:
            connection.execute("BEGIN")  # one state throughout, whoever writes meanwhile
            identity = connection.execute(
                "SELECT value FROM facts WHERE name = 'identity'"
            ).fetchone()
            return _checked(connection, identity[0] if identity else "", head.strip().lower())

    def __len__(self) -> int:
        """Return how many entries there are, purged ones among them."""
        with reading(self.path) as connection:
            return _head(connection)[0]


def _match(number: int, body: str) -> Match:
    return Match(number=number, record=LabelRecord.from_body(body))


def _file_key(sha256: str) -> int | None:
    """Return what a file hash is indexed by: its first 63 bits."""
    return int(sha256[:16], 16) >> 1 if sha256 else None


def _head(connection: sqlite3.Connection) -> tuple[int, bytes]:
    """Return number and link of the last entry."""
    last = connection.execute(
        "SELECT number, link FROM entries ORDER BY number DESC LIMIT 1"
    ).fetchone()
    if last is not None:
        return int(last[0]), bytes(last[1])
    identity = connection.execute("SELECT value FROM facts WHERE name = 'identity'").fetchone()
    return 0, first_link(identity[0] if identity else "")


def _append(
    connection: sqlite3.Connection, number: int, before: bytes, record: LabelRecord
) -> bytes:
    """Append one record behind the link ``before``; return its own link."""
    keys = (record.mark, _file_key(record.sha256), _file_key(record.sha256_before))
    return _insert(
        connection,
        (number, record.kind, record.time, record.retain_until),
        keys,
        before=before,
        body=record.to_body(),
    )


def _insert(
    connection: sqlite3.Connection,
    head: tuple[int, str, str, str],
    keys: tuple[int | None, int | None, int | None],
    *,
    before: bytes,
    body: str,
) -> bytes:
    salt = secrets.token_bytes(16)
    digest = body_digest(salt, body)
    link = next_link(before, head, digest)
    connection.execute(_INSERT, (*head, *keys, salt, body, digest, link))
    return link


def _empty(connection: sqlite3.Connection, numbers: list[int], before: date) -> None:
    """Empty entries and append the entry that says which."""
    last, link = _head(connection)
    now = utc_now()
    told = {"before": before.isoformat(), "purged": _spans(numbers)}
    body = json.dumps(told, sort_keys=True, separators=(",", ":"))
    kept_until = retention_date(datetime.now(UTC).date()).isoformat()
    _insert(
        connection,
        (last + 1, PURGE, now, kept_until),
        (None, None, None),
        before=link,
        body=body,
    )
    for low, high in _spans(numbers):
        connection.execute(
            "UPDATE entries SET body = NULL, salt = NULL, mark = NULL, file_after = NULL, "
            "file_before = NULL WHERE number BETWEEN ? AND ?",
            (low, high),
        )
        nearness.drop(connection, low, high)


def _spans(numbers: list[int]) -> list[list[int]]:
    """
    Return ascending numbers as spans, both ends included.

    >>> _spans([1, 2, 3, 7, 9, 10])
    [[1, 3], [7, 7], [9, 10]]
    """
    spans: list[list[int]] = []
    for number in numbers:
        if spans and spans[-1][1] == number - 1:
            spans[-1][1] = number
        else:
            spans.append([number, number])
    return spans


def _checked(connection: sqlite3.Connection, identity: str, head: str) -> Verification:
    link, count, emptied = first_link(identity), 0, 0
    open_spans: list[tuple[int, int]] = []  # emptied entries that no purge accounts for yet
    seen = not head or link.hex() == head
    query = (
        f"SELECT {', '.join(_COLUMNS)}, mark, file_after, file_before FROM entries ORDER BY number"  # noqa: S608  fixed texts
    )
    for *stored, mark, after, before in connection.execute(query):
        entry = Entry(**dict(zip(_COLUMNS, stored, strict=True)))
        count += 1
        fault = _entry_fault(entry, count, link, keys=(mark, after, before))
        if fault:
            return Verification(entries=count, purged=emptied, head=link.hex(), fault=fault)
        if entry.body is None:
            emptied += 1
            open_spans = _extended(open_spans, count)
        elif entry.kind == PURGE:
            open_spans = _without(open_spans, _purged_spans(entry))
        link = entry.link
        seen = seen or link.hex() == head
    fault = "" if seen else "the head noted earlier is not in it: entries are missing or replaced"
    if open_spans:
        fault = f"the record of entry {open_spans[0][0]} is gone and no purge accounts for it"
    return Verification(entries=count, purged=emptied, head=link.hex(), fault=fault)


def _entry_fault(
    entry: Entry, number: int, link: bytes, *, keys: tuple[int | None, int | None, int | None]
) -> str:
    if entry.number != number:
        return f"entry {number} is missing"
    if fault := link_fault(link, entry):
        return fault
    if entry.kind == PURGE or entry.body is None:
        return ""
    try:
        right = _columns_of(json.loads(entry.body))
    except (ValueError, KeyError, TypeError, RecursionError):
        return f"entry {number} holds no label record"
    if (*keys, entry.kind, entry.time, entry.retain_until) != right:
        return f"the look-up columns of entry {number} were altered"
    return ""


def _columns_of(told: Any) -> tuple[int | None, int | None, int | None, str, str, str]:
    """Return what the columns beside a body have to say; the body itself is held by its digest."""
    label = told["label"]
    return (
        mark_id(label["ContentProducer"], label["ProduceID"]),
        _file_key(told["sha256"]),
        _file_key(told["sha256_before"]),
        EXPORT if told["recipient"] else LABEL,
        told["time"],
        told["retain_until"],
    )


def _extended(spans: list[tuple[int, int]], number: int) -> list[tuple[int, int]]:
    if spans and spans[-1][1] == number - 1:
        return [*spans[:-1], (spans[-1][0], number)]
    return [*spans, (number, number)]


def _purged_spans(entry: Entry) -> list[tuple[int, int]]:
    try:
        found: Any = json.loads(entry.body or "{}")
        return [(int(low), int(high)) for low, high in found["purged"]]
    except (ValueError, KeyError, TypeError):
        return []


def _without(spans: list[tuple[int, int]], gone: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the spans that are not accounted for; both lists ascend."""
    left: list[tuple[int, int]] = []
    for span in spans:
        low, high = span
        for first, last in gone:
            if last < low or first > high:
                continue
            if first > low:
                left.append((low, first - 1))
            low = last + 1
        if low <= high:
            left.append((low, high))
    return left
