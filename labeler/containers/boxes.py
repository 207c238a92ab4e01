"""
Boxes and items of ISO base media files: where they stand, and how new items are put in.

Offsets in ``iloc`` count from the start of the file, so everything behind a growing ``meta`` box
moves, and every offset with it. The layout of ``iloc`` (version, field sizes) stays the source's.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from labeler.errors import CorruptMedia, MediaTooLarge, UnsupportedMedia
from labeler.limits import LIMITS


if TYPE_CHECKING:
    from collections.abc import Iterable


IN_FILE, IN_IDAT = 0, 1
XMP_UUID = bytes.fromhex("BE7ACFCB97A942E89C71999491E3AFAC")
C2PA_UUID = bytes.fromhex("D8FEC3D61B0E483C92975828877EC481")
"""The names of boxes ``uuid`` with an XMP packet (XMP part 3) and with a manifest (C2PA A.5)."""
_MAX_BOXES = 10_000
_MAX_EXTENTS = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """One box: type, and where it starts, where its content starts, and where it ends."""

    type: bytes
    start: int
    body: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Location:
    """One entry of ``iloc``: extents are pairs of offset and length, offsets from ``base``."""

    item: int
    method: int
    reference: int
    base: int
    extents: tuple[tuple[int, int, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Locations:
    """The whole ``iloc`` box, with the field sizes it uses."""

    version: int
    offset_size: int
    length_size: int
    base_size: int
    index_size: int
    entries: tuple[Location, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One item of ``iinf``; ``coding`` is the content encoding of a mime item."""

    number: int
    type: bytes
    content_type: bytes = b""
    coding: bytes = b""


def read_boxes(data: bytes, start: int, end: int) -> list[Box]:
    """Return the boxes between two positions; what is no whole box at the end is left out."""
    found: list[Box] = []
    position = start
    while position + 8 <= end:
        size, kind = struct.unpack_from(">I4s", data, position)
        body = position + 8
        if size == 1 and position + 16 <= end:
            size = struct.unpack_from(">Q", data, body)[0]
            body += 8
        elif size == 0:
            size = end - position
        if size < body - position or position + size > end:
            break
        found.append(Box(type=kind, start=position, body=body, end=position + size))
        if len(found) > _MAX_BOXES:
            raise MediaTooLarge(f"the file has more than {_MAX_BOXES} boxes on one level")
        position += size
    return found


def child(data: bytes, parent: Box, kind: bytes, skip: int = 0) -> Box | None:
    """Return the first box of a type inside another, whose content starts after ``skip`` bytes."""
    boxes = read_boxes(data, parent.body + skip, parent.end)
    return next((box for box in boxes if box.type == kind), None)


def full_box(kind: bytes, version: int, content: bytes, flags: int = 0) -> bytes:
    """Return a box with version and flags."""
    return box(kind, struct.pack(">I", version << 24 | flags) + content)


def box(kind: bytes, content: bytes) -> bytes:
    """Return a whole box."""
    return struct.pack(">I4s", len(content) + 8, kind) + content


def read_items(data: bytes, iinf: Box) -> list[Item]:
    """Return the items that ``iinf`` lists, those of versions 2 and 3 (HEIF needs these)."""
    skip = 6 if data[iinf.body] == 0 else 8
    found = []
    for entry in read_boxes(data, iinf.body + skip, iinf.end):
        if entry.type != b"infe" or data[entry.body] < 2 or entry.end - entry.body < 12:
            continue
        wide = data[entry.body] > 2
        number = int.from_bytes(data[entry.body + 4 : entry.body + (8 if wide else 6)], "big")
        rest = entry.body + (10 if wide else 8)
        kind = data[rest : rest + 4]
        names = data[rest + 4 : entry.end].split(b"\0")
        told = names[1:3] if kind == b"mime" else []
        content_type, coding = [*told, b"", b""][:2]
        found.append(Item(number=number, type=kind, content_type=content_type, coding=coding))
    return found


def read_locations(data: bytes, iloc: Box) -> Locations:
    """Return the content of ``iloc``; raise `CorruptMedia` when it is torn."""
    try:
        return _read_locations(data, iloc)
    except (struct.error, IndexError) as error:
        raise CorruptMedia("the item locations (iloc) are truncated") from error


def write_locations(locations: Locations) -> bytes:
    """Return the ``iloc`` box; raise `UnsupportedMedia` when a number outgrows its field."""
    sizes = locations.offset_size << 12 | locations.length_size << 8
    sizes |= locations.base_size << 4 | locations.index_size
    wide = "I" if locations.version == 2 else "H"
    out = bytearray(struct.pack(f">H{wide}", sizes, len(locations.entries)))
    try:
        for entry in locations.entries:
            out += struct.pack(f">{wide}", entry.item)
            if locations.version:
                out += struct.pack(">H", entry.method)
            out += struct.pack(">H", entry.reference)
            out += entry.base.to_bytes(locations.base_size, "big")
            out += struct.pack(">H", len(entry.extents))
            for index, offset, length in entry.extents:
                out += index.to_bytes(locations.index_size, "big") if locations.version else b""
                out += offset.to_bytes(locations.offset_size, "big")
                out += length.to_bytes(locations.length_size, "big")
    except (OverflowError, struct.error) as error:
        raise UnsupportedMedia(
            "the item locations of this file have no room for a label"
        ) from error
    return full_box(b"iloc", locations.version, bytes(out))


def spans_of(location: Location | None, idat: Box | None, size: int) -> list[tuple[int, int]]:
    """Return the spans of an item in the file, cut to the file; [] for items elsewhere."""
    if location is None or location.reference or location.method & 15 > IN_IDAT:
        return []
    origin = location.base
    if location.method & 15 == IN_IDAT:
        if idat is None:
            return []
        origin += idat.body
    spans = [(origin + offset, origin + offset + length) for _, offset, length in location.extents]
    return [(start, end) for start, end in spans if start <= end <= size]


def moved(locations: Locations, behind: int, by: int) -> Locations:
    """Return the locations with every place at or behind a position moved."""
    return replace(
        locations, entries=tuple(_moved(entry, behind, by) for entry in locations.entries)
    )


def with_chunks_moved(moov: bytes, behind: int, by: int) -> bytes:
    """Return a ``moov`` box with the chunk offsets of its tracks (``stco``, ``co64``) moved."""
    out = bytearray(moov)
    for table in _tables(moov, read_boxes(moov, 0, len(moov))[0], {b"stco", b"co64"}):
        form = ">I" if table.type == b"stco" else ">Q"
        width = struct.calcsize(form)
        count = int.from_bytes(moov[table.body + 4 : table.body + 8], "big")
        if table.body + 8 + count * width > table.end:
            raise CorruptMedia("a chunk table claims more entries than it holds")
        for number in range(count):
            place = table.body + 8 + number * width
            offset = struct.unpack_from(form, moov, place)[0]
            if offset >= behind:
                struct.pack_into(form, out, place, offset + by)
    return bytes(out)


def sample_count(data: bytes, moov: Box) -> int:
    """Return the largest number of samples that a track of a sequence has."""
    counts = [
        struct.unpack_from(">I", data, table.body + 8)[0]
        for table in _tables(data, moov, {b"stsz"})
        if table.end - table.body >= 12
    ]
    return max(counts, default=1)


def _tables(data: bytes, moov: Box, kinds: set[bytes]) -> Iterable[Box]:
    """Yield the sample tables of some types in all tracks."""
    for trak in read_boxes(data, moov.body, moov.end):
        if trak.type != b"trak":
            continue
        inner: Box | None = trak
        for kind in (b"mdia", b"minf", b"stbl"):
            inner = child(data, inner, kind) if inner else None
        if inner:
            found = read_boxes(data, inner.body, inner.end)
            yield from (table for table in found if table.type in kinds)


def _moved(entry: Location, behind: int, by: int) -> Location:
    """Return one location, moved where it stands behind the position."""
    if entry.reference or entry.method & 15 != IN_FILE or not entry.extents:
        return entry
    far = [entry.base + offset >= behind for _, offset, _ in entry.extents]
    if entry.base and all(far):
        return replace(entry, base=entry.base + by)
    extents = tuple(
        (index, offset + by * is_far, length)
        for (index, offset, length), is_far in zip(entry.extents, far, strict=True)
    )
    return replace(entry, extents=extents)


def _read_locations(data: bytes, iloc: Box) -> Locations:
    """Return the content of ``iloc``; struct errors are the caller's."""
    version = data[iloc.body]
    wide = 4 if version == 2 else 2
    reader = _Reader(data, iloc.body + 4, iloc.end)
    sizes = reader.number(2)
    offset_size, length_size, base_size = sizes >> 12, sizes >> 8 & 15, sizes >> 4 & 15
    index_size = sizes & 15 if version else 0
    if version > 2 or {offset_size, length_size, base_size, index_size} - {0, 4, 8}:
        raise CorruptMedia("the item locations (iloc) have an unknown layout")
    count = reader.number(wide)
    entries = []
    total = 0
    for _ in range(min(count, LIMITS.segments)):
        item = reader.number(wide)
        method = reader.number(2) if version else 0
        reference, base, extents = reader.number(2), reader.number(base_size), reader.number(2)
        total += extents
        if total > _MAX_EXTENTS:
            raise MediaTooLarge(f"the items have more than {_MAX_EXTENTS} extents")
        parts = tuple(
            (reader.number(index_size), reader.number(offset_size), reader.number(length_size))
            for _ in range(extents)
        )
        entries.append(
            Location(item=item, method=method, reference=reference, base=base, extents=parts)
        )
    return Locations(
        version=version,
        offset_size=offset_size,
        length_size=length_size,
        base_size=base_size,
        index_size=index_size,
        entries=tuple(entries),
    )


class _Reader:
    """A position in a box that big-endian numbers are read from."""

    __slots__ = ("data", "end", "position")

    def __init__(self, data: bytes, position: int, end: int) -> None:
        self.data = data
        self.position = position
        self.end = end

    def number(self, size: int) -> int:
        """Return the next number of ``size`` bytes."""
        if self.position + size > self.end:
            raise CorruptMedia("the item locations (iloc) are truncated")
        self.position += size
        return int.from_bytes(self.data[self.position - size : self.position], "big")
