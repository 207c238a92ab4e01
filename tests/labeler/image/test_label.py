"""One picture, all layers: applied in order, read back, never twice, never over somebody else's."""

from __future__ import annotations

import io
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from detectors import verify
from labeler.core.image.self_check import check_mark
from labeler.errors import (
    LabelConflict,
    LayerFailed,
    MediaTooSmall,
    UnsupportedMedia,
)
from labeler.image import watermark
from labeler.image.label import label_pixels
from labeler.image.picture import decode_picture, encode_picture
from labeler.image.watermark import embed_mark
from labeler.keys import Key
from labeler.labelling import label_file
from labeler.metadata import write_label
from labeler.model import Label, Layer
from labeler.options import Options
from makers import MAKERS, OTHER_PRODUCER, PRODUCER, make, photo, save


METADATA = Options(layers=(Layer.METADATA,))
SECRET = Key("secret", bytes(range(32)))


@pytest.fixture(scope="module")
def labelled():
    label = Label(producer=PRODUCER, content_id="demo-001")
    return {
        maker: label_file(make(maker), label, Options())
        for maker in ("jpeg", "png", "webp", "gif-animated")
    }


@pytest.mark.parametrize("maker", list(MAKERS))
def test_every_format_carries_three_layers_that_agree(maker, label):
    done = label_file(make(maker), label, Options())
    report = verify(done.data)
    found = {row.layer.value: row for row in report.evidence if row.found}
    assert report.verdict.value == "confirmed", report.error
    assert {"visible", "watermark", "metadata"} <= set(found)
    assert found["watermark"].agrees_with_metadata is True
    assert found["watermark"].bits == 64
    assert report.label == label.fields()
    assert not [row for row in report.conformity if row.status.value == "fail"]


@pytest.mark.parametrize("maker", ["jpeg", "png", "webp", "gif-animated"])
def test_labelling_twice_returns_the_same_bytes(maker, labelled, label):
    again = label_file(labelled[maker].data, label, Options())
    assert again.data == labelled[maker].data
    assert again.layers["visible"]["already"]
    assert again.layers["watermark"]["already"]


def test_a_fresh_number_on_a_labelled_picture_keeps_the_old_one(labelled):
    again = label_file(labelled["jpeg"].data, Label(producer=PRODUCER), Options())
    assert again.data == labelled["jpeg"].data
    assert again.label.content_id == "demo-001"


@pytest.mark.parametrize(
    ("other", "match"),
    [
        (Label(producer=OTHER_PRODUCER, content_id="x"), "another|already labelled by"),
        (Label(producer=PRODUCER, content_id="demo-002"), "demo-001"),
        (Label(producer=PRODUCER, content_id="demo-001", status="2"), "Label"),
    ],
)
def test_a_label_of_something_else_is_refused(labelled, other, match):
    with pytest.raises(LabelConflict, match=match):
        label_file(labelled["jpeg"].data, other, Options())


def test_a_mark_of_something_else_is_refused_even_without_metadata(labelled):
    bare = decode_picture(labelled["png"].data, "png").frames[0]
    stripped = save(Image.fromarray(bare), "PNG")
    with pytest.raises(LabelConflict, match="another mark"):
        label_file(stripped, Label(producer=OTHER_PRODUCER, content_id="mine"), Options())


def test_missing_layers_are_added_to_a_label_of_ours(label):
    only_metadata = label_file(make("jpeg"), label, METADATA)
    assert set(only_metadata.layers) == {"metadata"}
    completed = label_file(only_metadata.data, label, Options())
    assert set(completed.layers) == {"visible", "watermark", "metadata"}
    found = {row.layer.value for row in verify(completed.data).evidence if row.found}
    assert {"visible", "watermark", "metadata"} <= found


@pytest.mark.parametrize("maker", list(MAKERS))
def test_a_metadata_only_write_leaves_every_decoded_pixel(maker, label):
    before = make(maker)
    after = label_file(before, label, METADATA).data
    assert after != before
    format_name = verify(before, fast=True).format
    old, new = (decode_picture(data, format_name) for data in (before, after))
    assert len(old.frames) == len(new.frames)
    assert all(np.array_equal(a, b) for a, b in zip(old.frames, new.frames, strict=True))


def test_only_the_labels_box_changes_without_a_watermark(label):
    data = make("png")
    done = label_file(data, label, Options(layers=(Layer.VISIBLE,)))
    x, y, w, h = done.layers["visible"]["box"]
    before, after = (decode_picture(d, "png").frames[0] for d in (data, done.data))
    changed = np.argwhere((before != after).any(-1))
    assert changed.min(0)[0] >= y
    assert changed.min(0)[1] >= x
    assert changed.max(0)[0] < y + h
    assert changed.max(0)[1] < x + w


def test_a_label_that_is_there_already_is_not_covered(label):
    first = label_file(
        make("png"), Label(producer=OTHER_PRODUCER), Options(layers=(Layer.VISIBLE,))
    )
    second = label_file(first.data, label, Options(layers=(Layer.VISIBLE,)))
    ours, theirs = (done.layers["visible"]["box"] for done in (second, first))
    before = decode_picture(first.data, "png").frames[0]
    after = decode_picture(second.data, "png").frames[0]
    x, y, w, h = theirs
    assert np.array_equal(before[y : y + h, x : x + w], after[y : y + h, x : x + w])
    assert ours != theirs


def test_exif_orientation_is_kept_and_the_label_stands_upright(label):
    exif = Image.Exif()
    exif[274] = 6
    exif[271] = "Camera"
    data = save(Image.fromarray(photo()[:, :300]), "JPEG", exif=exif, quality=90)
    done = label_file(data, label, Options())
    with Image.open(io.BytesIO(done.data)) as image:
        assert image.getexif()[274] == 6
        assert image.getexif()[271] == "Camera"
    report = verify(done.data)
    row = next(r for r in report.evidence if r.layer.value == "visible")
    assert row.found
    assert row.box[1] > 150  # at the bottom of the upright picture, 300 pixels high


def test_metadata_of_the_source_is_carried_over(label):
    image = Image.fromarray(photo())
    exif = Image.Exif()
    exif[305] = "Generator 1.0"
    packet = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/'
    packet += b'22-rdf-syntax-ns#"><rdf:Description xmlns:dc="http://purl.org/dc/elements/1.1/" '
    packet += b'dc:format="image/test"/></rdf:RDF></x:xmpmeta>'
    for format_name, options in {"JPEG": {"xmp": packet}, "WEBP": {"xmp": packet}}.items():
        data = save(image, format_name, exif=exif, quality=90, **options)
        done = label_file(data, label, Options()).data
        with Image.open(io.BytesIO(done)) as again:
            assert again.getexif()[305] == "Generator 1.0"
            assert b"image/test" in again.info["xmp"]
            assert b"TC260" in again.info["xmp"]


def test_another_key_marks_and_reads(label):
    done = label_file(make("jpeg"), label, Options(key=SECRET))
    marks = [
        next(row for row in verify(done.data, keys=keys).evidence if row.layer.value == "watermark")
        for keys in ((), (SECRET,))
    ]
    assert [m.found for m in marks] == [False, True]
    assert marks[1].key == "secret"


def test_a_picture_too_small_for_the_watermark_is_refused_by_name():
    small = save(Image.fromarray(photo(side=100)), "PNG")
    with pytest.raises(MediaTooSmall, match="invisible mark"):
        label_file(small, Label(producer=PRODUCER), Options())
    done = label_file(
        small, Label(producer=PRODUCER), Options(layers=(Layer.VISIBLE, Layer.METADATA))
    )
    assert set(done.layers) == {"visible", "metadata"}


def test_one_bit_cannot_hold_a_watermark_but_takes_the_label():
    data = save(Image.fromarray(photo()).convert("1"), "PNG")
    with pytest.raises(UnsupportedMedia, match="--layers visible,metadata"):
        label_file(data, Label(producer=PRODUCER), Options())
    done = label_file(
        data, Label(producer=PRODUCER), Options(layers=(Layer.VISIBLE, Layer.METADATA))
    )
    assert decode_picture(done.data, "png").storage.mode == "1"
    assert next(r for r in verify(done.data).evidence if r.layer.value == "visible").found


@pytest.mark.parametrize("level", [0, 1, 128, 254, 255])
@pytest.mark.parametrize("format_name", ["PNG", "JPEG"])
def test_a_wholly_flat_picture_carries_the_mark_or_is_refused_aloud(format_name, level, label):
    flat = save(Image.new("RGB", (500, 500), (level, level, level)), format_name)
    try:
        done = label_file(flat, label, Options(layers=(Layer.WATERMARK,)))
    except (LayerFailed, MediaTooSmall):
        return
    mark = next(row for row in verify(done.data).evidence if row.layer.value == "watermark")
    assert mark.found


def test_a_policy_layer_left_out_is_said_in_the_receipt(label):
    done = label_file(make("jpeg"), label, METADATA)
    assert any("visible" in warning for warning in done.warnings)
    assert {s.layer for s in done.skipped} == {Layer.VISIBLE, Layer.WATERMARK}


def test_an_upstream_label_that_states_nothing_is_not_repaired(label):
    data = write_label(make("jpeg"), label)
    broken = data.replace(b"ContentProducer", b"ContentProducex")
    with pytest.raises(LabelConflict, match="without producer"):
        label_file(broken, label, Options())


@pytest.mark.parametrize("maker", ["jpeg", "png", "avif"])
def test_the_receipt_holds_the_figures_of_the_mark_as_encoded(maker, label):
    done = label_file(make(maker, "coffee", 700), label, Options(layers=(Layer.WATERMARK,)))
    mark = done.layers["watermark"]
    assert mark["psnr_db"] > 41
    assert mark["ssim"] > 0.97
    assert mark["survival"] > 0.5
    row = next(row for row in verify(done.data).evidence if row.layer.value == "watermark")
    z = float(row.detail.removeprefix("z ").split(";")[0])
    assert z == pytest.approx(mark["self_check"], abs=0.06)


def test_one_reading_back_is_enough_for_a_file(monkeypatch, label):
    monkeypatch.setattr(watermark, "check_mark", None)  # a call would fail
    options = Options(layers=(Layer.WATERMARK,))
    assert label_file(make("png", "coffee", 700), label, options).layers["watermark"]
    unchecked = replace(options, self_check=False)
    done = label_file(make("png", "coffee", 700), label, unchecked)
    assert done.layers["watermark"]["self_check"] is None


def test_frames_that_are_not_read_back_from_the_file_are_checked_before(monkeypatch, label):
    made = []

    def counted(*args, **kwargs):
        made.append(1)
        return check_mark(*args, **kwargs)

    monkeypatch.setattr(watermark, "check_mark", counted)
    label_file(make("tiff-pages", "coffee", 700), label, Options(layers=(Layer.WATERMARK,)))
    assert len(made) == 2  # three pages; the first is read back from the file


def test_pixels_in_memory_are_read_back_once(monkeypatch, label):
    made = []

    def counted(*args, **kwargs):
        made.append(1)
        return check_mark(*args, **kwargs)

    monkeypatch.setattr(watermark, "check_mark", counted)
    for options, times in ((Options(), 1), (Options(self_check=False), 1)):
        wanted = replace(options, layers=(Layer.WATERMARK,))
        _, layers, _ = label_pixels(photo("coffee", 700), label, wanted)
        assert len(made) == times
        assert (layers["watermark"]["self_check"] is None) is not options.self_check


def test_a_weak_mark_is_a_warning(label):
    grey = save(Image.new("RGB", (700, 700), (128, 128, 128)), "PNG")
    done = label_file(grey, label, Options(layers=(Layer.WATERMARK,), strength="subtle"))
    assert done.layers["watermark"]["survival"] < 0.5
    assert any("weak" in warning for warning in done.warnings)


def test_a_mark_that_the_coder_destroys_is_a_failure(monkeypatch, label):
    bare = decode_picture(make("png", "coffee", 700), "png")
    monkeypatch.setattr("labeler.image.label.encode_picture", lambda _: encode_picture(bare))
    with pytest.raises(LayerFailed, match="does not read back from the encoded picture"):
        label_file(make("png", "coffee", 700), label, Options(layers=(Layer.WATERMARK,)))


def only_robust(frame, payload, **options):
    if options["strength"] != "robust":
        raise LayerFailed("holds no such mark")
    return embed_mark(frame, payload, **options)


def test_a_picture_that_holds_no_default_mark_gets_a_stronger_one_and_says_so(monkeypatch, label):
    monkeypatch.setattr("labeler.image.label.embed_mark", only_robust)
    options = Options(layers=(Layer.WATERMARK,))
    done = label_file(make("png"), label, options)
    assert any("robust was used" in warning for warning in done.warnings)
    assert done.layers["watermark"]["strength"] == "robust"
    with pytest.raises(LayerFailed, match="no such mark"):
        label_file(make("png"), label, replace(options, strength="1.0"))
