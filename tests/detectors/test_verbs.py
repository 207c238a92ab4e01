"""`verify`, `inspect` and `propagate` as a platform uses them."""

from __future__ import annotations

import numpy as np
import pytest

import detectors
import labeler
from detectors import Inquiry
from detectors.evidence import RowStatus
from labeler import Label, apply
from labeler.errors import LabelConflict, LabelError, UnknownPolicy
from labeler.metadata import write_fields, write_label
from makers import OTHER_PRODUCER, PRODUCER, make, noise, photo


@pytest.fixture(scope="module")
def labelled():
    return apply(make("jpeg"), Label(producer=PRODUCER, content_id="demo-001")).content


@pytest.mark.parametrize(
    ("declared", "verdict"), [(None, "none"), (False, "none"), (True, "possible")]
)
def test_an_unlabelled_picture_is_judged_by_its_declaration(declared, verdict):
    assert detectors.verify(make("png"), declared=declared).verdict.value == verdict


def test_a_mark_without_metadata_is_a_trace(label):
    marked = apply(photo(), label, layers="watermark").content
    report = detectors.verify(marked)
    assert report.verdict.value == "suspected"
    assert report.patch["Label"] == "3"


def test_a_visible_label_alone_is_a_trace(label):
    drawn = apply(photo(), label, layers="visible").content
    assert detectors.verify(drawn).verdict.value == "suspected"


def test_fast_reads_metadata_only_and_says_so(labelled):
    report = detectors.verify(labelled, fast=True)
    assert report.verdict.value == "confirmed"
    assert {row.layer.value for row in report.evidence} == {"metadata", "provenance"}


def test_every_reader_that_ran_leaves_a_row(labelled):
    for content in (labelled, make("png")):
        layers = {row.layer.value for row in detectors.verify(content).evidence}
        assert layers == {"metadata", "watermark", "visible", "provenance"}


def test_a_broken_file_is_undetermined_and_says_why():
    report = detectors.verify(make("png")[:200])
    assert report.verdict.value == "undetermined"
    assert report.error
    assert report.sha256


def test_a_missing_file_is_undetermined(tmp_path):
    report = detectors.verify(tmp_path / "gone.png")
    assert report.verdict.value == "undetermined"
    assert "no such file" in report.error


def test_wrong_usage_raises():
    with pytest.raises(UnknownPolicy):
        detectors.verify(make("png"), policy="mars")
    with pytest.raises(TypeError):
        detectors.verify(make("png"), colour="red")


def test_a_record_and_keywords_ask_the_same(labelled):
    inquiry = Inquiry(declared=True, language="en")
    one = detectors.verify(labelled, inquiry)
    other = detectors.verify(labelled, declared=True, language="en")
    assert one == other


def test_a_transplanted_label_disagrees_with_the_mark(label):
    marked = apply(make("jpeg"), label, layers="visible,watermark").content
    moved = write_label(marked, Label(producer=OTHER_PRODUCER, content_id="other"))
    report = detectors.verify(moved)
    mark = next(row for row in report.evidence if row.layer.value == "watermark")
    assert mark.agrees_with_metadata is False
    row = next(row for row in report.conformity if row.requirement == "R-44")
    assert row.status is not RowStatus.PASS


def test_inspect_finds_without_judging(labelled):
    report = detectors.inspect(labelled)
    assert report.label["ProduceID"] == "demo-001"
    assert report.verdict.value == "undetermined"
    assert report.conformity == ()


def test_inspect_raises_for_what_cannot_be_read():
    with pytest.raises(LabelError):
        detectors.inspect(b"\0nothing")


def test_a_platform_writes_its_own_three_fields_only(labelled):
    data, receipt = detectors.propagate(labelled, propagator=OTHER_PRODUCER, propagate_id="post-1")
    before, after = (detectors.verify(d).label for d in (labelled, data))
    assert {k for k in after if after[k] != before[k]} == {"ContentPropagator", "PropagateID"}
    assert receipt.label == after


def test_a_platform_writes_suspected_on_a_trace_and_nothing_on_nothing(label):
    drawn = apply(make("png"), label, layers="visible").content
    data, _ = detectors.propagate(drawn, propagator=OTHER_PRODUCER, propagate_id="post-1")
    report = detectors.verify(data)
    assert report.verdict.value == "suspected"
    assert report.label["Label"] == "3"
    assert report.label["ContentProducer"] == ""

    clean = make("png")
    data, receipt = detectors.propagate(clean, propagator=OTHER_PRODUCER, propagate_id="p")
    assert data == clean
    assert receipt.skipped


def test_a_platform_never_lowers_a_label(labelled):
    data, _ = detectors.propagate(
        labelled,
        propagator=OTHER_PRODUCER,
        propagate_id="post-1",
        inquiry=Inquiry(declared=False),
    )
    assert detectors.verify(data).label["Label"] == "1"


def test_copies_that_differ_need_a_person(label):
    one = write_label(make("png"), label)
    other = write_fields(make("png"), label.fields() | {"ProduceID": "other"})
    start = other.index(b"iTXt") - 4
    length = int.from_bytes(other[start : start + 4], "big") + 12
    both = one[:33] + other[start : start + length] + one[33:]
    assert detectors.verify(both).evidence[0].found
    with pytest.raises(LabelConflict):
        detectors.propagate(both, propagator=OTHER_PRODUCER, propagate_id="p")


def test_a_batch_is_verified_item_by_item():
    report = detectors.verify(np.stack([noise(200, 200)] * 2))
    assert report.verdict.value == "undetermined"
    assert "verify_batch" in report.error


def test_every_picture_of_a_batch_gets_the_report_it_would_get_alone(label):
    batch = np.stack([photo("coffee", 400), photo("chelsea", 400)])
    marked = labeler.apply(batch, label, layers="watermark").content
    mixed = np.stack([[marked[0], batch[0]], [batch[1], marked[1]]])
    alone = [detectors.verify(item).to_dict() for item in mixed.reshape(4, *batch.shape[1:])]
    assert [report.to_dict() for report in detectors.verify_batch(mixed)] == alone
    found = [any(row["found"] for row in report["evidence"]) for report in alone]
    assert found == [True, False, False, True]
