"""Sidecars: the label of texts that have no place for metadata (R-39)."""

from __future__ import annotations

import hashlib
import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

import detectors
import labeler
from cli import aigc_label
from labeler.containers.sidecar import MOST_BYTES, dump_sidecar, load_sidecar
from labeler.errors import (
    CorruptMedia,
    LabelConflict,
    LabelError,
    MediaTooLarge,
    OutputFailed,
    UnsupportedMedia,
)
from labeler.model import Label
from labeler.sidecar import is_sidecar, make_sidecar, read_beside, save_with_sidecar, sidecar_path
from made_documents import TEXTS
from makers import OTHER_PRODUCER, PRODUCER


PLACELESS = ("tides.txt", "tides.srt")


@pytest.fixture(params=PLACELESS)
def source(request, tmp_path):
    path = tmp_path / request.param
    path.write_text(TEXTS[request.param], "utf-8")
    return path


def rows(report, scheme="sidecar"):
    return [e for e in report.evidence if e.scheme == scheme]


def test_round_trip_of_formats_without_a_place_is_confirmed(source, label, tmp_path):
    target = tmp_path / f"out{source.suffix}"
    result = labeler.apply(source, label, output=target)
    assert result.receipt.layers["metadata"] == {"scheme": "sidecar", "copies_replaced": 0}
    assert any("no standard placement" in warning for warning in result.receipt.warnings)
    told = json.loads(sidecar_path(target).read_bytes())
    assert told["AIGC"] == label.fields()
    assert told["sha256"] == hashlib.sha256(target.read_bytes()).hexdigest()
    assert told["file"] == target.name
    report = detectors.verify(target)
    assert report.verdict.value == "confirmed"
    assert report.label == label.fields()
    r39 = next(row for row in report.conformity if row.requirement == "R-39")
    assert r39.status.value == "warn"
    assert "sidecar beside the file" in r39.detail


def test_without_its_sidecar_a_text_is_only_suspected(source, label):
    labeler.apply(source, label, in_place=True)
    sidecar_path(source).unlink()
    report = detectors.verify(source)
    assert report.verdict.value == "suspected"
    assert [(row.found, row.layer.value) for row in rows(report)] == [(False, "metadata")]


def test_the_sidecar_of_another_version_is_a_trace_and_no_label(source, label):
    labeler.apply(source, label, in_place=True)
    plain = TEXTS[source.name].replace("\n", "\n ", 1)
    source.write_text(plain, "utf-8")
    report = detectors.verify(source)
    assert report.verdict.value == "suspected"
    assert report.label is None
    (row,) = rows(report)
    assert (row.layer.value, row.declares_ai) == ("provenance", True)
    assert "another SHA-256" in row.detail


def test_labelling_twice_changes_nothing_and_keeps_the_number(source, label):
    labeler.apply(source, label, in_place=True)
    first = source.read_bytes(), sidecar_path(source).read_bytes()
    labeler.apply(source, Label(producer=PRODUCER), in_place=True)
    assert (source.read_bytes(), sidecar_path(source).read_bytes()) == first


def test_labels_of_others_are_never_changed(source, label):
    labeler.apply(source, label, in_place=True)
    other = Label(producer=OTHER_PRODUCER, content_id="x-1")
    with pytest.raises(LabelConflict, match="already labelled by producer"):
        labeler.apply(source, other, in_place=True)
    source.write_text(TEXTS[source.name] + "\n", "utf-8")
    with pytest.raises(LabelConflict, match="another version"):
        labeler.apply(source, other, in_place=True)
    labeler.apply(source, label, in_place=True)
    assert detectors.verify(source).verdict.value == "confirmed"


def test_bytes_come_with_their_sidecar_when_it_is_given(source, label):
    data = source.read_bytes()
    plain = labeler.apply(data, label, name=source.name)
    assert [skipped.layer.value for skipped in plain.receipt.skipped] == ["watermark", "metadata"]
    result = labeler.apply(data, label, name=source.name, sidecar=b"")
    sidecar = make_sidecar(result.content, result.receipt.label, source.name)
    report = detectors.verify(result.content, name=source.name, sidecar=sidecar)
    assert report.verdict.value == "confirmed"
    assert detectors.verify(result.content, name=source.name).verdict.value == "suspected"
    with pytest.raises(UnsupportedMedia, match="no standard place"):
        labeler.apply(data, label, name=source.name, layers="metadata")


def test_a_table_gets_a_sidecar_only_when_that_is_asked_for(label, tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("a,b\n1,2\n", "utf-8")
    with pytest.raises(UnsupportedMedia, match="layers metadata"):
        labeler.apply(path, label, in_place=True)
    labeler.apply(path, label, in_place=True, layers="metadata")
    assert path.read_text("utf-8") == "a,b\n1,2\n"
    assert detectors.verify(path).verdict.value == "confirmed"


def test_formats_with_a_place_have_no_sidecar(label, tmp_path):
    path = tmp_path / "a.md"
    path.write_text(TEXTS["tides.md"], "utf-8")
    labeler.apply(path, label, in_place=True)
    assert not sidecar_path(path).exists()
    assert rows(detectors.verify(path)) == []


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"{", "no JSON"),
        (b"[" * 100_000, "no JSON"),
        (b"\xff\xfe", "no JSON"),
        (b"[]", "lacks AIGC"),
        (b'{"AIGC":{}}', "lacks AIGC or sha256"),
        (b'{"AIGC":{},"sha256":1}', "lacks AIGC or sha256"),
        (b" " * (MOST_BYTES + 1), "the limit is"),
    ],
)
def test_hostile_sidecars_are_reported_and_never_believed(source, label, content, said):
    sidecar_path(source).write_bytes(content)
    report = detectors.verify(source)
    assert report.verdict.value == "none"
    (row,) = rows(report)
    assert not row.found
    assert row.detail.startswith("not examined")
    assert said in row.detail
    before = source.read_bytes()
    with pytest.raises((CorruptMedia, MediaTooLarge)):
        labeler.apply(source, label, in_place=True)
    assert source.read_bytes() == before


def test_a_malformed_label_in_a_sidecar_is_a_trace(source):
    digest = hashlib.sha256(source.read_bytes()).hexdigest()
    sidecar_path(source).write_bytes(dump_sidecar('{"Label":"AIGC"}', digest, source.name))
    assert detectors.verify(source).verdict.value == "suspected"
    sidecar_path(source).write_bytes(b'{"AIGC":7,"sha256":"' + digest.encode() + b'"}')
    assert detectors.verify(source).verdict.value == "suspected"


@given(st.binary(max_size=200))
def test_any_bytes_are_a_sidecar_or_a_clear_error(content):
    with suppress(LabelError):
        load_sidecar(content)


def test_both_files_are_written_or_none(tmp_path):
    path = tmp_path / "a.txt"

    def fail():
        raise OutputFailed("the disk is full")

    with pytest.raises(OutputFailed):
        save_with_sidecar(path, b"new", fail, overwrite=False)
    assert list(tmp_path.iterdir()) == []
    sidecar_path(path).write_bytes(b"old")
    with pytest.raises(OutputFailed, match="exists"):
        save_with_sidecar(path, b"new", fail, overwrite=False)
    with pytest.raises(OutputFailed, match="disk"):
        save_with_sidecar(path, b"new", fail, overwrite=True)
    assert sidecar_path(path).read_bytes() == b"old"


def test_folders_are_walked_without_the_sidecars_in_them(tmp_path, capsys):
    for name in PLACELESS:
        (tmp_path / name).write_text(TEXTS[name], "utf-8")
    (tmp_path / "alone.aigc.json").write_text("{}", "utf-8")
    command = ["apply", str(tmp_path), "-o", str(tmp_path / "out"), "--producer", PRODUCER]
    (tmp_path / "alone.aigc.json").unlink()
    assert aigc_label(command) == 0
    capsys.readouterr()
    assert aigc_label(["verify", str(tmp_path / "out"), "--format", "jsonl"]) == 0
    reports = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert sorted(report["path"].rpartition("/")[2] for report in reports) == sorted(PLACELESS)
    assert is_sidecar(tmp_path / "out" / "tides.txt.aigc.json")
    assert not is_sidecar(tmp_path / "alone.aigc.json")
    assert read_beside(tmp_path / "tides.txt") is None


def test_standard_output_gets_no_sidecar(tmp_path, capsysbinary):
    path = tmp_path / "a.txt"
    path.write_text(TEXTS["tides.txt"], "utf-8")
    assert aigc_label(["apply", str(path), "-o", "-", "--producer", PRODUCER]) == 0
    assert b"AI" in capsysbinary.readouterr().out
    assert [file.name for file in tmp_path.iterdir()] == ["a.txt"]


def test_a_platform_writes_its_fields_into_the_sidecar(source, label, tmp_path):
    labeler.apply(source, label, in_place=True)
    target = tmp_path / f"kept{source.suffix}"
    command = ["propagate", str(source), "-o", str(target), "--propagator", OTHER_PRODUCER]
    assert aigc_label([*command, "--propagate-id", "p-1"]) == 0
    assert target.read_bytes() == source.read_bytes()
    fields = json.loads(sidecar_path(target).read_bytes())["AIGC"]
    assert fields["ContentProducer"] == PRODUCER
    assert (fields["ContentPropagator"], fields["PropagateID"]) == (OTHER_PRODUCER, "p-1")
    assert detectors.verify(target).verdict.value == "confirmed"
