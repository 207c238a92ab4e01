"""Chunks of WAV and AIFF files: odd orders, odd codings, and sizes that lie."""

from __future__ import annotations

import io
import struct
from dataclasses import replace

import numpy as np
import pytest
from sound_files import coded, tones

from labeler.audio import chunks, codec
from labeler.audio.chunks import front_and_back, open_pcm
from labeler.errors import CorruptMedia, MediaTooLarge, UnsupportedMedia


def wav(fmt: bytes, samples: bytes = bytes(64), *, size: int | None = None) -> io.BytesIO:
    said = len(samples) if size is None else size
    body = b"fmt " + struct.pack("<I", len(fmt)) + fmt + b"data" + struct.pack("<I", said) + samples
    return io.BytesIO(b"RIFF" + struct.pack("<I", 4 + len(body)) + b"WAVE" + body)


def fmt(tag: int = 1, channels: int = 2, rate: int = 16_000, bits: int = 16) -> bytes:
    block = channels * bits // 8
    return struct.pack("<HHIIHH", tag, channels, rate, rate * block, block, bits)


def aiff_chunks(data: bytes) -> dict[bytes, bytes]:
    found, at = {}, 12
    while at + 8 <= len(data):
        size = struct.unpack_from(">I", data, at + 4)[0]
        found[data[at : at + 4]] = data[at : at + 8 + size + size % 2]
        at += 8 + size + size % 2
    return found


def aiff(kind: bytes, *parts: bytes) -> bytes:
    body = b"".join(parts)
    return b"FORM" + struct.pack(">I", 4 + len(body)) + kind + body


@pytest.mark.parametrize(
    ("content", "error", "message"),
    [
        (wav(fmt()[:8]), CorruptMedia, "cut short"),
        (wav(fmt(channels=0)), CorruptMedia, "contradicts itself"),
        (wav(fmt(rate=0)), CorruptMedia, "contradicts itself"),
        (wav(fmt(tag=0x11)), UnsupportedMedia, "0x0011 with 16 bits"),
    ],
)
def test_a_format_chunk_that_says_nothing_usable_is_refused(content, error, message):
    with pytest.raises(error, match=message):
        open_pcm(content, "wav")


def test_a_size_that_nobody_knew_while_writing_means_to_the_end():
    pcm = open_pcm(wav(fmt(), bytes(67), size=0xFFFF_FFFF), "wav")
    assert pcm.size == 64
    assert "did not say how long" in pcm.format.notes[0]


def test_an_aiff_file_whose_format_follows_its_samples_is_written_right():
    parts = aiff_chunks(coded(tones(), 16_000, "aiff", "pcm_s16be"))
    data = aiff(b"AIFF", parts[b"SSND"], parts[b"COMM"])
    sound = codec.decode_sound(data)
    longer = np.concatenate([sound.samples, sound.samples])
    again = codec.decode_sound(codec.encode_sound(sound, longer))
    assert len(again.samples) == 2 * len(sound.samples)
    assert np.allclose(again.samples[: len(sound.samples)], sound.samples, atol=1e-4)


def test_bytes_without_a_sign_are_read_from_an_aifc_file():
    comm = struct.pack(">hIh", 1, 64, 8) + bytes.fromhex("400cfa00000000000000") + b"raw \0\0"
    data = aiff(
        b"AIFC",
        b"COMM" + struct.pack(">I", len(comm)) + comm,
        b"SSND" + struct.pack(">I", 72) + bytes(8) + bytes([128] * 64),
    )
    sound = codec.decode_sound(data)
    assert (sound.rate, sound.source.coding) == (16_000, "u8")
    assert not sound.samples.any()
    with pytest.raises(UnsupportedMedia, match="ima4"):
        codec.decode_sound(data.replace(b"raw ", b"ima4"))


@pytest.mark.parametrize(
    "raw", ["c00cfa00000000000000", "7fffc000000000000000", "3fbf8000000000000000"]
)
def test_a_rate_that_is_no_number_of_hertz_is_none(raw):
    assert chunks._extended(bytes.fromhex(raw)) == 0


@pytest.mark.parametrize("container", ["wav", "aiff"])
def test_files_beyond_four_gigabytes_are_refused_before_they_are_written(container):
    name = {"wav": "pcm_s16le", "aiff": "pcm_s16be"}[container]
    file = io.BytesIO(coded(tones(), 16_000, container, name))
    with pytest.raises(MediaTooLarge, match="4 GiB"):
        front_and_back(file, open_pcm(file, container), 1 << 32)


def test_what_stands_around_the_samples_has_limits(monkeypatch):
    file = wav(fmt())
    pcm = open_pcm(file, "wav")
    with monkeypatch.context() as patch:
        patch.setattr(chunks, "_FRONT_MOST", 8)
        with pytest.raises(MediaTooLarge, match="before the samples"):
            front_and_back(file, pcm, 64)
    monkeypatch.setattr(chunks, "LIMITS", replace(chunks.LIMITS, file_bytes=8))
    with pytest.raises(MediaTooLarge, match="behind the samples"):
        front_and_back(file, replace(pcm, end=pcm.start), 64)
