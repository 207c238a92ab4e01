"""
What a worker does with one file, and the row it sends back: the report as text, already written.

Text is sent, because it is what most outputs want and costs a fraction of the objects.
"""

from __future__ import annotations

import json
import os
import sys
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from detectors.batch.journal import Stamp, read_record
from detectors.batch.records import report_of
from detectors.evidence import Report, Verdict
from detectors.verbs import reads_headers, verify
from labeler.errors import LabelError, UnsupportedMedia
from labeler.limits import LIMITS
from labeler.machine import dump
from labeler.model import Modality
from labeler.objects import ObjectFile, is_url, object_stamp, read_object
from labeler.sources import STDIN


if TYPE_CHECKING:
    from detectors.batch.listing import Item
    from detectors.verbs import Inquiry
    from labeler.batch import Failure

_NO_FILE: Stamp = (-1, "")
_CHANGED = "it changed while it was read; verify it again when nothing writes to it"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """
    What came of one file. ``line`` is the report as one JSON object, without a line feed.

    ``stamp`` says which state of the file was read, None when that may be tried again. ``fresh``
    is False for a row taken over from an earlier run.
    """

    path: str
    line: str
    verdict: str
    modality: str = ""
    error: str = ""
    declared: bool | None = None
    stamp: Stamp | None = None
    fresh: bool = True

    @property
    def report(self) -> Report:
        """The report."""
        return report_of(json.loads(self.line))

    def to_dict(self) -> dict[str, Any]:
        """Return the report as the machine output of ``verify`` has it."""
        plain: dict[str, Any] = json.loads(self.line)
        return plain


def row_of(report: Report, item: Item, *, stamp: Stamp | None = None) -> Row:
    """Return the row of a report."""
    return Row(
        path=item.path,
        line=dump(report.to_dict()),
        verdict=report.verdict.value,
        modality=report.modality.value,
        error=report.error,
        declared=item.declared,
        stamp=stamp,
    )


def row_of_failure(failure: Failure) -> Row:
    """Return the row of a file whose process died or hung; the next run tries it again."""
    item: Item = failure.item
    return row_of(_undetermined(item.path, failure.error), item)


def verify_item(item: Item, inquiry: Inquiry, records: str | None = None) -> Row:
    """
    Verify one file of a batch; what cannot be read is a row that says so (row 14).

    ``records`` is the file of results in which ``item.known`` is a place: the row there is taken
    over when the file has not changed since.
    """
    if item.fault:
        return row_of(_undetermined(item.path, item.fault), item, stamp=_NO_FILE)
    if records is not None and item.known >= 0 and (row := _kept(item, records)):
        return row
    asked = inquiry
    if item.declared != inquiry.declared:
        asked = replace(inquiry, declared=item.declared)
    try:
        if item.path == STDIN:
            data = sys.stdin.buffer.read(LIMITS.file_bytes + 1)
            return row_of(replace(verify(data, asked), path=STDIN), item)
        return _verify_object(item, asked) if is_url(item.path) else _verify_file(item, asked)
    except LabelError as error:
        return row_of(_undetermined(item.path, str(error)), item, stamp=_NO_FILE)


def _verify_file(item: Item, inquiry: Inquiry) -> Row:
    """Verify a file, and once more when it changes meanwhile; then the row says so."""
    for _ in range(2):
        stamp = stamp_of(item.path)
        report = verify(item.path, inquiry)
        if stamp_of(item.path) == stamp:
            return row_of(report, item, stamp=stamp)
    return row_of(_undetermined(item.path, _CHANGED), item)


def _verify_object(item: Item, inquiry: Inquiry) -> Row:
    """Verify an object: opened where its header is enough, else fetched whole."""
    named = replace(inquiry, name=item.path.rpartition("/")[2])
    if reads_headers(inquiry):
        file = ObjectFile(item.path)
        content: Any = file
        stamp = (file.size, file.version)
    else:
        content, version = read_object(item.path, limit=LIMITS.file_bytes)
        stamp = (len(content), version)
    return row_of(replace(verify(content, named), path=item.path), item, stamp=stamp)


def _kept(item: Item, records: str) -> Row | None:
    """Return the row of an earlier run when it still holds."""
    found = read_record(records, item.known)
    if found is None:
        return None
    line, kept = found
    if kept.path != item.path or kept.declared != item.declared or kept.stamp is None:
        return None
    try:
        now = stamp_of(item.path)
    except LabelError:
        now = _NO_FILE
    if now != kept.stamp:
        return None
    plain = json.loads(line)
    return Row(
        path=item.path,
        line=line,
        verdict=plain["verdict"],
        modality=plain["modality"],
        error=plain["error"],
        declared=item.declared,
        stamp=now,
        fresh=False,
    )


def stamp_of(path: str) -> Stamp:
    """Return the state of a file or an object; raise `UnsupportedMedia` when there is none."""
    if is_url(path):
        return object_stamp(path)
    try:
        found = os.stat(path)  # noqa: PTH116  a name as given
    except OSError as error:
        reason = (error.strerror or type(error).__name__).lower()
        raise UnsupportedMedia(f"cannot be read: {reason}") from error
    return (found.st_size, str(found.st_mtime_ns))


def _undetermined(path: str, error: str) -> Report:
    return Report(
        path=path,
        modality=Modality.UNKNOWN,
        format="",
        sha256="",
        verdict=Verdict.UNDETERMINED,
        error=error,
    )
