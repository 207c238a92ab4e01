"""AVIF and HEIC: the XMP packet is a ``mime`` item that describes the primary picture (R-33)."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from labeler.containers import boxes
from labeler.containers.boxes import C2PA_UUID, XMP_UUID
from labeler.containers.carriers import collect
from labeler.containers.image import items
from labeler.containers.image.items import Meta, Placement, read_meta
from labeler.containers.model import STALE_C2PA, STALE_THUMBNAIL, Block, Carrier, Header
from labeler.containers.sniffing import sniff
from labeler.containers.spans import blanked
from labeler.containers.tags import exif, xmp
from labeler.errors import CorruptMedia
from labeler.limits import LIMITS


if TYPE_CHECKING:
    from collections.abc import Iterator

    from labeler.containers.boxes import Item


XMP_TYPE = b"application/rdf+xml"
_METADATA = {b"Exif", b"mime", b"uri "}
_QUARTERS = {0: (1, 4, 2), 1: (8, 5, 7), 2: (3, 2, 4), 3: (6, 7, 5)}
"""EXIF orientation by quarter turns anticlockwise: not mirrored, mirrored on axis 0, on axis 1."""


def probe(data: bytes) -> Header:
    """Return size and turning of the primary item, and the number of samples of a sequence."""
    meta = read_meta(data)
    properties = items.properties_of(data, meta, meta.primary)
    told = {box.type: data[box.body : box.end] for box in reversed(properties)}
    if len(told.get(b"ispe", b"")) < 12:
        raise CorruptMedia("the primary picture states no size (ispe)")
    coded = struct.unpack_from(">II", told[b"ispe"], 4)
    width, height = _aperture(told.get(b"clap", b"")) or coded
    turn = told[b"irot"][0] & 3 if told.get(b"irot") else 0
    mirror = 1 + (told[b"imir"][0] & 1) if told.get(b"imir") else 0
    moov = next((box for box in meta.top if box.type == b"moov"), None)
    frames = max(1, boxes.sample_count(data, moov)) if moov else 1
    return Header(
        format="avif" if sniff(data) == "avif" else "heic",
        width=width,
        height=height,
        frames=frames,
        orientation=_QUARTERS[turn][mirror],
        animated=frames > 1,
        total_pixels=max(width * height, coded[0] * coded[1]) * frames,
    )


def blocks(data: bytes) -> Iterator[Block]:
    """Yield XMP, EXIF and other metadata items, and the XMP, C2PA and unknown top-level boxes."""
    meta = read_meta(data)
    for item, content in _metadata(data, meta):
        yield _item_block(item, content)
    for box in meta.top:
        inside = memoryview(data)[box.body : box.end]
        kind = bytes(inside[:16])
        if box.type == b"uuid" and kind == XMP_UUID:
            yield Block(kind="xmp", place="XMP uuid box", content=inside[16:])
        elif box.type == b"uuid" and kind == C2PA_UUID:
            yield Block(kind="c2pa", place="C2PA uuid box", content=inside[16:])
        elif box.type not in {b"ftyp", b"meta", b"mdat", b"moov"}:
            name = box.type.decode("latin-1")
            key = name.strip()
            yield Block(
                kind="text", place=f"box {name!a}", content=inside, key=key, scheme="isobmff-box"
            )
    if profile := _profile(data, meta):
        yield Block(kind="icc", place="colr property", content=profile)
    if meta.top[-1].end < len(data):
        rest = memoryview(data)[meta.top[-1].end :]
        yield Block(kind="raw", place="behind the last box", content=rest, scheme="isobmff-box")


def find(data: bytes) -> tuple[Carrier, ...]:
    """Return every copy: XMP items and boxes, EXIF items, items and boxes of others."""
    return collect(blocks(data))


def write(data: bytes, value: str, source_type: str = "") -> bytes:
    """
    Return the file with one XMP item that holds the label, picture data byte-identical.

    A packet that fits where the old one stood goes there; else it goes into a new ``mdat`` at the
    end of the file, and blanks stand where the old one was.
    """
    meta = read_meta(data)
    main, old_packet = next(
        ((item, old or b"") for item, old in _metadata(data, meta) if _is_xmp(item)), (None, b"")
    )
    packet = xmp.merge(old_packet, value, source_type)
    out = _collapsed(data, meta, main)
    if main:
        spans = boxes.spans_of(meta.location(main.number), meta.idat, len(data))
        if len(spans) == 1 and len(packet) <= spans[0][1] - spans[0][0]:
            out[slice(*spans[0])] = packet.ljust(spans[0][1] - spans[0][0])
            return bytes(out)
        for start, end in spans:
            out[start:end] = b" " * (end - start)
    number = main.number if main else None
    placement = Placement(number=number, type=b"mime", content_type=XMP_TYPE, content=packet)
    return items.place(bytes(out), [placement])


def carry(source: bytes, encoded: bytes) -> tuple[bytes, tuple[str, ...]]:
    """
    Put EXIF, XMP and other metadata items of ``source``, and its C2PA box, into ``encoded``.

    The colour profile and the turning of the picture are properties of the coded item, so they are
    the encoder's; EXIF and XMP are made to state the turning that the new file has.
    """
    old, new = read_meta(source), read_meta(encoded)
    orientation = probe(encoded).orientation
    notes: list[str] = []
    known = {(item.type, item.content_type): item.number for item in new.items}
    placements = []
    for item, content in _metadata(source, old):
        if content is None:
            notes.append("a metadata item over the limit on XMP is not carried")
        elif content:
            fitted = _fitted(item, content, orientation, notes)
            number = known.pop((item.type, item.content_type), None)
            placements.append(
                Placement(
                    number=number,
                    type=item.type,
                    content_type=item.content_type,
                    coding=item.coding,
                    content=fitted,
                )
            )
    if _profile(source, old) and not _profile(encoded, new):
        notes.append("the colour profile is a property of the coded picture: it is not carried")
    out = items.place(encoded, placements) if placements else encoded
    for box in old.top:
        if box.type == b"uuid" and box.end - box.body > 16:
            if source.startswith(C2PA_UUID, box.body):
                notes.append(STALE_C2PA)
            out += source[box.start : box.end]
    return out, tuple(dict.fromkeys(notes))


def payload_bytes(data: bytes) -> Iterator[memoryview]:
    """Yield the data of all picture items; the samples of sequences are not among them."""
    meta = read_meta(data)
    for item in meta.items:
        if item.type not in _METADATA:
            for start, end in boxes.spans_of(meta.location(item.number), meta.idat, len(data)):
                yield memoryview(data)[start:end]


def _aperture(clap: bytes) -> tuple[int, int] | None:
    """Return the size of the clean aperture, which is what a viewer shows."""
    if len(clap) < 16:
        return None
    width, width_parts, height, height_parts = struct.unpack_from(">4I", clap)
    if not (width and width_parts and height and height_parts):
        return None
    return max(1, width // width_parts), max(1, height // height_parts)


def _is_xmp(item: Item) -> bool:
    """Say whether an item is a plain XMP packet."""
    return item.type == b"mime" and item.content_type == XMP_TYPE and not item.coding


def _profile(data: bytes, meta: Meta) -> bytes:
    """Return the ICC profile of the primary picture, b'' when it has none."""
    for box in items.properties_of(data, meta, meta.primary):
        if box.type == b"colr" and data[box.body : box.body + 4] in {b"prof", b"rICC"}:
            return data[box.body + 4 : box.end]
    return b""


def _metadata(data: bytes, meta: Meta) -> Iterator[tuple[Item, bytes | None]]:
    """Yield the metadata items with their data; None for the surplus over the limit on XMP."""
    budget = LIMITS.xmp_bytes
    for item in meta.items:
        if item.type in _METADATA:
            spans = boxes.spans_of(meta.location(item.number), meta.idat, len(data))
            budget -= sum(end - start for start, end in spans)
            content = b"".join(data[start:end] for start, end in spans) if budget >= 0 else None
            yield item, content


def _item_block(item: Item, content: bytes | None) -> Block:
    """Return a metadata item as a block."""
    kind = (item.content_type or item.type)[:40].decode("latin-1")
    place = f"item {item.number} {kind!a}"
    if content is None:
        why = f"metadata oversized: the items have more than {LIMITS.xmp_bytes} bytes"
        return Block(kind="raw", place=place, scheme="isobmff-item", fault=why)
    if item.coding:
        why = f"the item is coded as {item.coding[:20].decode('latin-1')!a}, which is not read"
        return Block(kind="raw", place=place, scheme="isobmff-item", fault=why)
    if _is_xmp(item):
        return Block(kind="xmp", place=place, content=content)
    if item.type == b"Exif":
        return Block(kind="exif", place=place, content=content[_exif_start(content) :])
    return Block(kind="raw", place=place, content=content, scheme="isobmff-item")


def _exif_start(content: bytes) -> int:
    """Return where the TIFF structure of an Exif item starts: behind the offset it opens with."""
    offset = int.from_bytes(content[:4], "big")
    return min(4 + offset, len(content))


def _collapsed(data: bytes, meta: Meta, main: Item | None) -> bytearray:
    """Return the file, same length, with its copies of a label given up but the main one."""
    out = bytearray(data)
    for item, content in _metadata(data, meta):
        spans = boxes.spans_of(meta.location(item.number), meta.idat, len(data))
        if item is not main and len(spans) == 1 and content and not item.coding:
            out[slice(*spans[0])] = _given_up(item, content)
    for box in meta.top:
        if box.type == b"uuid" and data.startswith(XMP_UUID, box.body):
            packet = data[box.body + 16 : box.end]
            out[box.body + 16 : box.end] = _padded(packet, xmp.collapse(packet))
        elif box.type not in {b"ftyp", b"meta", b"mdat", b"moov", b"uuid"}:
            out[box.body : box.end] = blanked(data[box.body : box.end])
    out[meta.top[-1].end :] = blanked(data[meta.top[-1].end :])
    return out


def _given_up(item: Item, content: bytes) -> bytes:
    """Return the content of an item, same length, without a copy of a label."""
    if item.type == b"Exif":
        start = _exif_start(content)
        return content[:start] + exif.collapse(content[start:])
    if _is_xmp(item):
        return _padded(content, xmp.collapse(content))
    return blanked(content)


def _padded(old: bytes, new: bytes) -> bytes:
    """Return the new packet with blanks up to the length of the old one."""
    return new.ljust(len(old)) if len(new) <= len(old) else old


def _fitted(item: Item, content: bytes, orientation: int, notes: list[str]) -> bytes:
    """Return an item as the new file may have it: its turning, and no old thumbnail."""
    if _is_xmp(item):
        return xmp.with_orientation(content, orientation)
    if item.type != b"Exif":
        return content
    start = _exif_start(content)
    block, dropped = exif.without_thumbnail(content[start:])
    notes.extend([STALE_THUMBNAIL] * dropped)
    return content[:start] + exif.with_orientation(block, orientation)
