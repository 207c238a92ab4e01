"""
Elements of EBML, which Matroska and WebM are made of: read, put together, and kept in size.

Sizes are attacker numbers: nothing here allocates by them, and walking is bounded.
"""

from __future__ import annotations

import struct
import zlib
from typing import TYPE_CHECKING, NamedTuple

from labeler.errors import CorruptMedia, MediaTooLarge


if TYPE_CHECKING:
    from collections.abc import Iterator


HEADER = 0x1A45DFA3
VOID, CRC = 0xEC, 0xBF
_MAX_CHILDREN = 500_000


class Element(NamedTuple):
    """
    One element: its id, and where it starts, where its content starts, and where that ends.

    ``end`` is None when the size is not known, as in live recordings.
    """

    id: int
    start: int
    body: int
    end: int | None

    def content(self, data: bytes) -> bytes:
        """Return the content, to the end of the data when its size is not known."""
        return data[self.body : self.end]


def read_head(head: bytes, start: int, origin: int = 0) -> Element | None:
    """
    Return the element that starts at a place of some bytes, None when none does.

    ``origin`` is where the bytes stand in the file. The content may lie beyond them.
    """
    length = _width(head, start, most=4)
    if not length:
        return None
    number = int.from_bytes(head[start : start + length], "big")
    at = start + length
    width = _width(head, at, most=8)
    if not width:
        return None
    size = int.from_bytes(head[at : at + width], "big") & (1 << 7 * width) - 1
    body = origin + at + width
    unknown = size == (1 << 7 * width) - 1
    return Element(number, origin + start, body, None if unknown else body + size)


def children(data: bytes, start: int = 0, end: int | None = None) -> Iterator[Element]:
    """Yield the whole elements between two positions; raise `CorruptMedia` for one that is cut."""
    position, stop = start, len(data) if end is None else end
    for _ in range(_MAX_CHILDREN):
        if position >= stop:
            return
        element = read_head(data, position)
        if element is None or element.end is None or element.end > stop:
            raise CorruptMedia("an element of the Matroska header reaches beyond its parent")
        yield element
        position = element.end
    raise MediaTooLarge(f"an element of the Matroska header has more than {_MAX_CHILDREN} children")


def make(number: int, content: bytes, width: int = 0) -> bytes:
    """Return an element; its size takes ``width`` bytes, or as few as it can."""
    return _id(number) + size_bytes(len(content), width) + content


def size_bytes(size: int, width: int = 0) -> bytes:
    """Return a size as EBML writes it, the all-ones value left out, which means unknown."""
    need = next(w for w in range(1, 9) if size < (1 << 7 * w) - 1)
    width = max(width, need)
    return (size | 1 << 7 * width).to_bytes(width, "big")


def void(size: int) -> bytes:
    """Return an element without meaning of a size in all, at least 2 (0 gives nothing)."""
    if not size:
        return b""
    if size < 2:
        raise CorruptMedia("an element without meaning takes at least 2 bytes")
    width = 1 if size - 2 < 127 else 8
    return _id(VOID) + size_bytes(size - 1 - width, width) + bytes(size - 1 - width)


def fit(number: int, content: bytes, total: int) -> bytes | None:
    """Return an element followed by room, of a size in all; None when they cannot fill it."""
    for width in range(1, 9):
        if len(content) < (1 << 7 * width) - 1:
            whole = make(number, content, width)
            left = total - len(whole)
            if left == 0 or left >= 2:
                return whole + void(left)
            if left < 0:
                return None
    return None


def with_checksum(parts: bytes) -> bytes:
    """Return the content of an element with the CRC-32 of it in front (RFC 8794 11.3.1)."""
    return make(CRC, struct.pack("<I", zlib.crc32(parts))) + parts


def uint(data: bytes) -> int:
    """Return an unsigned number."""
    return int.from_bytes(data, "big")


def number(data: bytes) -> float | None:
    """Return a floating-point number of 4 or 8 bytes, None for others."""
    forms = {4: ">f", 8: ">d"}
    return float(struct.unpack(forms[len(data)], data)[0]) if len(data) in forms else None


def text(data: bytes) -> str:
    """Return a text up to its first NUL."""
    return data.split(b"\0", 1)[0].decode("utf-8", "replace")


def _id(number: int) -> bytes:
    """Return an id as bytes; its length is in it."""
    return number.to_bytes((number.bit_length() + 7) // 8, "big")


def _width(data: bytes, position: int, *, most: int) -> int:
    """Return how many bytes the number at a position takes, 0 when there is no such number."""
    first = data[position] if position < len(data) else 0
    width = 9 - first.bit_length() if first else 0
    return width if 0 < width <= most and position + width <= len(data) else 0
