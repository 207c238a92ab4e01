"""Records on their way out of the registry, and art. 9 logs on their way in."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING, Any

from labeler.exemption import read_exemptions
from labeler.registry.records import EXPORT, LabelRecord
from labeler.terminal import printable


if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from labeler.registry.records import Match, Registry

CSV_COLUMNS = (
    "number", "kind", "time", "retain_until", "mark_id", "Label", "ContentProducer", "ProduceID",
    "file_name", "modality", "layers", "policy", "key", "recipient", "agreement",
    "sha256_before", "sha256", "tool",
)  # fmt: skip

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def to_json_lines(matches: Iterable[Match]) -> Iterator[str]:
    """Yield one JSON object a record, its number in the chain first; ASCII only."""
    for match in matches:
        yield json.dumps(match_values(match)) + "\n"


def to_csv(matches: Iterable[Match]) -> Iterator[str]:
    """Yield CSV that spreadsheet programs open as UTF-8; no cell is taken for a formula."""
    yield "\ufeff" + _line(CSV_COLUMNS)
    for match in matches:
        values = match_values(match)
        flat = {**values, **values["label"], "layers": " ".join(values["layers"])}
        yield _line([_cell(flat[name]) for name in CSV_COLUMNS])


def to_text(matches: Iterable[Match]) -> Iterator[str]:
    """Yield one line a record for people."""
    for match in matches:
        record = match.record
        parts = [
            f"{match.number}: {record.time}",
            f"{record.mark:015x}",
            f"{record.label['ContentProducer']} {record.label['ProduceID']}",
            record.modality,
            record.file_name,
        ]
        if record.recipient:
            parts.append(f"-> {record.recipient} ({record.agreement}), until {record.retain_until}")
        if match.distance is not None:
            parts.append(f"alike, {match.distance} of 256 bits differ: a hint")
        yield "  ".join(printable(part, 200) for part in parts if part) + "\n"


def match_values(match: Match) -> dict[str, Any]:
    """Return a record as plain data, with its number and, where looked up by it, its distance."""
    near = {} if match.distance is None else {"distance": match.distance}
    return {"schema": 1, "number": match.number, **near, **match.record.to_dict()}


def take_exemptions(registry: Registry, log: str | Path) -> int:
    """
    Record every line of an art. 9 log that the registry does not have yet; return how many.

    Raises `CorruptMedia` when the log holds something else.
    """
    known = {_identity(match.record) for match in registry.records(kind=EXPORT)}
    records = [
        LabelRecord(
            label={"ContentProducer": found.producer, "ProduceID": found.content_id},
            sha256=found.sha256,
            file_name=found.file_name,
            recipient=found.recipient,
            agreement=found.agreement,
            tool=found.tool,
            time=found.time,
            retain_until=found.retain_until,
        )
        for found in read_exemptions(log)
    ]
    return registry.add_all(record for record in records if _identity(record) not in known)


def _identity(record: LabelRecord) -> tuple[str, ...]:
    return record.sha256, record.recipient, record.agreement, record.time


def _line(values: Iterable[Any]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\n").writerow(values)
    return buffer.getvalue()


def _cell(value: Any) -> str:
    """Keep a spreadsheet from running foreign text as a formula, and lone surrogates out."""
    text = str(value).encode("utf-8", "backslashreplace").decode()
    return "'" + text if text.startswith(_FORMULA) else text
