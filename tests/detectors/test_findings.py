"""Facts drawn from evidence, before anything is judged."""

from __future__ import annotations

import json
from types import SimpleNamespace

from detectors.evidence import Integrity, VisibleEvidence
from detectors.findings import finding_of, integrity_of, unread, was_examined
from detectors.metadata_rows import row_of
from labeler.containers.model import Carrier
from labeler.model import Modality


SIGNED = {"Label": "1", "ReservedCode2": "e862483430d9"}


def copy(fields: dict[str, str]):
    return row_of(Carrier(scheme="png-text", place="here", text=json.dumps({"AIGC": fields})))


def test_integrity_is_absent_or_not_checkable():
    blank = {"Label": "1", "ReservedCode1": " ", "ReservedCode2": ""}
    assert integrity_of([]) is Integrity.ABSENT
    assert integrity_of([copy({"Label": "1"})]) is Integrity.ABSENT
    assert integrity_of([copy(blank)]) is Integrity.ABSENT
    assert integrity_of([copy(SIGNED)]) is Integrity.UNSUPPORTED


def test_a_finding_has_the_format_of_the_header_and_the_integrity_of_the_rows():
    header, rows = (
        SimpleNamespace(format="png"),
        [copy(SIGNED), VisibleEvidence(scheme="text", found=False)],
    )
    finding = finding_of(Modality.IMAGE, header, iter(rows))
    assert (finding.modality, finding.format, finding.header) == (Modality.IMAGE, "png", header)
    assert finding.evidence == tuple(rows)
    assert finding.integrity is Integrity.UNSUPPORTED


def test_what_could_not_be_looked_at_has_a_row_for_each_reader():
    rows = unread("the sound is encrypted", mark="audio-v1", visible="rhythm")
    assert [(row.scheme, row.layer.value) for row in rows] == [
        ("audio-v1", "watermark"),
        ("rhythm", "visible"),
    ]
    assert not any(row.found or was_examined(row) for row in rows)
    assert {row.detail for row in rows} == {"not examined: the sound is encrypted"}
