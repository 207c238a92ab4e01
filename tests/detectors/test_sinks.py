"""Reports on their way out: machine formats are stable, human lines are safe."""

from __future__ import annotations

import csv
import io
import json

import pytest

from detectors import sinks
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
from labeler.machine import json_array, json_lines
from labeler.model import Modality


FIELDS = {"Label": "1", "ContentProducer": "p\x1b[2J", "ProduceID": "@cmd"}
REPORT = Report(
    path="a\nb.png",
    modality=Modality.IMAGE,
    format="png",
    sha256="00",
    verdict=Verdict.CONFIRMED,
    notice="人工智能生成合成内容",
    label=FIELDS,
    evidence=(
        MetadataEvidence(scheme="tc260-xmp", found=True, fields=FIELDS, deviations=("odd",)),
        WatermarkEvidence(
            scheme="image-v1",
            found=True,
            p_value=1e-12,
            bits=64,
            mark_id="0" * 15,
            key="default",
            agrees_with_metadata=False,
        ),
        VisibleEvidence(scheme="text", found=True, text="AI生成", height_ratio=0.051, contrast=6.2),
        ProvenanceEvidence(scheme="c2pa", found=False, detail="no manifest"),
    ),
    conformity=(
        ConformityRow(requirement="R-10", clause="5.2 e", status=RowStatus.FAIL, detail="low"),
        ConformityRow(requirement="R-24", clause="E b", status=RowStatus.PASS),
    ),
)
BROKEN = Report(
    path="x",
    modality=Modality.UNKNOWN,
    format="",
    sha256="",
    verdict=Verdict.UNDETERMINED,
    error="it is empty",
)
KEYS = {
    "schema", "path", "modality", "format", "sha256", "verdict", "notice", "label", "integrity",
    "evidence", "conformity", "patch", "basis", "error",
}  # fmt: skip


def test_json_is_one_array_also_when_empty():
    assert json.loads("".join(json_array([]))) == []
    reports = json.loads("".join(json_array([REPORT, BROKEN])))
    assert [set(r) for r in reports] == [KEYS, KEYS]


def test_jsonl_is_one_object_a_line():
    lines = "".join(json_lines([REPORT, BROKEN])).splitlines()
    assert [json.loads(line)["verdict"] for line in lines] == ["confirmed", "undetermined"]


def test_csv_has_a_row_a_file_and_no_formula():
    text = "".join(sinks.to_csv([REPORT, BROKEN])).lstrip("\ufeff")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [row["verdict"] for row in rows] == ["confirmed", "undetermined"]
    assert rows[0]["ProduceID"] == "'@cmd"
    assert rows[0]["failed_requirements"] == "R-10"
    assert rows[0]["watermark"] == "image-v1"
    assert rows[1]["error"] == "it is empty"


@pytest.mark.parametrize(
    ("language", "expected"),
    [("en", ["confirmed", "DIFFERS", "5.1% of", "not found"]), ("zh", ["属于", "不一致", "5.1%"])],
)
def test_people_read_the_verdict_and_what_it_rests_on(language, expected):
    text = "".join(sinks.to_text([REPORT], language))
    assert all(word in text for word in expected)
    assert "R-10" in text
    assert "R-24" not in text


def test_foreign_text_cannot_move_the_cursor():
    shown = "".join(sinks.to_text([REPORT], "en")) + "".join(sinks.to_findings(REPORT, "en"))
    assert "\x1b" not in shown
    assert "a\nb" not in shown


def test_none_is_explained_and_errors_are_shown():
    nothing = Report(
        path="x", modality=Modality.IMAGE, format="png", sha256="", verdict=Verdict.NONE
    )
    assert "does not mean that a human made it" in "".join(sinks.to_text([nothing], "en"))
    assert "it is empty" in "".join(sinks.to_text([BROKEN], "en"))
