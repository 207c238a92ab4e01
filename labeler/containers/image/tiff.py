"""TIFF and BigTIFF: the XMP packet is tag 700, type 7, in a copy of the first directory (R-33)."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING

from labeler.containers.carriers import capped
from labeler.containers.model import STALE_C2PA, Block, Carrier, Header
from labeler.containers.tags import exif, ifd, xmp
from labeler.errors import CorruptMedia, MediaTooLarge


if TYPE_CHECKING:
    from collections.abc import Iterator

    from labeler.containers.tags.ifd import Directory, Layout


_XMP, _ICC, _C2PA = 0x02BC, 0x8773, 0xCD41
_EXIF, _GPS, _INTEROP = 0x8769, 0x8825, 0xA005
_MAKER_NOTE = 0x927C
_WIDTH, _HEIGHT, _ORIENTATION = 0x0100, 0x0101, 0x0112
_UNDEFINED = 7
_SLACK = 1 << 20
_BYTE_TYPES = {1, 2, _UNDEFINED}
_STRIPS = ((0x0111, 0x0117), (0x0144, 0x0145))
_ENCODER = {
    *range(0x00FE, 0x0109),
    0x010A,
    0x0111,
    *range(0x0115, 0x011A),
    0x011C,
    0x0120,
    0x0121,
    0x0122,
    0x0124,
    0x0125,
    0x013D,
    *range(0x0140, 0x0156),
    0x015B,
    *range(0x0200, 0x020A),
    *range(0x0211, 0x0215),
    _EXIF,
    _GPS,
    _ICC,
}
"""Tags that describe the stored samples, and those that are carried in a way of their own."""


def probe(data: bytes) -> Header:
    """Return the size and orientation of the first page, and the number of pages."""
    layout, pages = _pages(data)
    sizes = [_size(data, layout, page) for page in pages]
    orientation = ifd.read_number(data, layout, pages[0].get(_ORIENTATION), 1)
    return Header(
        format="tiff",
        width=sizes[0][0],
        height=sizes[0][1],
        frames=len(pages),
        orientation=orientation if orientation in range(1, 9) else 1,
        total_pixels=sum(width * height for width, height in sizes),
    )


def blocks(data: bytes) -> Iterator[Block]:
    """Yield XMP, ICC and C2PA tags; labels in other tags are found by `find`."""
    _, directories = ifd.read_all(data)
    kinds = {_XMP: "xmp", _ICC: "icc", _C2PA: "c2pa"}
    for directory in directories:
        for entry in directory.entries:
            if kind := kinds.get(entry.tag):
                content = memoryview(data)[entry.value_start : entry.value_end]
                place = f"TIFF {directory.name} tag {entry.tag}"
                yield Block(kind=kind, place=place, content=content)


def find(data: bytes) -> tuple[Carrier, ...]:
    """Return every copy: XMP tags of all pages, descriptions, EXIF, other text tags."""
    layout, directories = ifd.read_all(data)
    return capped(exif.find_in(data, layout, directories, "TIFF"))


def write(data: bytes, value: str, source_type: str = "") -> bytes:
    """
    Return the file with the label in tag 700 of the first page; strips and tiles do not move.

    A packet that does not fit where the old one stood goes to the end of the file, with a copy of
    the first directory; the chain of pages goes on from there.
    """
    layout, directories = ifd.read_all(data)
    if not directories:
        raise CorruptMedia("the TIFF has no page")
    old = directories[0].get(_XMP)
    old_packet = data[old.value_start : old.value_end] if old else b""
    packet = xmp.merge(old_packet, value, source_type)
    out = bytearray(data)
    exif.collapse_in(out, layout, directories, keep=old.position if old else -1)
    # Entries may have left the first directory: its positions are read again.
    first = ifd.read_directory(out, layout, directories[0].start, "IFD0")
    place = first.get(_XMP)
    room = place.value_end - place.value_start if place else 0
    if place and layout.inline_size < len(packet) <= room and place.type in _BYTE_TYPES:
        out[place.value_start : place.value_end] = packet.ljust(room)
        struct.pack_into(layout.order + "H", out, place.position + 2, _UNDEFINED)
        return bytes(out)
    if place and room > layout.inline_size:
        out[place.value_start : place.value_end] = bytes(room)
    entries = ifd.raw_entries(out, layout, first)
    entries[_XMP] = ifd.append_value(out, layout, _XMP, (_UNDEFINED, len(packet), packet))
    start, _ = ifd.append_directory(out, layout, entries, first.next_start)
    struct.pack_into(layout.offset_format, out, _first_pointer(layout), start)
    return bytes(out)


def carry(source: bytes, encoded: bytes) -> tuple[bytes, tuple[str, ...]]:
    """
    Put the descriptive tags of ``source`` into ``encoded``, page by page.

    Tags that describe the stored samples are the encoder's; where both have a descriptive tag, that
    of the source stays. EXIF and GPS directories move as they are.
    """
    old_layout, old_pages = _pages(source)
    layout, pages = _pages(encoded)
    notes: list[str] = []
    if len(old_pages) != len(pages):
        notes.append("the number of TIFF pages changed: tags of surplus pages are not carried")
    out = bytearray(encoded)
    pointer = _first_pointer(layout)
    for number, page in enumerate(pages):
        entries = ifd.raw_entries(out, layout, page)
        if number < len(old_pages):
            told = _Told(data=source, layout=old_layout, page=old_pages[number])
            entries |= _carried(told, out, layout, has_icc=_ICC in entries, notes=notes)
        start, following = ifd.append_directory(out, layout, entries, page.next_start)
        struct.pack_into(layout.offset_format, out, pointer, start)
        pointer = following
        if len(out) > len(encoded) + 2 * len(source) + _SLACK:
            raise MediaTooLarge("the TIFF directories of the source claim more than the file holds")
    return bytes(out), tuple(dict.fromkeys(notes))


def payload_bytes(data: bytes) -> Iterator[memoryview]:
    """Yield the strips or tiles of every page."""
    layout, pages = _pages(data)
    view = memoryview(data)
    for page in pages:
        for offsets, counts in _STRIPS:
            starts = _numbers(data, layout, page, offsets)
            for start, size in zip(starts, _numbers(data, layout, page, counts), strict=False):
                yield view[start : start + size]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Told:
    """One page of the source: the data, its layout and its directory."""

    data: bytes
    layout: Layout
    page: Directory

    def __post_init__(self) -> None:
        """Refuse values that claim more bytes than there are: copying them would explode."""
        if sum(e.value_end - e.value_start for e in self.page.entries) > 2 * len(self.data):
            raise CorruptMedia(f"the values of the TIFF directory {self.page.name} overlap")


def _pages(data: bytes) -> tuple[Layout, list[Directory]]:
    """Return the layout and the directories of the chain, without those below them."""
    layout, directories = ifd.read_all(data)
    pages = [directory for directory in directories if " " not in directory.name]
    if not pages or not pages[0].get(_WIDTH) or not pages[0].get(_HEIGHT):
        raise CorruptMedia("the TIFF has no page with a width and a height")
    return layout, pages


def _size(data: bytes, layout: Layout, page: Directory) -> tuple[int, int]:
    """Return width and height of a page."""
    return (
        ifd.read_number(data, layout, page.get(_WIDTH)),
        ifd.read_number(data, layout, page.get(_HEIGHT)),
    )


def _first_pointer(layout: Layout) -> int:
    """Return where the offset of the first directory stands."""
    return 8 if layout.big else 4


def _numbers(data: bytes, layout: Layout, page: Directory, tag: int) -> tuple[int, ...]:
    """Return all numbers of an integer entry."""
    entry = page.get(tag)
    form = {3: "H", 4: "I", 13: "I", 16: "Q", 18: "Q"}.get(entry.type) if entry else None
    if entry is None or form is None:
        return ()
    return struct.unpack_from(f"{layout.order}{entry.values}{form}", data, entry.value_start)


def _carried(
    told: _Told, out: bytearray, layout: Layout, *, has_icc: bool, notes: list[str]
) -> dict[int, bytes]:
    """Append the descriptive values of one page; return their entries."""
    entries: dict[int, bytes] = {}
    for entry in told.page.entries:
        if entry.tag in {_EXIF, _GPS}:
            start = _moved(told, entry.tag, out, layout, notes=notes)
            if start:
                entries[entry.tag] = ifd.append_value(
                    out, layout, entry.tag, _pointer(layout, start)
                )
        elif entry.tag not in _ENCODER or (entry.tag == _ICC and not has_icc):
            value = ifd.value_of(told.data, told.layout, entry, layout)
            if value is None:
                notes.append(f"TIFF tag {entry.tag} needs BigTIFF: it is not carried")
                continue
            if entry.tag == _C2PA:
                notes.append(STALE_C2PA)
            entries[entry.tag] = ifd.append_value(out, layout, entry.tag, value)
    return entries


def _moved(told: _Told, tag: int, out: bytearray, layout: Layout, *, notes: list[str]) -> int:
    """Append a copy of the sub-directory behind ``tag``; return its start, 0 when it is broken."""
    start = ifd.read_number(told.data, told.layout, told.page.get(tag))
    try:
        below = ifd.read_directory(told.data, told.layout, start, "sub-directory")
    except CorruptMedia:
        notes.append(f"the TIFF directory behind tag {tag} is broken: it is not carried")
        return 0
    inner = _Told(data=told.data, layout=told.layout, page=below)
    entries: dict[int, bytes] = {}
    for entry in below.entries:
        value = ifd.value_of(told.data, told.layout, entry, layout)
        if entry.tag == _INTEROP and tag == _EXIF:
            value = _pointer(layout, _moved(inner, _INTEROP, out, layout, notes=notes))
        if entry.tag == _MAKER_NOTE:
            notes.append("the maker note is kept; offsets inside it may no longer fit")
        if value is not None:
            entries[entry.tag] = ifd.append_value(out, layout, entry.tag, value)
    return ifd.append_directory(out, layout, entries)[0]


def _pointer(layout: Layout, start: int) -> ifd.Value:
    """Return the value that points to a sub-directory."""
    if layout.big:
        return 18, 1, struct.pack(layout.offset_format, start)
    return 4, 1, struct.pack(layout.offset_format, start)
