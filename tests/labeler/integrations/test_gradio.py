"""The decorator for Gradio: every kind of output; in the real host where it is installed."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

import detectors
from labeler.integrations.gradio import labelled
from makers import make, photo
from synthetic_sounds import speech


@pytest.fixture
def kept():
    return []


def found(content, **how):
    report = detectors.verify(content, **how)
    return {row.layer.value for row in report.evidence if row.found}


def test_pictures_keep_their_kind(label, kept):
    decorate = labelled(label, record=kept.append)
    array = decorate(lambda: photo("astronaut", 320))()
    assert (array.dtype, array.shape) == (np.uint8, (320, 320, 3))
    image = decorate(lambda: Image.fromarray(photo("coffee", 320)))()
    assert isinstance(image, Image.Image)
    assert found(array) == found(image) == {"visible", "watermark"}
    assert len(kept) == 2


def test_a_gallery_keeps_its_captions(label, kept):
    make_them = labelled(label, record=kept.append)(
        lambda: [(Image.fromarray(photo("coffee", 320)), "a cup"), None]
    )
    (picture, caption), nothing = make_them()
    assert (caption, nothing) == ("a cup", None)
    assert "visible" in found(picture)


def test_sound_keeps_rate_and_type(label, kept):
    wave = (speech(16_000, 6.0) * 20_000).astype(np.int16)
    rate, out = labelled(label, record=kept.append)(lambda: (16_000, wave))()
    assert (rate, out.dtype) == (16_000, np.int16)
    assert len(out) >= len(wave)
    assert kept[0].layers["visible"]["kind"] == "rhythm"


def test_a_file_is_labelled_beside_and_the_source_stays(label, kept, tmp_path):
    source = tmp_path / "made.png"
    source.write_bytes(make("png", side=320))
    before = source.read_bytes()
    out = labelled(label, record=kept.append)(lambda: str(source))()
    assert isinstance(out, str)
    assert source.read_bytes() == before
    assert found(out) == {"visible", "watermark", "metadata"}


def test_text_of_any_length_gets_its_line(label, kept):
    answer = "It rains. " * 400
    out = labelled(label, record=kept.append)(lambda: answer)()
    assert out == f"AI生成\n\n{answer}"


@pytest.mark.filterwarnings("ignore")
def test_a_real_interface_hands_out_labelled_pictures(label, kept):
    gradio = pytest.importorskip("gradio", reason="gradio is not installed")

    @labelled(label, record=kept.append)
    def generate(_prompt):
        return photo("astronaut", 320)

    page = gradio.Interface(generate, "text", gradio.Image(format="png"))
    out = page("a prompt")
    assert found(out["path"] if isinstance(out, dict) else out) >= {"visible", "watermark"}
    assert len(kept) == 1
