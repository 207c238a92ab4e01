"""Profiles written as hexadecimal digits, and texts that inflate to more than they may."""

from __future__ import annotations

import zlib

import pytest

from labeler.containers.tags import profile
from labeler.errors import CorruptMedia, MediaTooLarge


XMP = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"/>'
HEADER = b"http://ns.adobe.com/xap/1.0/\0"


def text_of(raw: bytes, name: bytes = b"xmp") -> bytes:
    return b"\n" + name + b"\n" + b"%8d" % len(raw) + b"\n" + raw.hex().encode() + b"\n"


@pytest.mark.parametrize("raw", [XMP, HEADER + XMP, b"\n" + XMP])
def test_xmp_is_known_with_and_without_its_header(raw):
    found = profile.block("Raw profile type xmp", text_of(raw), "tEXt")
    assert (found.kind, found.content) == ("xmp", raw.removeprefix(HEADER))
    assert profile.collapse("Raw profile type xmp", text_of(raw)) == text_of(raw)


@pytest.mark.parametrize(
    ("raw", "kind"), [(b"Exif\0\0II*\0", "exif"), (b"MM\0*", "exif"), (b"8BIM", "raw")]
)
def test_what_it_holds_is_told_by_its_first_bytes(raw, kind):
    assert profile.block("Raw profile type any", text_of(raw), "tEXt").kind == kind


@pytest.mark.parametrize("content", [b"no profile", b"\nxmp\n       2\nabc\n"])
def test_a_text_that_is_no_profile_stays_a_text(content):
    assert profile.block("Raw profile type xmp", content, "tEXt").kind == "text"
    assert profile.collapse("Raw profile type xmp", content) == content


def test_a_text_inflates_up_to_its_limit_and_no_further():
    packed = zlib.compress(b"a" * 1000)
    assert profile.inflate(packed, 1000) == b"a" * 1000
    for cap in (0, 999):
        with pytest.raises(MediaTooLarge, match="oversized"):
            profile.inflate(packed, cap)
    with pytest.raises(CorruptMedia, match="broken"):
        profile.inflate(b"nothing packed", 99)
