"""What cannot be decoded or encoded is refused in one line, and nothing else is raised."""

from __future__ import annotations

import contextlib
import io
import struct

import av
import numpy as np
import pytest
from sound_files import coded, tones

from labeler.audio import codec
from labeler.errors import (
    CorruptMedia,
    LabelError,
    MediaTooLarge,
    UnsupportedMedia,
)
from labeler.limits import Limits


def wav_of(rate: int, channels: int, coding: str) -> bytes:
    return codec.encode_array(tones(rate, channels, 0.2), rate, coding=coding)


# Hostile input


@pytest.mark.parametrize("share", [0.1, 0.5, 0.97])
@pytest.mark.parametrize(
    ("container", "name", "rate"),
    [("wav", "pcm_s16le", 16_000), ("aiff", "pcm_s16be", 16_000), ("flac", "flac", 16_000),
     ("mp3", "libmp3lame", 16_000), ("ogg", "libopus", 48_000), ("m4a", "aac", 16_000),
     ("wma", "wmav2", 16_000)],
)  # fmt: skip
def test_a_truncated_file_is_refused(container, name, rate, share):
    data = coded(tones(rate, 2, 2), rate, container, name, bit_rate=64_000)
    with pytest.raises(CorruptMedia) as caught:
        codec.decode_sound(data[: int(len(data) * share)])
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("data", "error", "message"),
    [
        (b"", CorruptMedia, "empty"),
        (b"\x89PNG\r\n\x1a\n" + bytes(99), UnsupportedMedia, "png file, no sound"),
        (b"#EXTM3U\nfile:///etc/passwd\n", UnsupportedMedia, "no sound file"),
        (b"\xff\xf1\x50\x80" + bytes(99), UnsupportedMedia, "raw AAC"),
        (b"\x1a\x45\xdf\xa3" + bytes(99), UnsupportedMedia, "Matroska"),
        (b"ID3\x04\0\0\0\0\0\x0a" + bytes(10), CorruptMedia, "tags and no sound"),
        (b"OggS" + bytes(200), CorruptMedia, "ogg"),
        (b"fLaC" + bytes(200), CorruptMedia, "flac"),
        (b"RIFF\0\0\0\0WAVE", CorruptMedia, "no format"),
        (b"FORM\0\0\0\0AIFF", CorruptMedia, "no format"),
    ],
)
def test_what_is_no_sound_is_refused_with_what_it_is(data, error, message):
    with pytest.raises(error, match=message):
        codec.decode_sound(data)


def test_a_film_is_no_sound():
    buffer = io.BytesIO()
    with av.open(buffer, "w", format="mp4") as output:
        stream = output.add_stream("mpeg4", rate=10)
        stream.width, stream.height, stream.pix_fmt = 64, 64, "yuv420p"
        frame = av.VideoFrame.from_ndarray(np.zeros((64, 64, 3), np.uint8))
        output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
    with pytest.raises(UnsupportedMedia, match="sound"):
        codec.decode_sound(buffer.getvalue())


@pytest.mark.parametrize("mark", [b"drms", b"enca"])
def test_an_encrypted_m4a_is_refused(mark):
    data = coded(tones(), 16_000, "m4a", "aac").replace(b"mp4a", mark, 1)
    with pytest.raises(UnsupportedMedia, match="encrypted"):
        codec.decode_sound(data)


def test_an_encrypted_wma_is_refused():
    data = bytearray(coded(tones(), 16_000, "wma", "wmav2", bit_rate=32_000))
    object_id = bytes.fromhex("fbb31122 23bdd211 b4b700a0 c955fc6e")
    with pytest.raises(UnsupportedMedia, match="encrypted"):
        codec.decode_sound(bytes(data[:200]) + object_id + bytes(data[200:]))


@pytest.mark.parametrize("value", [np.nan, np.inf])
@pytest.mark.parametrize("coding", ["f32", "f64"])
def test_samples_that_are_no_numbers_are_refused_in_and_out(value, coding):
    data = bytearray(wav_of(16_000, 1, coding))
    width = 4 if coding == "f32" else 8
    data[44 : 44 + width] = struct.pack("<f" if coding == "f32" else "<d", value)
    with pytest.raises(CorruptMedia, match="no numbers"):
        codec.decode_sound(bytes(data))
    sound = codec.decode_sound(wav_of(16_000, 1, coding))
    samples = sound.samples.copy()
    samples[7] = value
    with pytest.raises(UnsupportedMedia, match="no numbers"):
        codec.encode_sound(sound, samples)


@pytest.mark.parametrize("rate", [1, 7_999, 192_001, 2**32 - 1])
def test_absurd_rates_are_refused(rate):
    data = bytearray(wav_of(16_000, 1, "s16"))
    data[24:28] = struct.pack("<I", rate)
    with pytest.raises(UnsupportedMedia, match="sample rate"):
        codec.decode_sound(bytes(data))


def test_nine_channels_are_refused():
    data = bytearray(wav_of(16_000, 1, "s16"))
    data[22:24], data[32:34] = struct.pack("<H", 9), struct.pack("<H", 18)
    with pytest.raises(UnsupportedMedia, match="9 channels"):
        codec.decode_sound(bytes(data))


def test_no_samples_are_refused():
    with pytest.raises(CorruptMedia, match="no samples"):
        codec.decode_sound(wav_of(16_000, 1, "s16")[:40] + bytes(4))


def test_more_than_fits_into_memory_is_refused_and_streams(monkeypatch, tmp_path):
    limits = Limits(sound_values=1000)
    monkeypatch.setattr("labeler.audio.storage.check_length.__defaults__", (limits,))
    data = coded(tones(seconds=1), 16_000, "flac", "flac")
    with pytest.raises(MediaTooLarge, match="blocks"):
        codec.decode_sound(data)
    path = tmp_path / "a.flac"
    path.write_bytes(data)
    assert sum(map(len, codec.decode_blocks(path))) == 16_037


@pytest.mark.parametrize("shape", [(0, 2), (100, 3), (100,), (10, 2, 2)])
def test_samples_of_another_shape_are_refused(shape):
    sound = codec.decode_sound(wav_of(16_000, 2, "s16"))
    with pytest.raises(UnsupportedMedia, match="shape"):
        codec.encode_sound(sound, np.zeros(shape, np.float32))


@pytest.mark.parametrize(
    ("container", "name", "rate"),
    [("wav", "pcm_s16le", 16_000), ("aiff", "pcm_s24be", 16_000), ("flac", "flac", 16_000),
     ("mp3", "libmp3lame", 16_000), ("ogg", "libopus", 48_000), ("m4a", "aac", 16_000),
     ("wma", "wmav2", 16_000)],
)  # fmt: skip
def test_broken_bytes_raise_our_errors_only(container, name, rate, capfd):
    clean = coded(tones(rate, 2, 0.4), rate, container, name, bit_rate=64_000)
    chance = np.random.default_rng(11)
    for turn in range(25):
        data = bytearray(clean)
        reach = min(len(data), 600) if turn % 2 else len(data)
        for place in chance.integers(0, reach, 6):
            data[place] = chance.integers(256)
        with contextlib.suppress(LabelError):
            codec.encode_sound(codec.decode_sound(bytes(data)))
    assert capfd.readouterr().err == ""
