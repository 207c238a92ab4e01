"""Forms of output: valid for their readers, streamed, whole or not there at all."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace

import pytest
from defusedxml.ElementTree import fromstring

from detectors.batch.listing import Item
from detectors.batch.rows import row_of
from detectors.batch.summary import to_summary
from detectors.batch.tally import Tally
from detectors.evidence import (
    ConformityRow,
    MetadataEvidence,
    Report,
    RowStatus,
    Verdict,
    WatermarkEvidence,
)
from detectors.junit import to_junit
from detectors.outputs import OUTPUTS, Manner, write_output
from detectors.sinks import to_csv
from labeler.errors import MissingBackend, OutputFailed
from labeler.model import Modality


GOOD = Report(
    path="a.png",
    modality=Modality.IMAGE,
    format="png",
    sha256="00",
    verdict=Verdict.CONFIRMED,
    notice="人工智能生成合成内容",
    label={"Label": "1", "ContentProducer": "p", "ProduceID": "=1+1"},
    evidence=(
        MetadataEvidence(scheme="tc260-xmp", found=True),
        WatermarkEvidence(scheme="image-v1", found=True, p_value=1e-12, mark_id="0" * 15),
    ),
)
BARE = replace(GOOD, path="b\n\x00\udcff<&\"'.png", verdict=Verdict.NONE, label=None, evidence=(),
               conformity=(ConformityRow(requirement="R-24", clause="E", status=RowStatus.FAIL,
                                         detail="]]> \x1b"),))  # fmt: skip
BROKEN = replace(BARE, path="c", verdict=Verdict.UNDETERMINED, error="it is\nempty", conformity=())
REPORTS = (GOOD, BARE, BROKEN)


def rendered(name: str) -> str | bytes:
    tally = Tally()
    rows = [row_of(report, Item(path=report.path)) for report in REPORTS]
    for row in rows:
        tally.count(row)
    pieces = list(OUTPUTS[name](rows, Manner(tally=tally)))
    return b"".join(pieces) if isinstance(pieces[0], bytes) else "".join(pieces)


def test_jsonl_and_json_hold_the_reports():
    expected = [report.to_dict() for report in REPORTS]
    told = rendered("jsonl")
    assert [json.loads(line) for line in told.encode().splitlines()] == expected
    assert json.loads(rendered("json").encode()) == expected


def test_csv_is_valid_utf_8_and_runs_no_formula():
    rows = list(csv.DictReader(io.StringIO(rendered("csv").encode().decode("utf-8-sig"))))
    assert [row["path"] for row in rows] == ["a.png", "b\n\x00\\udcff<&\"'.png", "c"]
    assert rows[0]["ProduceID"] == "'=1+1"


FORMULAS = ["=1", "+1", "-1", "@x", "\t=1", "\r=1", "\n=1", " =1", "＝1", "＠"]


@pytest.mark.parametrize("text", FORMULAS)
def test_no_cell_begins_like_a_formula(text):
    told = "".join(to_csv([replace(BROKEN, path=text)]))
    (row,) = csv.DictReader(io.StringIO(told.lstrip("\ufeff"), newline=""))
    assert row["path"] == "'" + text


def test_junit_counts_and_escapes():
    root = fromstring(rendered("junit").encode())
    assert root.attrib == {"tests": "3", "failures": "1", "errors": "1"}
    cases = root.findall("testsuite/testcase")
    assert cases[1].attrib["name"] == "b\n\\x00\\udcff<&\"'.png"
    assert cases[1].find("failure").text == "R-24 E: ]]> \\x1b"
    assert cases[2].find("error").attrib["message"] == "it is\nempty"
    assert 'failures="0"' in "".join(to_junit(REPORTS, unlabelled_fails=False))


def test_parquet_holds_typed_columns_in_groups(monkeypatch):
    pq = pytest.importorskip("pyarrow.parquet", reason="needs pyarrow")
    monkeypatch.setattr("detectors.parquet.ROWS", 2)
    file = pq.ParquetFile(io.BytesIO(rendered("parquet")))
    assert file.num_row_groups == 2
    rows = file.read().to_pylist()
    assert [row["verdict"] for row in rows] == ["confirmed", "none", "undetermined"]
    assert rows[0]["p_value"] == 1e-12
    assert rows[0]["watermark"] == ["image-v1"]
    assert rows[1]["path"] == "b\n\x00\\udcff<&\"'.png"
    assert json.loads(rows[0]["report"]) == GOOD.to_dict()


def test_parquet_without_its_package_names_the_extra(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "pyarrow", None)
    with pytest.raises(MissingBackend, match=r"aigc-label\[parquet\]"):
        rendered("parquet")


def test_the_summary_counts_by_kind_and_names_errors():
    told = rendered("summary")
    assert "pictures" in told
    assert "it is" in told
    assert "\n  c: it is" in told
    table = "".join(to_summary(Tally(), "zh"))
    assert "合计" in table


def test_a_report_that_fails_leaves_the_old_one(tmp_path):
    place = tmp_path / "report.csv"
    place.write_text("old")

    def breaking():
        yield "new"
        raise OutputFailed("enough")

    with pytest.raises(OutputFailed, match="enough"):
        write_output(breaking(), str(place))
    assert [p.name for p in tmp_path.iterdir()] == ["report.csv"]
    assert place.read_text() == "old"
    write_output(["a", "b"], str(place))
    assert place.read_text() == "ab"
