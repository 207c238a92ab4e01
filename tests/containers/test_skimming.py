"""Files read by their header say the same as whole ones, of far fewer bytes."""

from __future__ import annotations

import io
import struct
import zlib

import cv2
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
from labeler.errors import CorruptMedia, LabelError
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


def animated(kind: str) -> bytes:
    buffer = io.BytesIO()
    first, *rest = [noise(240, 240).rotate(angle) for angle in (0, 90, 180)]
    options = {"lossless": True, "method": 0} if kind == "webp" else {}
    first.save(buffer, kind, save_all=True, append_images=rest, duration=100, **options)
    return buffer.getvalue()


@pytest.mark.parametrize("kind", ["png", "webp"])
def test_animations_say_the_same(kind):
    data = write_fields(animated(kind), LABEL)
    file = Counting(data)
    assert headed(file) == whole(data)
    assert headed(file).header.frames == 3
    assert file.got < len(data)


def test_parts_of_eight_kilobytes_are_one_run():
    data = cv2.imencode(".png", np.asarray(noise()))[1].tobytes()
    assert data.count(b"IDAT") > 50
    assert skim(io.BytesIO(data), "png", data[:HEAD]).count(b"IDAT") == 1
    labelled = write_fields(data, LABEL)
    assert headed(io.BytesIO(labelled)) == whole(labelled)


@pytest.mark.parametrize("kind", ["jpeg", "png", "webp"])
def test_what_is_appended_to_a_picture_is_read(kind):
    data = large(kind)
    # Another picture behind the first: its parts are no parts of the file.
    data += data[:200_000] + b'AIGC{"Label":"1","ContentProducer":"x"}' + bytes(1000)
    found = headed(io.BytesIO(data))
    assert found == whole(data)
    assert any(row.found for row in found.evidence)


LATE = b'AIGC{"Label":"1","ContentProducer":"x"}' + bytes(99)


@pytest.mark.parametrize(
    ("kind", "head"),
    [
        ("png", struct.pack(">I4s", len(LATE), b"IDAT")),
        ("webp", struct.pack("<4sI", b"VP8 ", len(LATE))),
    ],
)
def test_what_looks_like_picture_data_behind_the_end_is_read(kind, head):
    data = large(kind) + head + LATE + bytes(4)
    found = headed(io.BytesIO(data))
    assert found == whole(data)
    assert any(row.found for row in found.evidence)


def test_a_picture_is_no_bomb_for_being_read_in_part():
    frame = JPEG.index(b"\xff\xc0") + 5
    wide = JPEG[:frame] + struct.pack(">HH", 8_000, 10_000) + JPEG[frame + 4 :]
    found = headed(io.BytesIO(wide))
    assert not isinstance(found, str)
    assert found == whole(wide)


def test_a_file_that_becomes_shorter_meanwhile_is_told():
    class Shrinking(io.BytesIO):
        def read(self, size=-1):
            self.truncate(HEAD)
            return super().read(size)

    with pytest.raises(CorruptMedia, match="changed while it was read"):
        skim(Shrinking(JPEG), "jpeg", JPEG[:HEAD])


JPEG, PNG, WEBP, WAV = (large(kind) for kind in ("jpeg", "png", "webp", "wav"))


FLIPS = st.lists(st.tuples(st.integers(0, 2999), st.integers(0, 7)), max_size=3)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from([JPEG, PNG, WEBP, WAV]), st.floats(0.0, 1.0), FLIPS)
def test_damaged_files_say_the_same(data, share, flips):
    damaged = bytearray(data[: max(1, round(share * len(data)))])
    for place, bit in flips:
        damaged[place % len(damaged)] ^= 1 << bit
    assert headed(io.BytesIO(bytes(damaged))) == whole(bytes(damaged))


def test_a_skimmed_picture_is_short():
    data = JPEG
    assert sniff(data) == "jpeg"
    assert len(skim(io.BytesIO(data), "jpeg", data[:HEAD])) <= 2 * HEAD
