"""One sound file end to end: all three layers, in its own format, read back."""

from __future__ import annotations

import io

import av
import numpy as np
import pytest

import detectors
import labeler
from labeler.audio.codec import decode_sound, encode_array
from labeler.errors import LabelConflict, LabelError, LayerFailed, MediaTooSmall, UnknownPolicy
from labeler.labelling import label_file
from labeler.model import Label, Layer
from labeler.options import Options
from makers import OTHER_PRODUCER, PRODUCER
from synthetic_sounds import speech


RATE = 24_000
SPEECH = speech(10.0, RATE)
CODECS = {
    "wav": ("wav", "pcm_s16le", 24_000),
    "flac": ("flac", "flac", 24_000),
    "mp3": ("mp3", "libmp3lame", 24_000),
    "ogg": ("ogg", "libopus", 48_000),
    "m4a": ("ipod", "aac", 24_000),
    "aiff": ("aiff", "pcm_s16be", 24_000),
    "wma": ("asf", "wmav2", 22_050),
}


@pytest.fixture
def label() -> Label:
    return Label(producer=PRODUCER, content_id="demo-001")


def make_sound(kind: str, samples: np.ndarray = SPEECH) -> bytes:
    container, codec, rate = CODECS[kind]
    file = io.BytesIO()
    with av.open(file, "w", format=container) as out:
        stream = out.add_stream(codec, rate=rate, layout="mono")
        if codec in {"wmav2", "aac", "libmp3lame"}:
            stream.bit_rate = 96_000
        frame = av.AudioFrame.from_ndarray(samples[None].astype(np.float32), "flt", "mono")
        frame.sample_rate = RATE
        resampler = av.AudioResampler(stream.format, "mono", rate)
        for each in [*resampler.resample(frame), *resampler.resample(None)]:
            out.mux(stream.encode(each))
        out.mux(stream.encode(None))
    return file.getvalue()


@pytest.mark.parametrize("kind", sorted(CODECS))
def test_every_format_is_confirmed_with_three_layers(kind, label):
    done = label_file(make_sound(kind), label, Options())
    assert set(done.layers) == {"visible", "watermark", "metadata"}
    assert done.layers["watermark"]["bits"] == 64
    report = detectors.verify(done.data)
    assert report.verdict.value == "confirmed"
    assert report.modality.value == "audio"
    assert {row.layer.value for row in report.evidence if row.found} == set(done.layers)
    mark = next(row for row in report.evidence if row.layer is Layer.WATERMARK)
    assert mark.agrees_with_metadata
    assert report.label == label.fields()


@pytest.mark.parametrize("kind", ["wav", "mp3"])
def test_labelling_again_returns_the_same_bytes(kind, label):
    once = label_file(make_sound(kind), label, Options())
    again = label_file(once.data, label, Options())
    assert again.data == once.data
    assert all(again.layers[name].get("already") for name in ("visible", "watermark"))


def test_without_a_mark_the_samples_around_the_label_stay_bit_for_bit(label):
    source = make_sound("wav")
    done = label_file(source, label, Options(layers=(Layer.VISIBLE, Layer.METADATA)))
    before, after = (decode_sound(data).samples for data in (source, done.data))
    assert np.array_equal(after[-len(before) :], before)
    begin = done.layers["visible"]["positions"][0]
    assert len(after) - len(before) > 1.3 * RATE
    assert begin == pytest.approx(0.3, abs=0.01)


def test_metadata_alone_leaves_the_sound_as_it_is(label):
    source = make_sound("flac")
    done = label_file(source, label, Options(layers=(Layer.METADATA,)))
    assert np.array_equal(decode_sound(source).samples, decode_sound(done.data).samples)


def test_a_label_at_the_end_is_found_at_the_end(label):
    done = label_file(make_sound("wav"), label, Options(position="end"))
    assert done.layers["visible"]["positions"][0] > 10
    assert detectors.verify(done.data).verdict.value == "confirmed"


def test_a_spoken_label_is_inserted_and_found(label):
    done = label_file(make_sound("wav"), label, Options(audible="voice"))
    assert done.layers["visible"]["kind"] == "voice"
    row = next(r for r in detectors.verify(done.data).evidence if r.layer is Layer.VISIBLE)
    assert row.found
    assert row.scheme == "voice"


def test_a_position_of_pictures_is_refused(label):
    with pytest.raises(UnknownPolicy, match="start, middle, end"):
        label_file(make_sound("wav"), label, Options(position="top-left"))


def test_another_mark_or_label_is_never_overwritten(label):
    marked = label_file(make_sound("wav"), label, Options(layers=(Layer.WATERMARK,)))
    with pytest.raises(LabelConflict, match="another mark"):
        label_file(marked.data, Label(producer=OTHER_PRODUCER, content_id="x"), Options())
    labelled = label_file(make_sound("wav"), label, Options(layers=(Layer.METADATA,)))
    with pytest.raises(LabelConflict, match="already labelled"):
        label_file(labelled.data, Label(producer=OTHER_PRODUCER, content_id="x"), Options())


@pytest.mark.parametrize(
    ("samples", "error"),
    [
        (np.zeros((RATE * 4, 1), np.float32), LayerFailed),
        (SPEECH[: RATE // 5, None], MediaTooSmall),
    ],
    ids=["silence", "0.2 s"],
)
def test_what_holds_no_mark_is_refused_with_the_reason(samples, error, label):
    data = encode_array(samples, RATE)
    with pytest.raises(error):
        label_file(data, label, Options(layers=(Layer.WATERMARK,)))
    assert label_file(data, label, Options(layers=(Layer.METADATA,))).layers["metadata"]


def refusal(data: bytes, label: Label) -> str:
    """Why a file is not labelled; empty when it is."""
    try:
        label_file(data, label, Options())
    except LabelError as error:
        return str(error)
    return ""


def test_damaged_sound_is_read_or_refused(label):
    whole = make_sound("mp3")
    for cut in (0, 3, 40, 400, len(whole) // 2):
        report = detectors.verify(whole[:cut])
        assert report.verdict.value in {"none", "undetermined"}
        assert "\n" not in refusal(whole[:cut], label)


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.int16])
@pytest.mark.parametrize("layout", ["NC", "CN"])
def test_sound_in_memory_comes_back_in_its_kind(dtype, layout, label):
    stereo = np.stack([SPEECH, SPEECH * 0.7], axis=1)
    held = stereo if layout == "NC" else stereo.T
    held = (held * 32767).astype(dtype) if dtype == np.int16 else held.astype(dtype)
    result = labeler.apply(held, label, rate=RATE, layout=layout)
    assert result.content.dtype == dtype
    assert result.content.shape[0 if layout == "CN" else 1] == 2
    report = detectors.verify(result.content, rate=RATE, layout=layout)
    assert [row.layer.value for row in report.evidence if row.found] == ["watermark", "visible"]
