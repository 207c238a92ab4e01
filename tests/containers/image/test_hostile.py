"""Files made to hurt: nothing but LabelError comes out, within bounded time and memory."""

from __future__ import annotations

import struct
import zlib

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hostile_files import bomb, damaged, nested_boxes, refusals
from labeler.containers.image.jpeg_parts import segment
from labeler.containers.pictures import PICTURES, blocks, carry, find, payload_bytes, probe, write
from labeler.containers.sniffing import sniff
from labeler.containers.spans import MAX_COPIES
from labeler.errors import LabelError
from labeler.limits import LIMITS
from peak_memory import memory_below
from rich_pictures import FORMATS, OLD, VALUE, packet, rich


MEMORY = 64 << 20


def chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + bytes(4)


def in_png(*chunks: bytes) -> bytes:
    data = rich("png")
    return data[:33] + b"".join(chunks) + data[33:]


def refused(data: bytes, container) -> list[str]:
    """What every function says that refuses."""
    return refusals(
        (
            lambda: container.probe(data),
            lambda: list(container.blocks(data)),
            lambda: container.find(data),
            lambda: container.write(data, VALUE),
            lambda: container.carry(data, data),
            lambda: list(container.payload_bytes(data)),
        )
    )


@pytest.mark.parametrize("kind", FORMATS)
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_damaged_files_raise_nothing_but_label_errors(kind, data):
    whole = write(rich(kind), OLD)
    container = PICTURES[sniff(whole)]
    assert all(refused(damaged(data, whole, st.integers(0, 1500)), container))


@pytest.mark.parametrize("kind", FORMATS)
def test_every_truncation_is_survived(kind):
    whole = write(rich(kind), OLD)
    container = PICTURES[sniff(whole)]
    for cut in range(0, len(whole), max(1, len(whole) // 150)):
        assert all(refused(whole[:cut], container))


def crowd(boxes: int) -> bytes:
    data = rich("avif")
    return data + struct.pack(">I4s", 8, b"free") * boxes


def bare_ifd(entries: bytes, count: int) -> bytes:
    return b"II*\0\x08\0\0\0" + struct.pack("<H", count) + entries + bytes(4)


def overlapping_directories() -> bytes:
    """Directories that start every eight bytes, all on the same bytes, each one naming the next."""
    count, pages = 400, 590
    size = 2 + 12 * count
    data = bytearray(b"II*\0\x08\0\0\0" + struct.pack("<H", count) * size)
    for number in range(pages):
        at = 8 + 8 * number
        struct.pack_into("<I", data, at + size, at + 8)
    return bytes(data)


def overlapping_texts() -> bytes:
    """A thousand tags that all claim the same long text."""
    rows = b"".join(struct.pack("<HHII", 40_000 + i, 2, 1_000_000, 13_000) for i in range(1000))
    size = struct.pack("<HHII", 256, 4, 1, 1) + struct.pack("<HHII", 257, 4, 1, 1)
    return bare_ifd(size + rows, 1002).ljust(13_000, b"\0") + b"AIGC {" * 170_000


def locations(count: int) -> bytes:
    """An AVIF whose item locations claim as many items as they like."""
    data = bytearray(rich("avif"))
    at = data.index(b"iloc") + 4
    data[at + 6 : at + 8] = struct.pack(">H", count)
    return bytes(data)


HOSTILE = {
    "png text bomb": lambda: in_png(chunk(b"zTXt", b"Comment\0\0" + bomb(60 << 20))),
    "png XMP bomb": lambda: in_png(
        chunk(b"iTXt", b"XML:com.adobe.xmp\0\1\0\0\0" + bomb(60 << 20)),
    ),
    "png many bombs": lambda: in_png(*[chunk(b"zTXt", b"Comment\0\0" + bomb(1 << 20))] * 400),
    "png many chunks": lambda: in_png(chunk(b"abCd", b"") * (LIMITS.segments + 10)),
    "png many labels": lambda: in_png(chunk(b"tEXt", b"AIGC\0{}") * 20_000),
    "png long text": lambda: in_png(chunk(b"tEXt", b"a\0" + b'AIGC {"' * 400_000)),
    "png blanks": lambda: in_png(chunk(b"tEXt", b"AIGC\0AIGC" + b" " * 900_000)),
    "png many elements": lambda: in_png(
        chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + packet("<a/>" * 3_000_000 + "<b:AIGC/>"))
    ),
    "png profile": lambda: in_png(
        chunk(
            b"zTXt", b"Raw profile type exif\0\0" + zlib.compress(b"\nexif\n 9\n" + b"4" * 900_000)
        )
    ),
    "jpeg many segments": lambda: b"\xff\xd8" + segment(0xFE, b"AIGC{") * 90_000 + rich("jpeg")[2:],
    "jpeg long tail": lambda: rich("jpeg") + b'AIGC{"AIGC":' * 2_000_000,
    "webp many chunks": lambda: (
        rich("webp")[:4] + b"\xff\xff\xff\x7f" + rich("webp")[8:] + b"abcd\0\0\0\0" * 200_000
    ),
    "gif many blocks": lambda: rich("gif")[:-1] + b"\x21\xfe\x00" * 200_000 + b"\x3b",
    "gif thin blocks": lambda: rich("gif")[:-1] + b"\x21\xfe" + b"\x01a" * 1_500_000 + b"\0\x3b",
    "tiff count": lambda: bare_ifd(b"", 0xFFFF),
    "tiff values": lambda: bare_ifd(
        struct.pack("<HHIHHHHII", 256, 3, 1, 9, 0, 257, 3, 1, 9)
        + struct.pack("<HHII", 270, 2, 1 << 31, 8),
        3,
    ),
    "tiff directories": overlapping_directories,
    "tiff texts": overlapping_texts,
    "avif crowd": lambda: crowd(200_000),
    "avif deep": lambda: rich("avif") + nested_boxes(b"moov", 3_000),
    "avif locations": lambda: locations(0xFFFF),
}


@pytest.mark.timeout(30)
@pytest.mark.parametrize("case", HOSTILE)
def test_hostile_files_stay_within_memory_and_time(case):
    data = HOSTILE[case]()
    container = PICTURES[sniff(data)]
    # A result is a copy of the file, and joining it holds its pieces for a moment.
    with memory_below(MEMORY + 4 * len(data)):
        assert all(refused(data, container))


@pytest.mark.parametrize("case", ["png text bomb", "png XMP bomb", "png many bombs"])
def test_text_bomb_is_a_finding_and_the_rest_is_read(case):
    data = HOSTILE[case]()
    data = data[:33] + chunk(b"tEXt", b"AIGC\0" + OLD.encode()) + data[33:]
    found = find(data)
    assert OLD in [carrier.text for carrier in found]
    assert any("metadata oversized" in carrier.fault for carrier in found)


def test_copies_beyond_a_number_are_only_counted():
    found = find(in_png(chunk(b"tEXt", b"AIGC\0{}") * 500))
    assert len(found) == MAX_COPIES + 1
    assert "more than" in found[-1].fault


def test_lengths_beyond_the_file_are_refused():
    data = rich("png")
    with pytest.raises(LabelError, match="truncated"):
        write(data[:33] + b"\xff\xff\xff\xfftEXt" + data[33:], VALUE)


def test_package_functions_refuse_what_they_do_not_know():
    for call in (
        probe,
        find,
        lambda data: list(blocks(data)),
        lambda data: list(payload_bytes(data)),
    ):
        with pytest.raises(LabelError, match="unknown format"):
            call(b"nothing")
    with pytest.raises(LabelError):
        carry(b"nothing", rich("png"))
