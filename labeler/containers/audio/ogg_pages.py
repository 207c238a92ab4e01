"""Pages of Ogg files: where they stand, what they hold, and how header packets are paged anew."""

from __future__ import annotations

import struct
import zlib
from typing import TYPE_CHECKING, NamedTuple

from labeler.errors import CorruptMedia, MediaTooLarge


if TYPE_CHECKING:
    from collections.abc import Iterator


CONTINUED, FIRST, LAST = 1, 2, 4
"""Flags of a page: its first packet goes on from the page before; first, last of its stream."""

_HEAD = 27
_MAX_PAGES = 1_000_000
_SEGMENT, _SEGMENTS = 255, 255
_NO_PACKET_ENDS = 0xFFFF_FFFF_FFFF_FFFF
_REVERSED = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))


class Page(NamedTuple):
    """
    One page: its span, its header fields, and the sizes of its segments.

    A tuple, because long recordings have a million of them and records take six times as long.
    """

    start: int
    body: int
    end: int
    flags: int
    granule: int
    serial: int
    number: int
    lacing: bytes


def read_pages(data: bytes) -> Iterator[Page]:
    """Yield the pages up to what is no page; raise `CorruptMedia` for one that is cut off."""
    position = 0
    for _ in range(_MAX_PAGES):
        if not data.startswith(b"OggS", position):
            return
        if position + _HEAD > len(data):
            raise CorruptMedia("the Ogg file is truncated inside a page header")
        flags, granule, serial, number, _, segments = struct.unpack_from(
            "<BQIIIB", data, position + 5
        )
        body = position + _HEAD + segments
        lacing = bytes(data[position + _HEAD : body])
        end = body + sum(lacing)
        if len(lacing) < segments or end > len(data):
            raise CorruptMedia("the Ogg file is truncated inside a page")
        yield Page(position, body, end, flags, granule, serial, number, lacing)
        position = end
    raise MediaTooLarge(f"the Ogg file has more than {_MAX_PAGES} pages")


def lacing_of(packet: bytes) -> bytes:
    """Return the segment sizes of one whole packet."""
    whole, rest = divmod(len(packet), _SEGMENT)
    return bytes([_SEGMENT]) * whole + bytes([rest])


def repage(lacing: bytes, body: bytes, old: list[Page]) -> tuple[bytes, int]:
    """
    Return new pages for segments that stood on ``old`` pages, and how many pages more they are.

    As many pages as before are made where the segments allow it, so that no later page is touched.
    """
    least = -(-len(lacing) // _SEGMENTS)
    count = min(max(least, len(old)), len(lacing))
    pieces: list[bytes] = []
    begin = position = 0
    for number in range(count):
        end = len(lacing) * (number + 1) // count
        part = lacing[begin:end]
        content = body[position : position + sum(part)]
        flags = CONTINUED if begin and lacing[begin - 1] == _SEGMENT else 0
        granule = _NO_PACKET_ENDS if part.count(_SEGMENT) == len(part) else 0
        if number == count - 1:
            flags |= old[-1].flags & LAST
            granule = old[-1].granule
        pieces.append(_page(old[0].serial, old[0].number + number, flags, granule, part, content))
        begin, position = end, position + len(content)
    return b"".join(pieces), count - len(old)


def renumbered(data: bytes, page: Page, by: int) -> bytes:
    """Return a page with another number, its body as it was."""
    raw = bytearray(data[page.start : page.end])
    struct.pack_into("<I", raw, 18, (page.number + by) & 0xFFFF_FFFF)
    return _with_checksum(raw)


def checksum(page: bytes | bytearray) -> int:
    """Return the checksum of a page whose checksum field is zero: CRC-32, unreflected, from 0."""
    # zlib's CRC is the reflected one: bits are turned round in each byte, and in the result.
    register = ~zlib.crc32(bytes(page).translate(_REVERSED), 0xFFFF_FFFF) & 0xFFFF_FFFF
    return int.from_bytes(register.to_bytes(4, "little").translate(_REVERSED), "big")


def _page(serial: int, number: int, flags: int, granule: int, lacing: bytes, body: bytes) -> bytes:  # noqa: PLR0917  the fields of a page header in their order
    head = struct.pack("<4sBBQIIIB", b"OggS", 0, flags, granule, serial, number, 0, len(lacing))
    return _with_checksum(bytearray(head + lacing + body))


def _with_checksum(raw: bytearray) -> bytes:
    """Return a page with its checksum set."""
    raw[22:26] = bytes(4)
    raw[22:26] = struct.pack("<I", checksum(raw))
    return bytes(raw)
