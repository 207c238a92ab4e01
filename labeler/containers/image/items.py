"""The ``meta`` box of AVIF and HEIC: reading its tables, and rebuilding it with further items."""

from __future__ import annotations

import struct
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from labeler.containers import boxes
from labeler.errors import CorruptMedia, UnsupportedMedia


if TYPE_CHECKING:
    from collections.abc import Sequence

    from labeler.containers.boxes import Box, Item, Location, Locations


_WIDE = 0xFFFF
_NO_LOCATIONS = boxes.Locations(
    version=0, offset_size=4, length_size=4, base_size=0, index_size=0, entries=()
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Meta:
    """The top-level boxes and the tables of the ``meta`` box."""

    top: tuple[Box, ...]
    box: Box
    parts: tuple[Box, ...]
    primary: int
    items: tuple[Item, ...]
    locations: Locations
    places: dict[int, Location]
    idat: Box | None

    def part(self, kind: bytes) -> Box | None:
        """Return the box of a type inside ``meta``, or None."""
        return next((part for part in self.parts if part.type == kind), None)

    def location(self, number: int) -> Location | None:
        """Return where an item stands, or None."""
        return self.places.get(number)


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """One item to put in: new when ``number`` is None, else a new place for that item."""

    number: int | None
    type: bytes
    content: bytes
    content_type: bytes = b""
    coding: bytes = b""


def read_meta(data: bytes) -> Meta:
    """
    Return the tables of the file.

    Raises `CorruptMedia` when they are torn, `UnsupportedMedia` when the file has no picture items
    (an image sequence without a still picture).
    """
    if data[4:8] != b"ftyp":
        raise CorruptMedia("the file type box is missing")
    top = boxes.read_boxes(data, 0, len(data))
    found = next((box for box in top if box.type == b"meta"), None)
    if found is None:
        if any(box.type == b"moov" for box in top):
            raise UnsupportedMedia("an image sequence without a still picture has no place for XMP")
        raise CorruptMedia("the meta box is missing or truncated")
    parts = boxes.read_boxes(data, found.body + 4, found.end)
    by_type = {part.type: part for part in reversed(parts)}
    if missing := {b"pitm", b"iinf"} - by_type.keys():
        raise CorruptMedia(f"the meta box has no {min(missing).decode()}")
    pitm, iinf = by_type[b"pitm"], by_type[b"iinf"]
    if pitm.end - pitm.body < 6 or iinf.end - iinf.body < 6:
        raise CorruptMedia("the meta box has truncated tables")
    iloc = by_type.get(b"iloc")
    locations = boxes.read_locations(data, iloc) if iloc else _NO_LOCATIONS
    return Meta(
        top=tuple(top),
        box=found,
        parts=tuple(parts),
        primary=int.from_bytes(data[pitm.body + 4 : pitm.end], "big"),
        items=tuple(boxes.read_items(data, iinf)),
        locations=locations,
        places={entry.item: entry for entry in reversed(locations.entries)},
        idat=by_type.get(b"idat"),
    )


def properties_of(data: bytes, meta: Meta, number: int) -> list[Box]:
    """Return the properties that ``ipma`` ties to an item, in their order."""
    iprp = meta.part(b"iprp")
    ipco = boxes.child(data, iprp, b"ipco") if iprp else None
    ipma = boxes.child(data, iprp, b"ipma") if iprp else None
    if ipco is None or ipma is None:
        return []
    known = boxes.read_boxes(data, ipco.body, ipco.end)
    try:
        indices = _associations(data, ipma, number)
    except (struct.error, IndexError) as error:
        raise CorruptMedia("the item properties (ipma) are truncated") from error
    return [known[index - 1] for index in indices if 0 < index <= len(known)]


def place(data: bytes, placements: Sequence[Placement]) -> bytes:
    """
    Return the file with the items put into a new ``mdat`` behind the last box.

    ``meta`` grows, so what stands behind it moves: item locations and chunk tables follow.
    """
    meta = read_meta(data)
    if any(box.type == b"moof" for box in meta.top):
        raise UnsupportedMedia("fragmented image sequences have no stable place for a label")
    numbered = _numbered(meta, placements)
    end = meta.top[-1].end
    # The length of meta does not depend on the offsets in it: a first pass finds the length.
    grown = len(_rebuilt(data, meta, numbered, start=0, by=0)) - (meta.box.end - meta.box.start)
    rebuilt = _rebuilt(data, meta, numbered, start=end + grown + 8, by=grown)
    content = boxes.box(b"mdat", b"".join(item.content for item in numbered))
    pieces = [rebuilt if part is meta.box else _moved(data, part, meta, grown) for part in meta.top]
    return b"".join([*pieces, content, data[end:]])


def _moved(data: bytes, part: Box, meta: Meta, grown: int) -> bytes:
    """Return a top-level box, its chunk tables moved, and its size stated."""
    whole = data[part.start : part.end]
    if part.type == b"moov":
        return boxes.with_chunks_moved(whole, meta.box.end, grown)
    if not int.from_bytes(whole[:4], "big"):
        # "Up to the end of the file" would take in the new box.
        if len(whole) >> 32:
            raise UnsupportedMedia("the media data is over 4 GiB and states no size")
        return struct.pack(">I", len(whole)) + whole[4:]
    return whole


def _numbered(meta: Meta, placements: Sequence[Placement]) -> list[Placement]:
    """Return the placements, new items numbered behind all others."""
    known = [item.number for item in meta.items] + [e.item for e in meta.locations.entries]
    highest = max(known, default=0)
    numbered = []
    for placement in placements:
        if placement.number is None:
            highest += 1
            numbered.append(replace(placement, number=highest))
        else:
            numbered.append(placement)
    if highest > _WIDE and meta.locations.version < 2:
        raise UnsupportedMedia("the file has no item number left for a label")
    return numbered


def _rebuilt(
    data: bytes, meta: Meta, placements: Sequence[Placement], *, start: int, by: int
) -> bytes:
    """Return the ``meta`` box with the items listed, located at ``start`` and behind, and tied."""
    known = {item.number for item in meta.items}
    new = [item for item in placements if item.number not in known]
    entries = {entry.item: entry for entry in boxes.moved(meta.locations, meta.box.end, by).entries}
    for item in placements:
        number = item.number or 0
        entries[number] = _location(meta.locations, number, start, len(item.content))
        start += len(item.content)
    locations = replace(_with_sizes(meta.locations), entries=tuple(entries.values()))
    pieces = [data[meta.box.body : meta.box.body + 4]]
    for part in meta.parts:
        if part.type == b"iinf":
            pieces.append(_listed(data, part, new))
        elif part.type == b"iloc":
            pieces.append(boxes.write_locations(locations))
        elif part.type == b"iref":
            pieces.append(_tied(data[part.body : part.end], new, meta.primary))
        else:
            pieces.append(data[part.start : part.end])
    if meta.part(b"iloc") is None:
        pieces.append(boxes.write_locations(locations))
    if meta.part(b"iref") is None and new:
        pieces.append(
            _tied(bytes([_reference_version(new, meta.primary), 0, 0, 0]), new, meta.primary)
        )
    return boxes.box(b"meta", b"".join(pieces))


def _reference_version(new: Sequence[Placement], primary: int) -> int:
    """Return the version of ``iref`` that the item numbers need."""
    return int(max([primary, *(item.number or 0 for item in new)]) > _WIDE)


def _with_sizes(locations: Locations) -> Locations:
    """Return the locations with fields that can say where a new item stands."""
    return replace(
        locations,
        offset_size=locations.offset_size or (0 if locations.base_size else 4),
        length_size=locations.length_size or 4,
    )


def _location(locations: Locations, number: int, start: int, length: int) -> Location:
    """Return the location of a new item, in the base or in the extent as the file has room."""
    # In the base where there is one: c2pa-rs moves an offset behind an empty base twice.
    in_base = locations.base_size > 0
    return boxes.Location(
        item=number,
        method=boxes.IN_FILE,
        reference=0,
        base=start if in_base else 0,
        extents=((0, 0 if in_base else start, length),),
    )


def _listed(data: bytes, iinf: Box, new: Sequence[Placement]) -> bytes:
    """Return ``iinf`` with the new items behind the old ones."""
    version = data[iinf.body]
    form = ">H" if version == 0 else ">I"
    width = struct.calcsize(form)
    count = struct.unpack_from(form, data, iinf.body + 4)[0] + len(new)
    if count >> 8 * width:
        raise CorruptMedia("the list of items has no room for a label")
    old = data[iinf.body + 4 + width : iinf.end]
    listed = b"".join(_info(item) for item in new)
    head = data[iinf.body : iinf.body + 4]
    return boxes.box(b"iinf", head + struct.pack(form, count) + old + listed)


def _info(item: Placement) -> bytes:
    """Return the ``infe`` box of a new item."""
    number = item.number or 0
    wide = number > _WIDE
    content = struct.pack(">IH" if wide else ">HH", number, 0) + item.type + b"\0"
    if item.type == b"mime":
        content += item.content_type + b"\0" + (item.coding + b"\0" if item.coding else b"")
    return boxes.full_box(b"infe", 3 if wide else 2, content)


def _tied(content: bytes, new: Sequence[Placement], primary: int) -> bytes:
    """Return ``iref`` with one ``cdsc`` (content describes) reference a new item."""
    if len(content) < 4:
        raise CorruptMedia("the item references (iref) are truncated")
    form = ">IHI" if content[0] else ">HHH"
    if not content[0] and _reference_version(new, primary):
        raise UnsupportedMedia("the item references of this file have no room for a label")
    ties = (boxes.box(b"cdsc", struct.pack(form, item.number, 1, primary)) for item in new)
    return boxes.box(b"iref", content + b"".join(ties))


def _associations(data: bytes, ipma: Box, number: int) -> list[int]:
    """Return the property indices of an item; struct errors are the caller's."""
    version, flags = data[ipma.body], data[ipma.body + 3]
    count = struct.unpack_from(">I", data, ipma.body + 4)[0]
    position = ipma.body + 8
    for _ in range(count):
        if position >= ipma.end:
            break
        item = struct.unpack_from(">I" if version else ">H", data, position)[0]
        position += 4 if version else 2
        size = data[position]
        position += 1
        step = 2 if flags & 1 else 1
        found = data[position : position + size * step]
        position += size * step
        if item == number:
            mask = 0x7FFF if flags & 1 else 0x7F
            return [
                int.from_bytes(found[i : i + step], "big") & mask
                for i in range(0, len(found), step)
            ]
    return []
