"""The frames of a video get both layers, once, and are read back from the encoded file."""

from __future__ import annotations

import pytest

from detectors.video.visible import read_visible
from detectors.video.watermark import read_mark
from labeler.errors import LabelConflict, LayerFailed, MediaTooSmall
from labeler.model import Label, Layer
from labeler.options import Options
from labeler.payload import payload_of
from labeler.video.label import label_content
from labeler.video.planes import plane_of
from labeler.video.playback import frames_of
from moving_pictures import luma_frames, write_video


def options_with(**chosen):
    return Options(**({"preset": "veryfast"} | chosen))


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    path = tmp_path_factory.mktemp("video") / "in.mp4"
    return write_video(path, list(luma_frames(26)), rate=10, sounds=1)


@pytest.fixture(scope="module")
def done(source):
    label = Label(producer="001191440300708461136T1XGW3", content_id="demo-001")
    target = source.with_name("out.mp4")
    return target, label_content(source, target, label, options_with(), known=False)


def test_both_layers_read_from_the_encoded_file(done, label):
    target, content = done
    assert content.changed
    visible, mark = read_visible(target), read_mark(target)
    assert visible.found
    assert visible.seconds == (0.0, 2.0)
    assert mark.found
    assert mark.mark_id == payload_of(label).mark_hex


def test_the_receipt_says_what_was_done(done):
    _, content = done
    visible, mark = content.layers["visible"], content.layers["watermark"]
    assert visible["frames"] == [[0, 20]]
    assert visible["seconds"] == [[0.0, 2.0]]
    assert visible["height_ratio"] >= 0.05
    assert mark["frames"] == 26
    assert mark["psnr_db"] >= 43
    assert mark["psnr_least_db"] >= 42
    assert mark["self_check"] > 13
    assert mark["encoding"]["encoder"] == "libx264"


def test_a_labelled_file_is_left_as_it_is(done, label):
    target, _ = done
    again = label_content(target, target.with_name("n.mp4"), label, options_with(), known=True)
    assert not again.changed
    assert all(layer["already"] for layer in again.layers.values())
    assert not target.with_name("n.mp4").exists()


def test_another_mark_is_never_laid_over(done):
    target, _ = done
    other = Label(producer="001191440300708461136T1XGW3", content_id="another")
    with pytest.raises(LabelConflict, match="another mark"):
        label_content(target, target.with_name("n.mp4"), other, options_with(), known=False)


def test_a_label_that_is_there_is_not_covered(done, label):
    target, _ = done
    again = target.with_name("second.mp4")
    options = options_with(layers=(Layer.VISIBLE,))
    content = label_content(target, again, label, options, known=False)
    assert content.layers["visible"]["position"] != "bottom-right"


def test_layers_that_are_not_asked_for_leave_the_frames_alone(source, label):
    target = source.with_name("visible.mp4")
    options = options_with(layers=(Layer.VISIBLE,), position="full")
    content = label_content(source, target, label, options, known=False)
    assert set(content.layers) == {"visible"}
    assert not read_mark(target, depth="plain").found
    assert content.layers["visible"]["frames"] == [[0, 25]]


def test_the_source_file_is_not_touched(source, label):
    before = source.read_bytes()
    options = options_with(layers=(Layer.WATERMARK,))
    label_content(source, source.with_name("m.mp4"), label, options, known=False)
    assert source.read_bytes() == before


def test_a_mark_that_does_not_read_back_is_a_failure(source, label):
    options = options_with(layers=(Layer.WATERMARK,), strength="0.02", crf=45)
    with pytest.raises(LayerFailed, match="read back"):
        label_content(source, source.with_name("weak.mp4"), label, options, known=False)


def test_tiny_frames_are_refused(tmp_path, label):
    path = write_video(tmp_path / "tiny.mp4", list(luma_frames(3, 96, 96)))
    options = options_with(layers=(Layer.WATERMARK,))
    with pytest.raises(MediaTooSmall, match="96 x 96"):
        label_content(path, tmp_path / "out.mp4", label, options, known=False)


def test_ten_bits_carry_both_layers(tmp_path, label):
    path = write_video(
        tmp_path / "in.mp4", list(luma_frames(6)), codec="libx265", pixel_format="yuv420p10le"
    )
    target = tmp_path / "out.mp4"
    content = label_content(path, target, label, options_with(), known=False)
    assert "label is on all of it" in content.notes[0]
    assert read_mark(target, depth="plain").found
    assert plane_of(next(frames_of(target)).frame, 0, 10).max() > 255
