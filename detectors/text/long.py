"""
Read a text that is too long to be held in memory: its edges as a text, all of it in blocks.

Labels stand at the edges; the mark and hidden characters are looked for everywhere. The twin of
`labeler.text.long`.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING

from detectors.findings import Finding, finding_of
from detectors.metadata import read_metadata
from detectors.text.hidden import join_reports, report_hidden
from detectors.text.reading import hidden_row
from detectors.text.sidecar import read_sidecar
from detectors.text.tokens import read_document_sampling
from detectors.text.visible import read_visible
from detectors.text.watermark import read_mark
from labeler.containers.documents import document_container_of
from labeler.containers.text.model import NOWHERE
from labeler.model import Modality
from labeler.schemes import TEXT_V1
from labeler.text.windows import blocks_of_lines, open_long_text, text_blocks


if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from detectors.evidence import Evidence, WatermarkEvidence
    from detectors.text.hidden import HiddenReport
    from detectors.text.tokens import Tokenizer
    from labeler.containers.model import Carrier
    from labeler.containers.text.model import DocumentContainer
    from labeler.keys import Key
    from labeler.text.windows import LongText


_MOST_COPIES = 20
"""Different labels in records of one file that get a row each."""


def read_long_evidence(
    path: Path,
    *,
    keys: Sequence[Key],
    fast: bool = False,
    tokenizer: Tokenizer | str | Path | None = None,
    sidecar: bytes | None = None,
) -> Finding:
    """
    Read a long text as `detectors.text.reading.read_document_evidence` reads others.

    Memory stays constant. Visible labels are looked for in the first and last part, copies of the
    metadata there as well, in JSON lines in every record. Raises `LabelError` when the file is no
    text, or has lines too long to be read (R-50).
    """
    long = open_long_text(path)
    container = document_container_of(long.head, path.name)
    header = container.probe(long.head)
    found = _copies(long, container)
    rows: list[Evidence] = list(read_metadata(b"", header.format, found=found))
    if header.placement == NOWHERE:
        rows.append(read_sidecar(sidecar, long.digest))
    if not fast:
        rows += [_without_line(row) for row in read_visible(long.edges, container)]
        rows += _in_blocks(long, keys, tokenizer)
    return finding_of(Modality.TEXT, header, rows)


def _copies(long: LongText, container: DocumentContainer) -> tuple[Carrier, ...]:
    """Return the labels at the edges, or the different ones of all records."""
    if long.format != "jsonl":
        return container.find(long.edges)
    found: dict[str, Carrier] = {}
    for block in blocks_of_lines(long.path):
        for carrier in container.find(block):
            if len(found) < _MOST_COPIES:
                found.setdefault(carrier.text or carrier.fault, carrier)
    return tuple(found.values())


def _without_line(row: Evidence) -> Evidence:
    """Return a row without the number of its line, which is that within the edges."""
    head, comma, rest = row.detail.partition(", ")
    return replace(row, detail=rest) if comma and head.startswith("line ") else row


def _in_blocks(
    long: LongText, keys: Sequence[Key], tokenizer: Tokenizer | str | Path | None
) -> list[Evidence]:
    """Return the rows of marks and hidden characters over all blocks."""
    marks: dict[str, WatermarkEvidence] = {}
    reports: list[HiddenReport] = []
    own = {code: None for carrier in TEXT_V1.carriers for code in carrier.alphabet}
    for text in text_blocks(long):
        rows = read_mark(text, keys)
        for row in rows:
            if row.found or not marks:
                marks.setdefault(row.mark_id, row)
        marked = any(row.found for row in rows)
        reports.append(report_hidden(text.translate(own) if marked else text))
    seen = [row for row in marks.values() if row.found] or list(marks.values())[:1]
    told: list[Evidence] = [_over_blocks(row, len(reports)) for row in seen]
    if tokenizer is not None:
        text = "".join(islice(text_blocks(long), 1))
        told.append(read_document_sampling(text.translate(own), tokenizer, keys))
    return [*told, hidden_row(join_reports(reports))]


def _over_blocks(row: WatermarkEvidence, count: int) -> WatermarkEvidence:
    """Return a row of one block as one of all: the chance grows with the blocks."""
    if not row.found or row.p_value is None:
        return row
    return replace(
        row,
        p_value=min(1.0, row.p_value * count),
        detail=f"in the first block that has it: {row.detail}",
    )
