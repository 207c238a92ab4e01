"""Facts drawn from evidence, before anything is judged."""

from __future__ import annotations

import json
from dataclasses import replace
from types import SimpleNamespace

import pytest

from detectors.evidence import Integrity, VisibleEvidence, WatermarkEvidence
from detectors.findings import (
    finding_of,
    found_traces,
    integrity_of,
    mark_agreement,
    unread,
    was_examined,
)
from detectors.metadata_rows import row_of
from labeler.containers.model import Carrier
from labeler.model import Modality
from labeler.payload import mark_id


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


@pytest.mark.parametrize(("bits", "agrees"), [(5, None), (6, None), (7, True), (64, True)])
def test_a_mark_agrees_in_the_bits_that_it_has_or_says_nothing(bits, agrees):
    fields = {"ContentProducer": "acme", "ProduceID": "1"}
    number = mark_id("acme", "1")
    mark = WatermarkEvidence(scheme="image-v1", found=True, mark_id=f"{number:015x}", bits=bits)
    assert mark_agreement(mark, fields) is agrees
    other = replace(mark, mark_id=f"{number ^ (1 << 58) - 1:015x}")
    assert mark_agreement(other, fields) is (agrees and False)


@pytest.mark.parametrize("scheme", ["rhythm", "voice"])
def test_a_heard_label_is_a_trace_by_its_name(scheme):
    heard = VisibleEvidence(scheme=scheme, found=True, text="短长 短短")
    assert found_traces([heard]) == (f"audible label ({scheme})",)


def test_what_could_not_be_looked_at_has_a_row_for_each_reader():
    rows = unread("the sound is encrypted", mark="audio-v1", visible="rhythm")
    assert [(row.scheme, row.layer.value) for row in rows] == [
        ("audio-v1", "watermark"),
        ("rhythm", "visible"),
    ]
    assert not any(row.found or was_examined(row) for row in rows)
    assert {row.detail for row in rows} == {"not examined: the sound is encrypted"}
