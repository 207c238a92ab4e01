"""The machine form of evidence and report is that of interface.md."""

from __future__ import annotations

import json
from dataclasses import FrozenInstanceError

import pytest

from detectors.evidence import (
    ConformityRow,
    MetadataEvidence,
    ProvenanceEvidence,
    Report,
    RowStatus,
    Verdict,
    VisibleEvidence,
    WatermarkEvidence,
)
from labeler.model import Label, Modality


FIELDS = Label(producer="doubao", content_id="demo-001").fields()
ROWS = (
    MetadataEvidence(scheme="tc260-xmp", found=True, fields=FIELDS),
    WatermarkEvidence(scheme="image-v1", found=True, p_value=1e-12, bits=64, mark_id="0" * 15),
    VisibleEvidence(scheme="text", found=True, text="AI生成", box=(1, 2, 3, 4)),
    ProvenanceEvidence(scheme="c2pa", found=False),
)
REPORT = Report(
    path="out.jpg",
    modality=Modality.IMAGE,
    format="jpeg",
    sha256="00",
    verdict=Verdict.CONFIRMED,
    notice="人工智能生成合成内容",
    label=FIELDS,
    evidence=ROWS,
    conformity=(ConformityRow(requirement="R-10", clause="GB", status=RowStatus.PASS),),
)


def test_a_report_has_the_keys_of_the_contract_in_their_order():
    expected = (
        "schema path modality format sha256 verdict notice label integrity evidence conformity "
        "patch error"
    )
    found = REPORT.to_dict()
    assert [key for key in found if key in expected.split()] == expected.split()
    assert found["schema"] == 1
    assert json.loads(json.dumps(found)) == found


@pytest.mark.parametrize(
    ("row", "keys"),
    [
        (ROWS[0], "layer scheme found fields detail"),
        (
            ROWS[1],
            "layer scheme found p_value bits mark_id status key agrees_with_metadata detail",
        ),
        (ROWS[2], "layer scheme found text box height_ratio p_value detail"),
        (ROWS[3], "layer scheme found detail"),
    ],
)
def test_an_evidence_row_has_the_keys_of_the_contract(row, keys):
    assert set(keys.split()) <= set(row.to_dict())


def test_rows_name_their_layer():
    layers = [row.to_dict()["layer"] for row in ROWS]
    assert layers == ["metadata", "watermark", "visible", "provenance"]


def test_a_box_is_a_list_and_a_missing_one_is_null():
    assert ROWS[2].to_dict()["box"] == [1, 2, 3, 4]
    assert VisibleEvidence(scheme="text", found=False).to_dict()["box"] is None


def test_the_words_are_those_of_the_contract():
    verdicts = ["confirmed", "possible", "suspected", "none", "undetermined"]
    assert [v.value for v in Verdict] == verdicts
    results = ["pass", "fail", "warn", "not-applicable", "not-checked"]
    assert [s.value for s in RowStatus] == results


def test_evidence_cannot_be_changed():
    with pytest.raises(FrozenInstanceError):
        REPORT.verdict = Verdict.NONE
