"""Rows of evidence from copies of a label, whatever the modality."""

from __future__ import annotations

import json

from detectors.findings import was_examined
from detectors.metadata_rows import row_of, rows_of
from labeler.containers.model import Carrier


def carrier(fields: dict[str, str] | None = None, *, scheme: str = "png-text", fault: str = ""):
    text = json.dumps({"AIGC": fields or {"Label": "1"}})
    return Carrier(scheme=scheme, place="somewhere", text=text, fault=fault)


def test_every_copy_and_every_silent_reader_leaves_a_row():
    rows = rows_of([carrier(), carrier()], ["png-text", "exif"], lambda scheme: scheme)
    assert [(row.scheme, row.found) for row in rows] == [
        ("png-text", True),
        ("png-text", True),
        ("exif", False),
    ]


def test_what_could_not_be_read_is_not_examined_rather_than_absent():
    row = row_of(carrier(fault="the packet holds a DTD"))
    assert not row.found
    assert not was_examined(row)
    assert "DTD" in row.detail
