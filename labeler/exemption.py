"""
The record of a version given out without its visible label (Measures art. 9, R-04).

One JSON line an item, only ever appended. Article 9 frees from the visible label alone, asks to fix
the user's duty in an agreement, and to keep a record of whom the version was given to for at least
six months. Nothing here deletes a record.
"""

from __future__ import annotations

import calendar
import json
import logging
import os
import re
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import labeler
from labeler.errors import CorruptMedia, InvalidLabel, OutputFailed


if TYPE_CHECKING:
    from collections.abc import Iterator

    from labeler.model import Label


SCHEMA = 1
RETENTION_MONTHS = 6
RETENTION_MARGIN = timedelta(days=3)
"""Six calendar months can be 181 days; with the margin they are never under 183 (R-04)."""

MAX_VALUE = 500
"""Longest recipient, agreement or file name recorded, in characters."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExemptionRecord:
    """
    One line of the log: who received which item without a visible label, under which agreement.

    ``time`` is UTC in ISO 8601; ``retain_until`` is the first day on which the record may go.
    """

    time: str
    recipient: str
    agreement: str
    producer: str
    content_id: str
    file_name: str
    sha256: str
    tool: str
    retain_until: str
    schema: int = SCHEMA

    def to_json(self) -> str:
        """Return the record as one line of JSON, without the line break."""
        return json.dumps(asdict(self), ensure_ascii=False, separators=(",", ":"))


def retention_date(start: date) -> date:
    """
    Return the first day on which a record of ``start`` may be deleted: six calendar months on.

    A day that the month does not have becomes its last one; three days are added as a margin, so
    that the time is never under 183 days.

    >>> retention_date(date(2025, 8, 31))
    datetime.date(2026, 3, 3)
    """
    years, month = divmod(start.month - 1 + RETENTION_MONTHS, 12)
    year, month = start.year + years, month + 1
    day = min(start.day, calendar.monthrange(year, month)[1])
    return date(year, month, day) + RETENTION_MARGIN


def record_exemption(
    log_path: str | Path,
    *,
    recipient: str,
    agreement: str,
    label: Label,
    sha256: str,
    file_name: str = "",
    now: datetime | None = None,
) -> ExemptionRecord:
    """
    Append one record to the log and return it once it is on the disk.

    Parameters
    ----------
    log_path
        The log; made, readable by its owner only, when it is not there.
    recipient, agreement
        Whom the version is given to, and where the user's duty to label is agreed upon.
    label
        The label that stays in the metadata.
    sha256
        Of the file given out, 64 hexadecimal digits.
    file_name
        Name of the file given out.
    now
        The time of the record; default: now.

    Raises
    ------
    InvalidLabel
        Recipient or agreement is empty, a value is too long or not one printable line.
    OutputFailed
        The log could not be written; then nothing may be given out.
    """
    moment = (now or datetime.now(UTC)).astimezone(UTC)
    record = ExemptionRecord(
        time=moment.isoformat(timespec="seconds"),
        recipient=_checked("recipient", recipient),
        agreement=_checked("agreement", agreement),
        producer=label.producer,
        content_id=label.content_id,
        file_name=_checked("file name", file_name, needed=False),
        sha256=_checked_digest(sha256),
        tool=f"aigc-label {labeler.__version__}",
        retain_until=retention_date(moment.date()).isoformat(),
    )
    try:
        _append(Path(log_path), record.to_json().encode())
    except OSError as error:
        raise OutputFailed(
            f"{log_path}: the art. 9 record cannot be written ({error.strerror}); "
            "choose a log that can, or keep the visible label"
        ) from error
    return record


def read_exemptions(log_path: str | Path) -> tuple[ExemptionRecord, ...]:
    """
    Return every record of the log, oldest first; empty when there is no log yet.

    A line torn by a crash is left out and logged as a warning: such an item was never given out.
    Raises `CorruptMedia` when the log cannot be read or a whole line is no record.
    """
    try:
        lines = Path(log_path).read_bytes().split(b"\n")
    except FileNotFoundError:
        return ()
    except OSError as error:
        raise CorruptMedia(f"{log_path}: cannot be read: {error.strerror}") from error
    records = (_parsed(line, f"{log_path}: line {n}") for n, line in enumerate(lines, 1) if line)
    return tuple(record for record in records if record is not None)


def _parsed(line: bytes, where: str) -> ExemptionRecord | None:
    """Return the record of a line, None for a torn one."""
    try:
        found: Any = json.loads(line)
    except ValueError:
        _log.warning("%s is torn and left out", where)
        return None
    except RecursionError as error:
        raise CorruptMedia(f"{where} is no art. 9 record; restore the log from a copy") from error
    try:
        return ExemptionRecord(**{f.name: found[f.name] for f in fields(ExemptionRecord)})
    except (KeyError, TypeError) as error:
        raise CorruptMedia(f"{where} is no art. 9 record; restore the log from a copy") from error


def _checked(name: str, value: str, *, needed: bool = True) -> str:
    """Return a value that fits on one line of the log."""
    if needed and not value.strip():
        raise InvalidLabel(f"the {name} is empty; art. 9 of the Measures asks for a record of it")
    if len(value) > MAX_VALUE:
        raise InvalidLabel(f"the {name} has {len(value)} characters; at most {MAX_VALUE}")
    if not value.isprintable():
        raise InvalidLabel(f"the {name} has control characters; use one line of text")
    return value


def _checked_digest(sha256: str) -> str:
    if not re.fullmatch(r"[0-9a-fA-F]{64}", sha256):
        raise InvalidLabel("sha256 must be the 64 hexadecimal digits of the file given out")
    return sha256.lower()


def _append(path: Path, line: bytes) -> None:
    """Append one line in a single write, behind a line break that a crash may have left out."""
    flags = os.O_RDWR | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0)
    handle = os.open(path, flags, 0o600)
    try:
        with _locked(handle):
            torn = _last_byte(handle) not in {b"", b"\n"}
            data = b"\n" * torn + line + b"\n"
            if os.write(handle, data) != len(data):
                raise OSError(28, "the disk is full")
            os.fsync(handle)
    finally:
        os.close(handle)


def _last_byte(handle: int) -> bytes:
    size = os.lseek(handle, 0, os.SEEK_END)
    if not size:
        return b""
    os.lseek(handle, size - 1, os.SEEK_SET)
    return os.read(handle, 1)


@contextmanager
def _locked(handle: int) -> Iterator[None]:
    """Hold the log for one writer, where the system offers locks of whole files."""
    try:
        import fcntl
    except ImportError:  # Windows: O_APPEND and a single write have to do
        yield
        return
    fcntl.flock(handle, fcntl.LOCK_EX)
    try:
        yield
    finally:
        fcntl.flock(handle, fcntl.LOCK_UN)
