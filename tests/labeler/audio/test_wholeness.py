"""Whether compressed files are whole, by their own account."""

from __future__ import annotations

import io
import struct

import pytest
from sound_files import coded, tones

from labeler.audio.wholeness import check_whole, trailer_size
from labeler.errors import CorruptMedia


MP3 = coded(tones(seconds=1.0), 16_000, "mp3", "libmp3lame", bit_rate=64_000)


def ape(size: int, *, header: bool) -> bytes:
    flags = 0x80000000 if header else 0
    return b"APETAGEX" + struct.pack("<IIII", 2000, size, 0, flags) + bytes(8)


@pytest.mark.parametrize(
    ("tags", "size"),
    [
        (b"", 0),
        (b"TAG" + bytes(125), 128),
        (b"LYRICSBEGIN" + b"000011LYRICS200", 26),
        (b"xx" + b"abcdefLYRICS200", 0),
        (ape(32, header=False), 32),
        (bytes(32) + ape(32, header=True), 64),
        (b"LYRICSBEGIN" + b"000011LYRICS200" + b"TAG" + bytes(125), 154),
    ],
)
def test_tags_behind_the_frames_are_counted(tags, size):
    assert trailer_size(io.BytesIO(bytes(500) + tags)) == size


def test_a_tag_larger_than_its_file_is_a_lie():
    with pytest.raises(CorruptMedia, match="wrong size"):
        trailer_size(io.BytesIO(bytes(50) + ape(5000, header=False)))


def test_a_file_smaller_than_any_tag_has_none():
    assert trailer_size(io.BytesIO(b"ab")) == 0


def test_without_a_count_of_its_own_a_file_passes_for_whole():
    at = MP3.index(b"Xing") if b"Xing" in MP3 else MP3.index(b"Info")
    assert check_whole(io.BytesIO(MP3), "mp3") == ()
    nameless = MP3[:at] + b"none" + MP3[at + 4 :]
    assert check_whole(io.BytesIO(nameless[: len(MP3) // 2]), "mp3") == ()
    uncounted = MP3[: at + 4] + struct.pack(">I", 1) + MP3[at + 8 :]
    assert check_whole(io.BytesIO(uncounted[: len(MP3) // 2]), "mp3") == ()
    with pytest.raises(CorruptMedia, match="truncated"):
        check_whole(io.BytesIO(MP3[: len(MP3) // 2]), "mp3")


@pytest.mark.parametrize(
    ("container", "data", "message"),
    [
        ("mp3", bytes(40) + b"Xing", "truncated"),
        ("ogg", b"no page at all", "truncated"),
        ("m4a", struct.pack(">I", 8) + b"free", "no index"),
    ],
)
def test_files_without_their_own_skeleton_are_refused(container, data, message):
    with pytest.raises(CorruptMedia, match=message):
        check_whole(io.BytesIO(data), container)
