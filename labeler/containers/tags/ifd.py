"""
Image file directories of TIFF and EXIF: entries with their positions, both byte orders, BigTIFF.

Every offset is attacker text: it is checked against the data, loops end, and counts are capped.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import NamedTuple

from labeler.errors import CorruptMedia, MediaTooLarge
from labeler.limits import LIMITS


Buffer = bytes | bytearray

TYPE_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4}
BIG_TYPE_SIZES = TYPE_SIZES | {16: 8, 17: 8, 18: 8}
SUB_DIRECTORIES = {0x8769: "Exif", 0x8825: "GPS", 0xA005: "Interop"}

Value = tuple[int, int, bytes]
"""Type, count and content of an entry."""

_MAX_ENTRIES = 4096
_CLASSIC_BYTES = (1 << 32) - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """Byte order and field widths of one TIFF structure."""

    order: str
    big: bool

    @property
    def entry_size(self) -> int:
        """Bytes of one directory entry."""
        return 20 if self.big else 12

    @property
    def entry_format(self) -> str:
        """The struct format of one directory entry whose value stands elsewhere."""
        return self.order + ("HHQQ" if self.big else "HHII")

    @property
    def count_format(self) -> str:
        """The struct format of the entry count."""
        return self.order + ("Q" if self.big else "H")

    @property
    def offset_format(self) -> str:
        """The struct format of an offset."""
        return self.order + ("Q" if self.big else "I")

    @property
    def inline_size(self) -> int:
        """Bytes of a value that stands in the entry itself."""
        return 8 if self.big else 4


class Entry(NamedTuple):
    """One directory entry of some values: where it stands and where these stand."""

    tag: int
    type: int
    values: int
    position: int
    value_start: int
    value_end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Directory:
    """One directory: name, place, the entries that make sense, and where the next one is."""

    name: str
    start: int
    entries: tuple[Entry, ...]
    claimed: int
    next_position: int
    next_start: int

    def get(self, tag: int) -> Entry | None:
        """Return the first entry with this tag, or None."""
        return next((entry for entry in self.entries if entry.tag == tag), None)


def read_layout(data: Buffer) -> Layout:
    """Return the layout that the first bytes of a TIFF structure state."""
    order = {b"II": "<", b"MM": ">"}.get(bytes(data[:2]))
    if order is None or len(data) < 8:
        raise CorruptMedia("the TIFF structure has no II or MM header")
    magic = struct.unpack_from(order + "H", data, 2)[0]
    if magic not in {42, 43}:
        raise CorruptMedia("the TIFF structure has a wrong magic number")
    if magic == 43 and (len(data) < 16 or struct.unpack_from(order + "HH", data, 4) != (8, 0)):
        raise CorruptMedia("the BigTIFF header is malformed")
    return Layout(order=order, big=magic == 43)


def read_all(data: Buffer) -> tuple[Layout, tuple[Directory, ...]]:
    """
    Return the layout and every directory: the chain in order, each with its sub-directories behind.

    Raises
    ------
    CorruptMedia
        A header, directory or chain is malformed. Sub-directories that are malformed are left out.
    """
    layout = read_layout(data)
    found: list[Directory] = []
    seen: set[int] = set()
    start = struct.unpack_from(layout.offset_format, data, 8 if layout.big else 4)[0]
    page = total = 0
    while start:
        if start in seen:
            raise CorruptMedia("the chain of TIFF directories runs in a circle")
        if page >= LIMITS.frames:
            raise MediaTooLarge(f"the file has more than {LIMITS.frames} TIFF directories")
        directory = read_directory(data, layout, start, f"IFD{page}")
        seen.add(start)
        family = [directory, *_below(data, layout, directory, seen)]
        found.extend(family)
        total += sum(member.claimed for member in family)
        if total > LIMITS.segments:
            raise MediaTooLarge(f"the TIFF directories have more than {LIMITS.segments} entries")
        start = directory.next_start
        page += 1
    return layout, tuple(found)


def read_directory(data: Buffer, layout: Layout, start: int, name: str) -> Directory:
    """Return the directory at ``start``; entries whose value lies outside the data are left out."""
    width = struct.calcsize(layout.count_format)
    if start + width > len(data):
        raise CorruptMedia(f"the TIFF directory {name} lies outside the data")
    count = struct.unpack_from(layout.count_format, data, start)[0]
    end = start + width + count * layout.entry_size
    if count > _MAX_ENTRIES or end > len(data):
        raise CorruptMedia(f"the TIFF directory {name} claims {count} entries")
    positions = range(start + width, end, layout.entry_size)
    entries = (_read_entry(data, layout, position) for position in positions)
    offset = struct.calcsize(layout.offset_format)
    tail = end + offset <= len(data)
    following = struct.unpack_from(layout.offset_format, data, end)[0] if tail else 0
    return Directory(
        name=name,
        start=start,
        entries=tuple(entry for entry in entries if entry),
        claimed=count,
        next_position=end if tail else 0,
        next_start=following,
    )


def read_number(data: Buffer, layout: Layout, entry: Entry | None, default: int = 0) -> int:
    """Return the first number of an integer entry, ``default`` when there is none."""
    formats = {1: "B", 3: "H", 4: "I", 13: "I", 16: "Q", 18: "Q"}
    if entry is None or entry.type not in formats or entry.values < 1:
        return default
    number: int = struct.unpack_from(layout.order + formats[entry.type], data, entry.value_start)[0]
    return number


def _below(data: Buffer, layout: Layout, directory: Directory, seen: set[int]) -> list[Directory]:
    """Return the sub-directories of a directory, two levels deep, malformed ones left out."""
    found: list[Directory] = []
    pending = [directory]
    while pending:
        above = pending.pop()
        for tag, name in SUB_DIRECTORIES.items():
            start = read_number(data, layout, above.get(tag))
            if not start or start in seen or len(seen) > 2 * LIMITS.frames:
                continue
            seen.add(start)
            try:
                below = read_directory(data, layout, start, f"{directory.name} {name}")
            except CorruptMedia:
                continue
            found.append(below)
            pending.append(below)
    return found


def _read_entry(data: Buffer, layout: Layout, position: int) -> Entry | None:
    """Return one entry, or None when its value cannot lie where it says."""
    tag, kind, count, start = struct.unpack_from(layout.entry_format, data, position)
    size = (BIG_TYPE_SIZES if layout.big else TYPE_SIZES).get(kind, 0) * count
    if size <= layout.inline_size:
        start = position + (12 if layout.big else 8)
    if not size or start + size > len(data):
        return None
    return Entry(tag, kind, count, position, start, start + size)


def raw_entries(data: Buffer, layout: Layout, directory: Directory) -> dict[int, bytes]:
    """Return the entries of a directory as they stand in the file, by tag, unreadable ones too."""
    first = directory.start + struct.calcsize(layout.count_format)
    count = struct.unpack_from(layout.count_format, data, directory.start)[0]
    end = first + count * layout.entry_size
    if end > len(data):
        raise CorruptMedia(f"{directory.name} is cut off")
    rows = (bytes(data[at : at + layout.entry_size]) for at in range(first, end, layout.entry_size))
    return {struct.unpack_from(layout.order + "H", row)[0]: row for row in rows}


def append_value(out: bytearray, layout: Layout, tag: int, value: Value) -> bytes:
    """Return the entry for a value, put at the end of ``out`` when it is too long for the entry."""
    kind, count, content = value
    if len(content) > layout.inline_size:
        out += bytes(-len(out) % 8)
        content, out[len(out) :] = struct.pack(layout.offset_format, len(out)), content
    field = content.ljust(layout.inline_size, b"\0")
    return (
        struct.pack(layout.order + "HH", tag, kind)
        + struct.pack(layout.offset_format, count)
        + field
    )


def append_directory(
    out: bytearray, layout: Layout, entries: dict[int, bytes], following: int = 0
) -> tuple[int, int]:
    """Put a directory at the end of ``out``; return its start and where its next pointer stands."""
    out += bytes(-len(out) % 8)
    start = len(out)
    out += struct.pack(layout.count_format, len(entries))
    for tag in sorted(entries):
        out += entries[tag]
    out += struct.pack(layout.offset_format, following)
    if not layout.big and len(out) > _CLASSIC_BYTES:
        raise MediaTooLarge("with the label the TIFF would be over 4 GiB; store it as BigTIFF")
    return start, len(out) - struct.calcsize(layout.offset_format)


def value_of(data: Buffer, source: Layout, entry: Entry, target: Layout) -> Value | None:
    """Return the value of an entry in the byte order of ``target``; None when it cannot hold it."""
    content = bytes(data[entry.value_start : entry.value_end])
    if entry.type not in (BIG_TYPE_SIZES if target.big else TYPE_SIZES):
        return None
    if source.order != target.order:
        width = {5: 4, 10: 4}.get(entry.type, BIG_TYPE_SIZES[entry.type])
        units = (content[i : i + width] for i in range(0, len(content), width))
        content = b"".join(unit[::-1] for unit in units) if width > 1 else content
    return entry.type, entry.values, content
