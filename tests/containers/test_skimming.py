"""Files read by their header say the same as whole ones, of far fewer bytes."""

from __future__ import annotations

import io
import struct
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from sound_files import coded, tones

from detectors.headers import begin, read_header_evidence
from detectors.reading import read_file_evidence
from labeler.containers.registry import FAMILIES
from labeler.containers.skimming import HEAD, skim
from labeler.containers.sniffing import sniff
from labeler.errors import LabelError
from labeler.metadata import write_fields
from makers import make


LABEL = {"Label": "1", "ContentProducer": "001191440300708461136T1XGW3", "ProduceID": "n"}


class Counting(io.BytesIO):
    """A file that counts what is read of it."""

    got = 0

    def read(self, size=-1):
        data = super().read(size)
        self.got += len(data)
        return data


def noise(width: int = 700, height: int = 700):
    return Image.fromarray(
        np.random.default_rng(5).integers(0, 256, (height, width, 3)).astype(np.uint8)
    )


def large(kind: str) -> bytes:
    """Return a file of a format that is much larger than its header."""
    if kind in {"jpeg", "png", "webp"}:
        buffer = io.BytesIO()
        options = {"quality": 95} if kind == "jpeg" else {"lossless": True, "method": 0}
        noise().save(buffer, kind, **(options if kind != "png" else {}))
        return buffer.getvalue()
    rate = 48_000
    codecs = {"wav": "pcm_s16le", "flac": "flac", "mp3": "mp3", "m4a": "aac", "aiff": "pcm_s16be"}
    loud = {"bit_rate": 256_000} if kind in {"mp3", "m4a"} else {}
    return coded(tones(rate, 2, 20.0), rate, kind, codecs[kind], **loud)


def whole(data: bytes, name: str = ""):
    try:
        return read_file_evidence(data, keys=(), fast=True, name=name)
    except LabelError as error:
        return str(error)


def headed(file, name: str = ""):
    try:
        return read_header_evidence(begin(file), name)
    except LabelError as error:
        return str(error)


@pytest.mark.parametrize("kind", ["jpeg", "png", "webp", "wav", "flac", "mp3", "m4a", "aiff"])
def test_a_label_is_found_without_reading_the_content(kind):
    data = write_fields(large(kind), LABEL)
    file = Counting(data)
    found = headed(file)
    assert found == whole(data)
    assert any(row.found for row in found.evidence)
    assert len(data) > 4 * HEAD
    assert file.got < 3 * HEAD + len(data) // 8


@pytest.mark.parametrize("kind", sorted(k for f in ("image",) for k in FAMILIES[f]))
def test_small_pictures_say_the_same(kind):
    data = make(kind)
    assert headed(io.BytesIO(data)) == whole(data)


def test_what_stands_behind_the_content_is_read():
    data = large("png")
    text = b"AIGC\0" + b'{"Label":"1"}'
    late = struct.pack(">I", len(text)) + b"tEXt" + text
    late += struct.pack(">I", zlib.crc32(late[4:]))
    data = data[:-12] + late + data[-12:]
    assert headed(io.BytesIO(data)) == whole(data)
    assert any(row.found for row in headed(io.BytesIO(data)).evidence)


JPEG, PNG, WAV = (large(kind) for kind in ("jpeg", "png", "wav"))


FLIPS = st.lists(st.tuples(st.integers(0, 2999), st.integers(0, 7)), max_size=3)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from([JPEG, PNG, WAV]), st.floats(0.0, 1.0), FLIPS)
def test_damaged_files_say_the_same(data, share, flips):
    damaged = bytearray(data[: max(1, round(share * len(data)))])
    for place, bit in flips:
        damaged[place % len(damaged)] ^= 1 << bit
    assert headed(io.BytesIO(bytes(damaged))) == whole(bytes(damaged))


def test_a_skimmed_picture_is_short():
    data = JPEG
    assert sniff(data) == "jpeg"
    assert len(skim(io.BytesIO(data), "jpeg", data[:HEAD])) <= 2 * HEAD
