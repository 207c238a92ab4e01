"""`labeler.apply` takes anything and gives the same kind back."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

import detectors
import labeler
from labeler.errors import OutputFailed, UnknownPolicy, UnsupportedMedia
from labeler.options import Options
from makers import PRODUCER, make, noise, photo


def evidence(content, **options):
    report = detectors.verify(content, **options)
    return {row.layer.value: row for row in report.evidence if row.found}


def test_bytes_come_back_as_bytes(label):
    result = labeler.apply(make("jpeg"), label)
    assert isinstance(result.content, bytes)
    assert set(evidence(result.content)) >= {"visible", "watermark", "metadata"}


def test_a_path_comes_back_as_the_path_of_the_output(label, tmp_path):
    source, target = tmp_path / "in.png", tmp_path / "out.png"
    source.write_bytes(make("png"))
    result = labeler.apply(source, label, output=target)
    assert result.content == target
    assert result.receipt.output == str(target)
    assert set(evidence(target)) >= {"visible", "watermark", "metadata"}


def test_a_path_needs_to_know_where_the_result_goes(label, tmp_path):
    source = tmp_path / "in.png"
    source.write_bytes(make("png"))
    with pytest.raises(OutputFailed, match="in_place"):
        labeler.apply(source, label)
    assert labeler.apply(source, label, in_place=True).content == source


def test_a_pil_image_comes_back_with_pixel_layers_and_says_that_metadata_is_missing(label):
    image = Image.fromarray(photo())
    result = labeler.apply(image, label)
    assert isinstance(result.content, Image.Image)
    assert result.content.size == image.size
    assert set(evidence(result.content)) == {"visible", "watermark"}
    assert [s.layer.value for s in result.receipt.skipped] == ["metadata"]


@pytest.mark.parametrize(
    "convert",
    [
        lambda a: a,
        lambda a: a.astype(np.uint16) * 257,
        lambda a: a.astype(np.float32) / 255,
        lambda a: a[..., 0],
        lambda a: np.dstack([a, np.full(a.shape[:2], 200, np.uint8)]),
    ],
    ids=["uint8", "uint16", "float32", "grey", "alpha"],
)
def test_arrays_keep_dtype_and_shape_and_carry_both_pixel_layers(convert, label):
    array = convert(photo())
    result = labeler.apply(array, label)
    assert result.content.dtype == array.dtype
    assert result.content.shape == array.shape
    found = evidence(result.content)
    assert set(found) == {"visible", "watermark"}
    assert found["watermark"].mark_id == result.receipt.mark_id


def test_floats_of_minus_one_to_one_come_back_so(label):
    array = (photo() / np.float32(127.5) - 1).astype(np.float32)
    result = labeler.apply(array, label, value_range=(-1, 1))
    assert result.content.min() < 0
    assert set(evidence(result.content, value_range=(-1, 1))) == {"visible", "watermark"}


def test_a_batch_gets_a_number_an_item(label):
    batch = np.stack([photo(), photo("coffee", 400)])
    result = labeler.apply(batch, label)
    assert result.content.shape == batch.shape
    ids = [receipt.label["ProduceID"] for receipt in result.receipts]
    assert ids == ["demo-001-0", "demo-001-1"]
    marks = [evidence(item)["watermark"].mark_id for item in result.content]
    assert marks == [receipt.mark_id for receipt in result.receipts]


def test_a_batch_takes_one_label_an_item():
    batch = np.stack([photo(), photo("coffee", 400)])
    labels = [labeler.Label(producer=PRODUCER), labeler.Label(producer=PRODUCER)]
    result = labeler.apply(batch, labels, layers="watermark")
    assert [r.label for r in result.receipts] == [x.fields() for x in labels]
    with pytest.raises(UnsupportedMedia, match="2 pictures and 1 labels"):
        labeler.apply(batch, labels[:1])


def test_metadata_asked_for_in_memory_is_a_failure(label):
    with pytest.raises(UnsupportedMedia, match="no file metadata"):
        labeler.apply(photo(), label, layers="visible,metadata")


def test_the_input_is_never_changed(label):
    array = photo().copy()
    before = array.copy()
    labeler.apply(array, label)
    assert np.array_equal(array, before)


def test_options_are_a_record_or_keywords(label):
    record = labeler.apply(photo(), label, options=Options(position="top-left", language="en"))
    words = labeler.apply(photo(), label, position="top-left", language="en")
    assert record.receipt.layers == words.receipt.layers
    assert record.receipt.layers["visible"]["text"] == "AI GENERATED"


def test_unknown_choices_are_refused(label):
    for wrong in ({"policy": "mars"}, {"layers": "smell"}, {"position": "outside"}):
        with pytest.raises(UnknownPolicy):
            labeler.apply(photo(), label, **wrong)


def test_verify_reads_the_same_from_pixels_and_from_the_file(label):
    result = labeler.apply(make("png"), label)
    report = detectors.verify(result.content)
    assert report.verdict.value == "confirmed"
    assert report.format == "png"


def test_an_unmarked_picture_has_no_layer():
    report = detectors.verify(noise(420, 420))
    assert report.verdict.value == "none"
    assert not [row for row in report.evidence if row.found]
