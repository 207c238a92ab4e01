"""Parquet, for databases and data frames (extra ``parquet``): a row a file, typed columns."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Any

from detectors.evidence import RowStatus, VisibleEvidence, WatermarkEvidence
from labeler.annex_e import FIELDS
from labeler.backends import backend
from labeler.machine import dump


if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from detectors.evidence import Report

ROWS = 10_000
"""Rows of one group: few groups make a fast file, and so many reports fit into the memory."""

_TEXTS = ("path", "modality", "format", "sha256", "verdict", "notice", "integrity", *FIELDS)
_LISTS = ("metadata", "watermark", "visible", "provenance", "failed_requirements")


def to_parquet(reports: Iterable[Report]) -> Iterator[bytes]:
    """
    Yield the bytes of one Parquet file, a group of rows at a time.

    The column ``report`` holds the whole report as JSON. Raises `MissingBackend` without pyarrow.
    """
    pa = backend("pyarrow", extra="parquet", purpose="Parquet")
    pq = backend("pyarrow.parquet", extra="parquet", purpose="Parquet")
    schema = pa.schema(
        [
            *((name, pa.string()) for name in _TEXTS),
            *((name, pa.list_(pa.string())) for name in _LISTS),
            ("mark_id", pa.string()),
            ("p_value", pa.float64()),
            ("visible_text", pa.string()),
            ("error", pa.string()),
            ("report", pa.string()),
        ]
    )
    source = iter(reports)
    outlet = _Outlet()
    with pq.ParquetWriter(pa.PythonFile(outlet, mode="w"), schema, compression="zstd") as writer:
        while rows := [_row(report) for report in islice(source, ROWS)]:
            writer.write_table(pa.Table.from_pylist(rows, schema=schema))
            yield outlet.taken()
    yield outlet.taken()


@dataclass(slots=True)
class _Outlet:
    """A file that is only written: what was written is taken away piece by piece."""

    pieces: list[bytes] = field(default_factory=list)
    written: int = 0
    closed: bool = False

    def write(self, data: bytes) -> int:
        """Take some bytes."""
        self.pieces.append(bytes(data))
        self.written += len(data)
        return len(data)

    def tell(self) -> int:
        """Return how much was written in all."""
        return self.written

    def flush(self) -> None:
        """Nothing is held back."""

    def close(self) -> None:
        """Nothing more will come."""
        self.closed = True

    def taken(self) -> bytes:
        """Return what came since the last time."""
        data = b"".join(self.pieces)
        self.pieces.clear()
        return data


def _row(report: Report) -> dict[str, Any]:
    mark = next((e for e in report.evidence if isinstance(e, WatermarkEvidence) and e.found), None)
    seen = next((e for e in report.evidence if isinstance(e, VisibleEvidence) and e.found), None)
    label = report.label or {}
    texts = {
        "path": report.path,
        "modality": report.modality.value,
        "format": report.format,
        "sha256": report.sha256,
        "verdict": report.verdict.value,
        "notice": report.notice,
        "integrity": report.integrity.value,
        **{name: label.get(name) for name in FIELDS},
        "mark_id": mark.mark_id if mark else None,
        "visible_text": seen.text if seen else None,
        "error": report.error,
        "report": dump(report.to_dict()),
    }
    return {
        **{name: _valid(text) for name, text in texts.items()},
        **{
            layer: [e.scheme for e in report.evidence if e.found and e.layer.value == layer]
            for layer in _LISTS[:-1]
        },
        "failed_requirements": [
            row.requirement for row in report.conformity if row.status is RowStatus.FAIL
        ],
        "p_value": mark.p_value if mark else None,
    }


def _valid(text: str | None) -> str | None:
    """Return text that is valid UTF-8: bytes of a name that are not come as escapes."""
    return None if text is None else text.encode("utf-8", "backslashreplace").decode()
